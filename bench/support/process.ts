import { readFileSync, readdirSync } from 'node:fs'

const TICKS_PER_SECOND = 100

/** Milliseconds of CPU that a process has used, in steps of 10. Linux only, like all in this file. */
export function cpuMs(pid: number): number {
  // The second field is the name in parentheses, which may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND
}

export type Memory = {
  rssMb: number
  /** Shared pages count in parts, so that those of several processes can be added. */
  pssMb: number
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const mb = (text: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024
  return { rssMb: mb(status, 'VmRSS'), pssMb: mb(rollup, 'Pss') }
}

/** The processes below a process, at any depth. */
export function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => childrenOf(pid, task))
  return children.flatMap((child) => [child, ...descendants(child)])
}

function childrenOf(pid: number, task: string): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
    return (text.match(/\d+/g) ?? []).map(Number)
  } catch {
    return []
  }
}

export const nameOf = (pid: number): string => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
