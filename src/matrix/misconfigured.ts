import type { Clock } from '../model/clock.ts'
import type { Logger } from '../model/logger.ts'
import type { Circuit } from './circuit.ts'

const PAUSE_MS = 30_000
const AGAIN_MS = 60_000

/** Refusals that no retry mends: everything waits, and the log says so, but not once per message. */
export class Misconfigured {
  readonly #circuit: Circuit
  readonly #clock: Clock
  readonly #log: Logger
  #lastSaid = 0

  constructor(circuit: Circuit, clock: Clock, log: Logger) {
    this.#circuit = circuit
    this.#clock = clock
    this.#log = log
  }

  /** The homeserver refuses the registration itself. */
  raise(why: string): void {
    this.#circuit.asked(PAUSE_MS)
    const now = this.#clock.now().getTime()
    if (now - this.#lastSaid < AGAIN_MS) return
    this.#lastSaid = now
    this.#log.error(
      { why },
      'the homeserver refuses our registration: tokens or namespaces differ from its copy',
    )
  }
}
