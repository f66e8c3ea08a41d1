import { AccountData } from './account-data.ts'
import { Accounts } from './accounts.ts'
import { AppserviceApi } from './appservice-api.ts'
import { HttpTransactionCache, TransactionRows } from './dedupe.ts'
import { Directory } from './directory.ts'
import { Ephemeral } from './ephemeral.ts'
import { notFound } from './errors.ts'
import { EventLog } from './event-log.ts'
import { Faults } from './faults.ts'
import { History } from './history.ts'
import { Media } from './media.ts'
import { Memberships } from './membership.ts'
import { Posting } from './posting.ts'
import type { Retry } from './recoverer.ts'
import { RoomCreation } from './room-creation.ts'
import { Scheduler } from './scheduler.ts'
import { Sync } from './sync.ts'
import type { RoomVersion } from './types.ts'

export type CoreOptions = {
  serverName: string
  defaultRoomVersion: RoomVersion
  retry: Retry
  txnTimeoutMs: number
  maxUploadBytes: number
  /** Behave as with delegated authentication (MAS): no /login, appservices must register with inhibit_login. */
  mas: boolean
  progress: () => void
}

/** The homeserver without its HTTP side. Everything here but what `kill` clears stands for its database. */
export class Core {
  readonly options: CoreOptions
  readonly httpCache = new HttpTransactionCache()
  readonly rows = new TransactionRows()
  readonly log: EventLog
  readonly accounts: Accounts
  readonly accountData: AccountData
  readonly ephemeral: Ephemeral
  readonly memberships: Memberships
  readonly posting: Posting
  readonly directory: Directory
  readonly creation: RoomCreation
  readonly history: History
  readonly media: Media
  readonly sync: Sync
  readonly faults: Faults
  readonly api: AppserviceApi
  readonly scheduler: Scheduler
  #lifetime = new AbortController()

  constructor(options: CoreOptions) {
    const { serverName, retry, progress } = options
    this.options = options
    this.log = new EventLog(serverName)
    this.accounts = new Accounts(serverName, this.rows)
    this.accountData = new AccountData(this.log)
    this.ephemeral = new Ephemeral(this.log)
    this.memberships = new Memberships(this.log, this.accounts)
    this.posting = new Posting(this.log, this.rows)
    this.directory = new Directory(serverName, this.log, () => this.scheduler.appservices())
    this.creation = new RoomCreation(this, options.defaultRoomVersion)
    this.history = new History(this.log)
    this.media = new Media(serverName, options.maxUploadBytes)
    this.sync = new Sync(this.log, this.ephemeral, this.accountData)
    this.faults = new Faults({
      flush: () => this.scheduler.queues().forEach((queue) => queue.flush()),
      replay: (index, appserviceId) => this.#replay(index, appserviceId),
      resetTransactionIds: () => this.scheduler.resetTransactionIds(),
      clearHttpCache: () => this.httpCache.clear(),
      clearTransactionRows: () => this.rows.clear(),
      crashAfterAlias: (times) => (this.creation.crashAfterAlias = times),
    })
    this.api = new AppserviceApi(options.txnTimeoutMs)
    const { log, accounts, ephemeral, api, faults } = this
    this.scheduler = new Scheduler({ log, accounts, ephemeral, api, faults, retry, progress })
  }

  /** Aborts when the homeserver is killed. */
  get signal(): AbortSignal {
    return this.#lifetime.signal
  }

  /** The room of an alias; asks the appservices if nobody knows it. Throws 404. */
  async resolveAlias(alias: string): Promise<string> {
    const { signal } = this
    const known = this.directory.find(alias)
    if (known !== undefined) return known
    await this.scheduler.askForAlias(alias)
    signal.throwIfAborted()
    const found = this.directory.find(alias)
    if (found === undefined) throw notFound(`Room alias ${alias} not found`)
    return found
  }

  /** Drops what a dying process has in memory. */
  kill(): void {
    this.#lifetime.abort()
    this.httpCache.clear()
    this.ephemeral.kill()
    this.scheduler.kill(this.faults.loseOnHold)
    this.api.kill()
  }

  restart(): void {
    this.#lifetime = new AbortController()
    this.scheduler.restart(!this.faults.loseOnHold)
  }

  async #replay(index: number, appserviceId: string | undefined): Promise<boolean> {
    const wanted = this.scheduler
      .queues()
      .filter(
        ({ appservice }) => appservice.url !== null && (appserviceId ?? appservice.id) === appservice.id,
      )
    const [queue] = wanted
    if (queue === undefined) throw new Error('no appservice to replay to')
    return queue.replay(index)
  }
}
