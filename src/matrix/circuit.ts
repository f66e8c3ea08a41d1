import type { Clock } from '../model/clock.ts'

const FAILURES_TO_OPEN = 4
const FIRST_PAUSE_MS = 500
const PROBE_MS = 5000
const LONGEST_PAUSE_MS = 30_000
const LONGEST_REQUESTED_MS = 10 * 60_000

/** Thrown instead of making a request while the homeserver is known to be away. */
export class HomeserverPaused extends Error {
  readonly afterMs: number
  constructor(afterMs: number) {
    super('the homeserver is away; requests wait')
    this.name = 'HomeserverPaused'
    this.afterMs = afterMs
  }
}

/**
 * Keeps requests away from a homeserver that cannot answer. Only failures to reach it count: an error of one room says
 * nothing about the others. After a pause one request goes ahead as a probe.
 */
export class Circuit {
  readonly #clock: Clock
  #failures = 0
  #openUntil = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds to wait before a request may be made; 0: go ahead. */
  pauseMs(): number {
    if (this.#openUntil === 0) return 0
    const left = this.#openUntil - this.#clock.now().getTime()
    if (left > 0) return left
    // This request is the probe; should it never end, another may try after a while.
    this.#openUntil = this.#clock.now().getTime() + PROBE_MS
    return 0
  }

  /** The homeserver answered, whatever it said. */
  reached(): void {
    this.#failures = 0
    this.#openUntil = 0
  }

  /** No answer, or one that only a proxy gives. */
  failed(): void {
    this.#failures += 1
    if (this.#failures < FAILURES_TO_OPEN) return
    const grown = FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - FAILURES_TO_OPEN, 10)
    this.#open(Math.min(grown, LONGEST_PAUSE_MS))
  }

  /** The homeserver, or a proxy before it, asked everybody to wait. */
  asked(afterMs: number): void {
    this.#open(Math.min(afterMs, LONGEST_REQUESTED_MS))
  }

  #open(ms: number): void {
    this.#openUntil = this.#clock.now().getTime() + ms
  }
}
