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
  host: Pick<ConnectorHost, 'accept' | 'hint' | 'clock' | 'log'>
  gate: Gate
  /** Must not throw for what it cannot understand: that is handed to `poisoned`. */
  convert: (info: RawUpdateInfo) => Promise<Converted>
  /** What is told in place of an update that cannot be understood. */
  poisoned: (info: RawUpdateInfo, error: unknown) => Converted
  /** What was converted is in the ledger: whatever has to be kept beside it is kept now. */
  accepted: () => Promise<void>
  /** The ledger takes nothing, for longer than updates can be kept in memory. */
  onDown: (error: unknown) => void
}

const MOST_AT_ONCE = 50
/** While the ledger is away, updates pile up in memory; after this the server has to keep them. */
const PATIENCE_MS = 60_000
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 5_000

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

  async #convert(info: RawUpdateInfo): Promise<Converted> {
    try {
      return await this.#deps.convert(info)
    } catch (error) {
      this.#deps.host.log.error(
        { error: messageOf(error), update: info.update._ },
        'an update cannot be understood',
      )
      return this.#deps.poisoned(info, error)
    }
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
      await this.#accept(read.flatMap(({ found }) => found.events))
      await this.#deps.accepted()
      for (const hint of read.flatMap(({ found }) => found.hints ?? [])) this.#deps.host.hint(hint)
      for (const { work } of read) work.done()
    } catch (error) {
      for (const { work } of read) work.failed(error)
    }
  }

  /** @throws when the ledger is away for long, or the connection has ended */
  async #accept(events: RemoteEvent[]): Promise<void> {
    const { host, onDown } = this.#deps
    const begun = host.clock.now().getTime()
    for (let pause = FIRST_PAUSE_MS; events.length > 0; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      if (this.#stopped.signal.aborted) throw new Error('the connection has ended')
      try {
        return await host.accept(events)
      } catch (error) {
        if (host.clock.now().getTime() - begun > PATIENCE_MS) {
          if (!this.#down) onDown(error)
          this.#down = true
          throw error
        }
        host.log.warn({ error: messageOf(error) }, 'the ledger does not take updates; trying again')
      }
      await sleep(host.clock, pause, this.#stopped.signal)
    }
  }
}
