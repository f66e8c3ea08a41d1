import type { Clock } from '../../src/model/clock.ts'

type Timer = { at: number; fn: () => void }

/** Turns of the event loop that a finished timer's consequences get; promises of one turn all settle in it. */
const TURNS = 3

/** A clock that stands still until a test moves it, so that an hour passes at once and nothing races. */
export class ManualClock implements Clock {
  #now: number
  readonly #timers = new Set<Timer>()

  constructor(start = new Date('2026-01-01T00:00:00Z')) {
    this.#now = start.getTime()
  }

  now(): Date {
    return new Date(this.#now)
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), fn }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Milliseconds until each waiting timer is due, the soonest first. */
  get waiting(): number[] {
    return [...this.#timers].map((timer) => timer.at - this.#now).sort((a, b) => a - b)
  }

  /** Moves on by `ms` milliseconds; timers run in the order in which they are due, each with what follows from it. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await settled()
    for (let due = this.#next(until); due !== undefined; due = this.#next(until)) {
      this.#timers.delete(due)
      this.#now = Math.max(this.#now, due.at)
      due.fn()
      await settled()
    }
    this.#now = until
  }

  #next(until: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.at <= until)
    return due.sort((a, b) => a.at - b.at)[0]
  }
}

/** Resolves when everything that needs no time and no socket has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
