import type { Clock } from '../../src/model/clock.ts'

type Timer = { at: number; run: () => void }

/** Real time, for sockets to work in, that a test can put forward: what is due by then happens at once, each timer once. */
export class JumpClock implements Clock {
  #aheadMs = 0
  readonly #timers = new Set<Timer>()

  now(): Date {
    return new Date(Date.now() + this.#aheadMs)
  }

  after(ms: number, fn: () => void): () => void {
    const cancel = () => {
      clearTimeout(real)
      this.#timers.delete(timer)
    }
    const run = () => {
      cancel()
      fn()
    }
    const real = setTimeout(run, Math.min(Math.max(0, ms), 2 ** 31 - 1))
    real.unref()
    const timer = { at: this.now().getTime() + ms, run }
    this.#timers.add(timer)
    return cancel
  }

  /** Goes forward by `ms` milliseconds. */
  jump(ms: number): void {
    this.#aheadMs += ms
    const now = this.now().getTime()
    const due = [...this.#timers].filter((timer) => timer.at <= now).sort((a, b) => a.at - b.at)
    // One that an earlier one has cancelled does not run.
    for (const timer of due) if (this.#timers.has(timer)) timer.run()
  }

  /** Goes forward in steps of `stepMs` milliseconds, with a breath for sockets after each, until a condition holds. */
  async jumpUntil(holds: () => boolean | Promise<boolean>, stepMs: number, what: string): Promise<void> {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (await holds()) return
      this.jump(stepMs)
      await new Promise((resolve) => setTimeout(resolve, BREATH_MS))
    }
    throw new Error(`${MOST_STEPS} steps of ${stepMs} ms in vain: ${what}`)
  }
}

const MOST_STEPS = 400
const BREATH_MS = 25
