import type { Clock } from '../../model/clock.ts'
import { sleep } from '../../model/clock.ts'

/** Spaces out new connections to one network: those who come too fast are thrown out. */
export class Gate {
  readonly #clock: Clock
  readonly #everyMs: number
  #next = 0

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#everyMs = 1_000 / Math.max(perSecond, 0.001)
  }

  /** Resolves when it is the caller's turn, or at once when the signal aborts. */
  pass(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now().getTime()
    const turn = Math.max(now, this.#next)
    this.#next = turn + this.#everyMs
    return turn <= now ? Promise.resolve() : sleep(this.#clock, turn - now, signal)
  }
}
