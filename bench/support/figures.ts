import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'

/** What a run came to. `latenciesMs` has one entry for each call, in the order in which they ended. */
export type Run = { count: number; ms: number; latenciesMs: number[] }

/** Calls `fn` at most `count` times, `parallel` at a time, and starts no further call after `maxMs`. */
export async function timed(
  options: { count: number; parallel: number; maxMs: number },
  fn: (index: number, worker: number) => Promise<unknown>,
): Promise<Run> {
  const latenciesMs: number[] = []
  const began = performance.now()
  let next = 0
  const worker = async (id: number) => {
    while (next < options.count && performance.now() - began < options.maxMs) {
      const index = next
      next += 1
      const start = performance.now()
      await fn(index, id)
      latenciesMs.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: options.parallel }, (_, id) => worker(id)))
  return { count: latenciesMs.length, ms: performance.now() - began, latenciesMs }
}

export const perSecond = (run: { count: number; ms: number }): number => (run.count * 1000) / run.ms

/** The value below which the part `p` (0 to 1) of all values lies. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN
}

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export const rate = (value: number, unit: string): string => `${grouped.format(value)} ${unit}/s`
export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`
export const spread = (values: readonly number[]): string =>
  `p50 ${milliseconds(percentile(values, 0.5))}, p99 ${milliseconds(percentile(values, 0.99))}`

/** Prints a title with the state of the machine: figures of a busy machine are worth their ratios only. */
export function title(text: string): void {
  const load = loadavg().map((value) => value.toFixed(1))
  console.log(
    `\n${text}\n  ${availableParallelism()} cores, node ${process.version}, load average ${load.join(' ')}`,
  )
}

/** Prints one figure, and what it is to be held against. */
export function figure(what: string, value: string, beside?: string): void {
  console.log(`  ${what.padEnd(58)} ${value}${beside === undefined ? '' : `   (${beside})`}`)
}

/** Milliseconds in which the disk under `folder` takes 8 KiB for certain: the floor of every durable figure. */
export function syncCosts(folder: string): number[] {
  const path = join(folder, 'sync-probe')
  const file = openSync(path, 'w')
  const page = Buffer.alloc(8192, 1)
  const costs: number[] = []
  for (let i = 0; i < 100; i += 1) {
    const start = performance.now()
    writeSync(file, page)
    fdatasyncSync(file)
    costs.push(performance.now() - start)
  }
  closeSync(file)
  rmSync(path)
  return costs
}
