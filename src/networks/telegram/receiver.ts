import type { RawUpdateInfo } from '@mtcute/core'
import { sleep } from '../../model/clock.ts'
import { messageOf } from '../../model/errors.ts'
import type { ConnectorHost } from '../../model/network.ts'
import type { RemoteEvent, RemoteHint } from '../../model/remote-event.ts'
import type { Gate } from './gate.ts'

/** What becomes of an update: rows for the ledger, in order, and what need not be kept. */
export type Converted = {
  events: RemoteEvent[]
  hints?: RemoteHint[]
  /** Has to end before anything that comes after is read; what came before is in the ledger by then. */
  pause?: () => Promise<void>
}

export type ReceiverDeps = {
  host: Pick<ConnectorHost, 'accept' | 'clock' | 'log'>
  gate: Gate
  convert: (info: RawUpdateInfo) => Promise<Converted>
  /** Fails when nothing can be read or kept now: then it is no fault of an update that it cannot be converted. */
  storeAnswers: () => Promise<void>
  /** Keeps an update that cannot be understood. @returns what is told in its place */
  poisoned: (info: RawUpdateInfo, error: unknown) => Promise<Converted>
  /** What was converted is in the ledger: whatever has to be kept beside it is kept now. */
  accepted: () => Promise<void>
  /** What need not be kept is passed on, when the events that came with it are in the ledger. It never throws. */
  hinted: (hints: RemoteHint[]) => void
  /** The ledger takes nothing, for longer than updates can be kept in memory. */
  onDown: (error: unknown) => void
}

const MOST_AT_ONCE = 50
/** While the ledger is away, updates pile up in memory; after this the server has to keep them. */
const PATIENCE_MS = 60_000
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 5_000
const ATTEMPTS = 2

type Work = { run(): Promise<Converted>; done(): void; failed(error: unknown): void }

/** Takes updates of one account into the ledger, in the order in which they came. */
export class Receiver {
  readonly #deps: ReceiverDeps
  readonly #queue: Work[] = []
  readonly #stopped = new AbortController()
  #busy = false
  #down = false

  constructor(deps: ReceiverDeps) {
    this.#deps = deps
  }

  /** A listener of mtcute's: never throws, for an update after an exception is lost for good. */
  readonly onUpdate = (info: RawUpdateInfo): void => {
    this.#deps.gate.hold(this.take(() => this.#convert(info)))
  }

  /** Puts something into the order of updates. Resolves when it is in the ledger. */
  take(run: () => Promise<Converted>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ run, done: resolve, failed: reject })
      void this.#work()
    })
  }

  /** Nothing more is taken; what is under way fails, so that the cursor stays before it. */
  stop(): void {
    this.#stopped.abort()
    const error = new Error('the connection has ended')
    for (const work of this.#queue.splice(0)) work.failed(error)
  }

  /** An update that fails twice while all that it needs is there is at fault itself. */
  #convert(info: RawUpdateInfo): Promise<Converted> {
    const { convert, storeAnswers, poisoned } = this.#deps
    let failures = 0
    return this.#patiently('an update cannot be read', async () => {
      try {
        return await convert(info)
      } catch (error) {
        await storeAnswers()
        failures += 1
        if (failures < ATTEMPTS) throw error
        return poisoned(info, error)
      }
    })
  }

  async #work(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    while (this.#queue.length > 0) await this.#some(this.#queue.splice(0, MOST_AT_ONCE))
    this.#busy = false
  }

  /** Never throws. */
  async #some(works: Work[]): Promise<void> {
    let read: { work: Work; found: Converted }[] = []
    for (const work of works) {
      try {
        const found = await work.run()
        read.push({ work, found })
        if (found.pause === undefined) continue
        await this.#take(read)
        read = []
        await found.pause()
      } catch (error) {
        work.failed(error)
      }
    }
    await this.#take(read)
  }

  /** Never throws. */
  async #take(read: { work: Work; found: Converted }[]): Promise<void> {
    try {
      const events = read.flatMap(({ found }) => found.events)
      await this.#patiently('the ledger does not take updates', async () => {
        if (events.length > 0) await this.#deps.host.accept(events)
        await this.#deps.accepted()
      })
      const hints = read.flatMap(({ found }) => found.hints ?? [])
      if (hints.length > 0) this.#deps.hinted(hints)
      for (const { work } of read) work.done()
    } catch (error) {
      for (const { work } of read) work.failed(error)
    }
  }

  /** Tries until it works. @throws when it does not for long, or the connection has ended */
  async #patiently<T>(trouble: string, run: () => Promise<T>): Promise<T> {
    const { host, onDown } = this.#deps
    const begun = host.clock.now().getTime()
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      if (this.#stopped.signal.aborted) throw new Error('the connection has ended')
      try {
        return await run()
      } catch (error) {
        if (host.clock.now().getTime() - begun > PATIENCE_MS) {
          if (!this.#down) onDown(error)
          this.#down = true
          throw error
        }
        host.log.warn({ error: messageOf(error) }, `telegram: ${trouble}; trying again`)
      }
      await sleep(host.clock, pause, this.#stopped.signal)
    }
  }
}
