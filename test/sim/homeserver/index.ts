import { Auth } from './auth.ts'
import { Core } from './core.ts'
import { Appservice } from './appservice.ts'
import type { Faults } from './faults.ts'
import { HttpServer } from './http-server.ts'
import type { Retry } from './recoverer.ts'
import { Router } from './router.ts'
import { accountRoutes, registerPerson } from './routes/account-routes.ts'
import { eventRoutes } from './routes/event-routes.ts'
import { mediaRoutes } from './routes/media-routes.ts'
import { profileRoutes } from './routes/profile-routes.ts'
import { roomRoutes } from './routes/room-routes.ts'
import { serverRoutes } from './routes/server-routes.ts'
import { syncRoutes } from './routes/sync-routes.ts'
import { SimUser } from './sim-user.ts'
import { clientForm } from './stored-event.ts'
import type { Content, Registration, RoomVersion, SimEvent } from './types.ts'
import { text } from './types.ts'
import { Waiting } from './waiting.ts'

export type { Action, Faults, Match } from './faults.ts'
export { SimUser } from './sim-user.ts'
export type { Content, Registration, RoomVersion, SimEvent } from './types.ts'

export type SimHomeserverOptions = {
  /** Default `sim.local`. */
  serverName?: string
  /** Default 0: any free port. */
  port?: number
  /** Default 11, like Synapse. */
  defaultRoomVersion?: RoomVersion
  appservices?: Registration[]
  /** Pauses between retries of transactions; default 50 ms to 1 s, where Synapse has 2 s to 512 s. */
  retry?: Retry
  /** How long an appservice may take for response headers; default 60,000 like Synapse. */
  txnTimeoutMs?: number
  /** Default 50 MiB. */
  maxUploadBytes?: number
  /** Delegated authentication: no /login, registration only with inhibit_login. */
  mas?: boolean
}

const DEFAULT_WAIT_MS = 30_000

/** A small Matrix homeserver on 127.0.0.1 that treats appservices as Synapse does, with switches for faults. */
export class SimHomeserver {
  readonly serverName: string
  readonly faults: Faults
  readonly #core: Core
  readonly #auth: Auth
  readonly #http: HttpServer
  readonly #waiting: Waiting
  readonly #users = new Map<string, SimUser>()
  #isUp = false

