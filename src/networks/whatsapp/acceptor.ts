import { sleep } from '../../model/clock.ts'
import { ViaductError, messageOf } from '../../model/errors.ts'
import type { ConnectorHost } from '../../model/network.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import type { Journal } from './journal.ts'

/** Something that happened, on its way into the ledger. */
export type Job = {
  /** Called once, in order, when everything before it is converted. */
  events(): readonly RemoteEvent[] | Promise<readonly RemoteEvent[]>
  /** What is told instead of something that can't be read. */
  unreadable?(): readonly RemoteEvent[]
  /** What becomes confirmed when it is in the ledger. */
  hashes?: readonly string[]
  /** Called when it is in the ledger. @throws when that is not noted: it is told once more */
  accepted?(): Promise<void>
}

const MOST_AT_ONCE = 50
/** Tries of something that fails for no reason that passes. */
const MOST_TRIES = 3
const MOST_WAITING = 200
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 10_000

/** What others want to know of it. */
type Told = {
  /** So many things wait for the ledger. */
  waiting(jobs: number): void
  /** Something cannot be read. */
  unread(error: string): void
}

/** Hands over what happened in the order in which it happened, for as long as it takes, and confirms it only then. */
export class Acceptor {
  readonly #host: ConnectorHost
  readonly #journal: Journal
  readonly #told: Told
  readonly #stopping = new AbortController()
  readonly #jobs: Job[] = []
  #isWorking = false
  /** Of the jobs that were begun, those that are not in the ledger. */
  #begun = 0
  /** Something was left out because of the end. */
  #isCut = false
  #working: Promise<void> = Promise.resolve()
  #wake: () => void = () => undefined

  constructor(host: ConnectorHost, journal: Journal, told: Told) {
    this.#host = host
    this.#journal = journal
    this.#told = told
  }

  push(job: Job): void {
    this.#jobs.push(job)
    this.#tell()
    if (this.#isWorking) return
    this.#isWorking = true
    this.#working = this.#work()
  }

  /** Resolves when there is room for more: a ledger that takes nothing has to slow WhatsApp down. */
  async room(): Promise<void> {
    while (this.#jobs.length >= MOST_WAITING && !this.#stopping.signal.aborted) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** What has been converted is handed over; the rest is replayed by the next connection. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake()
    await this.#working
    // What is left is the next connection's.
    this.#told.waiting(0)
  }

  /** Never throws. */
  async #work(): Promise<void> {
    const { signal } = this.#stopping
    while (this.#jobs.length > 0 && !signal.aborted) {
      const jobs = this.#jobs.splice(0, MOST_AT_ONCE)
      this.#begun = jobs.length
      this.#wake()
      const events: RemoteEvent[] = []
      for (const job of jobs) events.push(...(await this.#converted(job)))
      // What was not converted because of the end must not be confirmed.
      if (this.#isCut || !(await this.#accepted(events))) break
      await this.#confirm(jobs)
      this.#begun = 0
      this.#tell()
    }
    this.#isWorking = false
  }

  #tell(): void {
    this.#told.waiting(this.#jobs.length + this.#begun)
  }

  /** What it needs to be read may be away for a while; what can't be read at all must hold up nobody. */
  async #converted(job: Job): Promise<readonly RemoteEvent[]> {
    const { signal } = this.#stopping
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        return await job.events()
      } catch (error) {
        const passes = error instanceof ViaductError && error.retryable
        if (!passes && tries >= MOST_TRIES) {
          this.#told.unread(messageOf(error))
          return job.unreadable?.() ?? []
        }
        const fields = { error: messageOf(error), tries }
        this.#host.log.warn(fields, 'whatsapp: something that came has to wait')
        await sleep(this.#host.clock, Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS), signal)
      }
    }
    this.#isCut = true
    return []
  }

  /** @returns false when it was given up because of the end */
  async #accepted(events: RemoteEvent[]): Promise<boolean> {
    const { signal } = this.#stopping
    for (let wait = FIRST_WAIT_MS; events.length > 0; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        await this.#host.accept(events)
        return true
      } catch (error) {
        this.#host.log.warn({ error: messageOf(error) }, 'whatsapp: the ledger takes nothing')
        if (signal.aborted) return false
        await sleep(this.#host.clock, wait, signal)
        if (signal.aborted) return false
      }
    }
    return true
  }

  async #confirm(jobs: readonly Job[]): Promise<void> {
    const hashes = jobs.flatMap((job) => job.hashes ?? [])
    try {
      if (hashes.length > 0) await this.#journal.confirm(hashes)
      for (const job of jobs) await job.accepted?.()
    } catch (error) {
      // It is replayed once more, and dropped as a repeat.
      this.#host.log.warn({ error: messageOf(error) }, 'whatsapp: not noted that something was taken in')
    }
  }
}
