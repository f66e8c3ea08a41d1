import type { Clock } from '../../model/clock.ts'
import { sleep } from '../../model/clock.ts'
import { ViaductError, messageOf } from '../../model/errors.ts'
import type { Logger } from '../../model/logger.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'

const BATCH = 100
const FULL = 1_000
const LOW = 200
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000

/**
 * What one network told, on its way into the ledger, in order of arrival. While the ledger cannot take it nothing is
 * dropped: beyond a limit the connections are not read any more.
 */
export class Intake {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #accept: (events: RemoteEvent[]) => Promise<void>
  readonly #pressure: (full: boolean) => void
  readonly #queue: RemoteEvent[] = []
  #running: Promise<void> | undefined
  #full = false
  readonly #stop = new AbortController()

  constructor(o: {
    clock: Clock
    log: Logger
    accept: (events: RemoteEvent[]) => Promise<void>
    /** Called when the connections have to pause, and when they may go on. */
    pressure: (full: boolean) => void
  }) {
    this.#clock = o.clock
    this.#log = o.log
    this.#accept = o.accept
    this.#pressure = o.pressure
  }

  push(events: RemoteEvent[]): void {
    if (events.length === 0) return
    this.#queue.push(...events)
    if (!this.#full && this.#queue.length > FULL) {
      this.#full = true
      this.#pressure(true)
    }
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves when everything is taken, or taking is given up because of `stop`. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  /** Gives up waiting for a ledger that does not answer. */
  stop(): void {
    this.#stop.abort()
  }

  get length(): number {
    return this.#queue.length
  }

  #drop(error: ViaductError): void {
    const [event] = this.#queue.splice(0, 1)
    this.#log.error(
      { error: error.message, chat: event?.chat.id, id: event?.id, kind: event?.kind },
      'IRC event refused',
    )
  }

  async #drain(): Promise<void> {
    // Lets the rest of what came in one packet share the commit.
    await Promise.resolve()
    let pauseMs = FIRST_PAUSE_MS
    let size = BATCH
    while (this.#queue.length > 0) {
      const events = this.#queue.slice(0, size)
      try {
        await this.#accept(events)
        size = BATCH
      } catch (error) {
        if (error instanceof ViaductError && !error.retryable) {
          // One of them can never be taken: it is found by going on one at a time, and the others do not wait for it.
          if (events.length === 1) this.#drop(error)
          size = 1
          continue
        }
        this.#log.warn(
          { error: messageOf(error), waiting: this.#queue.length },
          'ledger did not take IRC events',
        )
        await sleep(this.#clock, pauseMs, this.#stop.signal)
        if (this.#stop.signal.aborted) return
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)
        continue
      }
      pauseMs = FIRST_PAUSE_MS
      this.#queue.splice(0, events.length)
      if (this.#full && this.#queue.length < LOW) {
        this.#full = false
        this.#pressure(false)
      }
    }
  }
}