  private constructor(options: SimHomeserverOptions) {
    this.serverName = options.serverName ?? 'sim.local'
    this.#waiting = new Waiting()
    const { progress } = this.#waiting
    const core = new Core({
      serverName: this.serverName,
      defaultRoomVersion: options.defaultRoomVersion ?? '11',
      retry: options.retry ?? { baseMs: 50, maxMs: 1000 },
      txnTimeoutMs: options.txnTimeoutMs ?? 60_000,
      maxUploadBytes: options.maxUploadBytes ?? 50 * 1024 * 1024,
      mas: options.mas ?? false,
      progress,
    })
    this.#core = core
    this.faults = core.faults
    this.#auth = new Auth(core.accounts)
    for (const registration of options.appservices ?? []) this.addAppservice(registration)
    core.log.onAppend(progress)
    const router = new Router((call) => this.#auth.requesterOf(call))
    accountRoutes(router, core, this.#auth)
    for (const add of [eventRoutes, mediaRoutes, profileRoutes, roomRoutes, serverRoutes, syncRoutes])
      add(router, core)
    this.#http = new HttpServer(router, core.faults, options.port ?? 0, progress)
  }

  static async start(options: SimHomeserverOptions = {}): Promise<SimHomeserver> {
    const homeserver = new SimHomeserver(options)
    await homeserver.#http.listen()
    homeserver.#isUp = true
    return homeserver
  }

  /** Stays the same over kill and restart. */
  get url(): string {
    return `http://127.0.0.1:${this.#http.port}`
  }

  addAppservice(registration: Registration): void {
    const appservice = new Appservice(registration, this.serverName)
    this.#auth.add(appservice)
    this.#core.scheduler.add(appservice)
  }

  /** A person's account, registered if new. The password is the localpart. */
  async user(localpart: string): Promise<SimUser> {
    const known = this.#users.get(localpart)
    if (known !== undefined) return known
    const core = this.#live()
    const userId = core.accounts.userId(localpart)
    if (!core.accounts.has(userId)) registerPerson(core, localpart, localpart)
    const user = new SimUser(core.accounts.login(userId), () => this.#live())
    this.#users.set(localpart, user)
    return user
  }

  /** All events of a room in order, each as its sender sees it (with `unsigned.transaction_id`). */
  timeline(roomId: string): SimEvent[] {
    return this.#core.log.room(roomId).timeline.map((event) => clientForm(event, 'sender'))
  }

  state(roomId: string, type: string, key = ''): Content | undefined {
    return this.#core.log.rooms.get(roomId)?.stateContent(type, key)
  }

  /** User ids with that membership, `join` by default. */
  members(roomId: string, membership = 'join'): string[] {
    const room = this.#core.log.rooms.get(roomId)
    const events = room?.memberEvents().filter(({ content }) => content['membership'] === membership) ?? []
    return events.map(({ stateKey }) => stateKey ?? '')
  }

  roomIds(): string[] {
    return [...this.#core.log.rooms.keys()]
  }

  /** The room of an alias, without asking appservices. */
  roomOfAlias(alias: string): string | undefined {
    return this.#core.directory.find(alias)
  }

  profile(userId: string): { displayname?: string; avatar_url?: string } {
    const profile = this.#core.accounts.profile(userId)
    const [displayname, avatarUrl] = [text(profile, 'displayname'), text(profile, 'avatar_url')]
    return {
      ...(displayname === undefined ? {} : { displayname }),
      ...(avatarUrl === undefined ? {} : { avatar_url: avatarUrl }),
    }
  }

  /** Who types in a room. */
  typing(roomId: string): string[] {
    const typing = this.#core.ephemeral.changes(roomId, '', 0).find(({ type }) => type === 'm.typing')
    return (typing?.content['user_ids'] as string[] | undefined) ?? []
  }

  /** The event up to which a user has read. */
  readMark(roomId: string, userId: string): string | undefined {
    const receipts = this.#core.ephemeral.changes(roomId, '', 0).find(({ type }) => type === 'm.receipt')
    const read = Object.entries((receipts?.content ?? {}) as Record<string, Record<string, Content>>)
    return read.find(([, { 'm.read': readers = {} }]) => userId in readers)?.[0]
  }

  presence(userId: string): Content | undefined {
    return this.#core.ephemeral.presence(userId)
  }

  accountData(userId: string, type: string, roomId = ''): Content | undefined {
    return this.#core.accountData.get(userId, roomId, type)
  }

  devices(userId: string): string[] {
    return this.#core.accounts.devices(userId)
  }

  /** Deletes a device with its transaction rows, as a logout or MAS's device sync does. */
  deleteDevice(userId: string, deviceId: string): void {
    this.#core.accounts.deleteDevice(userId, deviceId)
  }

  /** True if no transaction is under way or waiting for the appservice. */
  isDrained(appserviceId: string): boolean {
    const { scheduler } = this.#core
    const queue = scheduler.queues().find(({ appservice }) => appservice.id === appserviceId)
    return scheduler.isCaughtUp && (queue?.isIdle ?? true)
  }

  /** True while a /sync of the user waits for news. */
  isSyncing(userId: string): boolean {
    return this.#core.sync.isWaiting(userId)
  }

  /** Calls back in the same tick in which an event is stored. Returns how to stop it. */
  onEvent(callback: (event: SimEvent) => void): () => void {
    return this.#core.log.onAppend((event) => callback(clientForm(event, 'sender')))
  }

  /**
   * Resolves when `predicate` holds; it is evaluated at each event and request, and ten times a second besides.
   * Rejects with `what` after `timeoutMs` (30,000), or with what the predicate throws.
   */
  waitFor(predicate: () => boolean | undefined, what: string, timeoutMs = DEFAULT_WAIT_MS): Promise<void> {
    return this.#waiting.until(predicate, what, timeoutMs)
  }

  /**
   * Dies as by SIGKILL: connections are cut; the HTTP transaction cache, typing and events waiting behind a
   * transaction in flight are lost. Events, rooms, devices, transaction rows and queued transactions survive.
   */
  async kill(): Promise<void> {
    this.#isUp = false
    this.#core.kill()
    await this.#http.kill()
  }

  /** Listens again on the same port. */
  async restart(): Promise<void> {
    if (this.#isUp) await this.kill()
    this.#core.restart()
    await this.#http.listen()
    this.#isUp = true
  }

  async close(): Promise<void> {
    await this.kill()
  }

  #live(): Core {
    if (!this.#isUp) throw new Error('the homeserver is down')
    return this.#core
  }
}
