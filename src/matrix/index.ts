import type { Bridge } from 'matrix-appservice-bridge'
import type { Clock } from '../model/clock.ts'
import { messageOf } from '../model/errors.ts'
import { matrixUserId } from '../model/ids.ts'
import type { MatrixEventId, MatrixRoomId, MatrixUserId, MxcUri } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import { DurableAppService } from './appservice.ts'
import { BoundedMap } from './bounded.ts'
import { createBridge } from './bridge.ts'
import { Client } from './client.ts'
import { Devices } from './devices.ts'
import { Ghosts } from './ghosts.ts'
import type { Profile } from './ghosts.ts'
import { Hints } from './hints.ts'
import { Homeserver } from './homeserver.ts'
import type { Member, Page, PingResult } from './homeserver.ts'
import { Http } from './http.ts'
import { Media } from './media.ts'
import type { Download, Upload } from './media.ts'
import { Membership } from './membership.ts'
import type { MembershipRequest } from './membership.ts'
import { Misconfigured } from './misconfigured.ts'
import { Person } from './person.ts'
import type { Actor, Books, IngressHandlers, MatrixConfig, MatrixOutcome } from './ports.ts'
import type { MatrixSend, RequestInfo, RoomOutcome } from './ports.ts'
import type { PowerChanges, PowerLevels, RoomVersionInfo } from './power.ts'
import { Redactor } from './redactor.ts'
import type { RedactRequest } from './redactor.ts'
import { Rooms } from './rooms.ts'
import type { RoomRequest } from './rooms.ts'
import { useLogger } from './sdk-log.ts'
import { serveSdk } from './sdk-requests.ts'
import { Sender } from './sender.ts'
import { RoomState } from './state.ts'
import type { StateRequest } from './state.ts'

export type * from './ports.ts'
export type { Profile } from './ghosts.ts'
export type { Member, Page, PingResult } from './homeserver.ts'
export type { Download, Upload } from './media.ts'
export type { MembershipAction, MembershipRequest } from './membership.ts'
export type { PowerChanges, PowerLevels, RoomVersionInfo } from './power.ts'
export type { RedactRequest } from './redactor.ts'
export type { RoomRequest, StateEvent } from './rooms.ts'
export type { StateRequest } from './state.ts'
export { MARKER, markOf } from './marker.ts'
export { powerOf, requiredFor } from './power.ts'

export type MatrixDeps = {
  books: Books
  clock: Clock
  log: Logger
  onRequest?: (info: RequestInfo) => void
}

/** Everything that the program says to the homeserver, and hears from it. */
export class MatrixSide {
  /** The visible bot. */
  readonly bot: MatrixUserId
  readonly hints: Hints
  readonly people: Person
  readonly #config: MatrixConfig
  readonly #deps: MatrixDeps
  readonly #http: Http
  readonly #bridge: Bridge
  readonly #ghosts: Ghosts
  readonly #membership: Membership
  readonly #sender: Sender
  readonly #redactor: Redactor
  readonly #state: RoomState
  readonly #rooms: Rooms
  readonly #media: Media
  readonly #homeserver: Homeserver
  readonly #leaveSdk: () => void
  #appservice: DurableAppService | undefined

  private constructor(
    config: MatrixConfig,
    deps: MatrixDeps,
    http: Http,
    bridge: Bridge,
    registered: BoundedMap<string, true>,
  ) {
    const { books, clock, log } = deps
    this.#config = config
    this.#deps = deps
    this.#http = http
    this.#bridge = bridge
    this.#leaveSdk = serveSdk(http)
    const bot = matrixUserId(`@${config.botLocalpart}:${config.serverName}`)
    this.bot = bot
    const client = new Client(http, config, clock)
    const devices = new Devices(client, books.devices, clock)
    this.#ghosts = new Ghosts(bridge, books.ghosts, registered, config)
    this.#membership = new Membership(client, this.#ghosts, bot)
    const { instance } = config
    const alarm = new Misconfigured(http.circuit, clock, log)
    const onMisconfigured = (why: string) => alarm.raise(why)
    const ghosts = this.#ghosts
    const membership = this.#membership
    this.#sender = new Sender({
      client,
      devices,
      ghosts,
      membership,
      bot,
      clock,
      log,
      instance,
      onMisconfigured,
    })
    this.#state = new RoomState(client, this.#sender, bot)
    const state = this.#state
    this.#redactor = new Redactor(client, this.#sender, state)
    this.#rooms = new Rooms({ bridge, client, ghosts, membership, state, config, bot, clock, log })
    this.#media = new Media(client, books.media, bot, config.mediaLimitBytes)
    this.#homeserver = new Homeserver(client, config, bot)
    this.hints = new Hints(client)
    this.people = new Person(client)
  }

  /** Sets everything up. Makes no request: the program starts while the homeserver is down. */
  static async create(config: MatrixConfig, deps: MatrixDeps): Promise<MatrixSide> {
    useLogger(deps.log)
    const http = new Http({
      baseUrl: config.homeserverUrl,
      connections: config.connections,
      timeoutMs: config.requestTimeoutMs,
      clock: deps.clock,
      onRequest: deps.onRequest,
    })
    const registered = new BoundedMap<string, true>(100_000)
    const bridge = await createBridge(config, http.baseUrl, (user) => registered.get(user) === true)
    return new MatrixSide(config, deps, http, bridge, registered)
  }

  /** Starts to listen for the homeserver; port 0 takes any free one. */
  async listen(
    handlers: IngressHandlers,
    host: string,
    port: number,
  ): Promise<{ port: number; close(): Promise<void> }> {
    const service = new DurableAppService(this.#config.hsToken, handlers, this.#deps.clock, this.#deps.log)
    await this.#bridge.listen(port, host, 511, service)
    this.#appservice = service
    return { port: service.port, close: () => service.close() }
  }

  /** Gives a room one more alias (the whole of it, with its server). Never throws. */
  alias(alias: string, room: MatrixRoomId): Promise<MatrixOutcome> {
    return this.#homeserver.alias(alias, room)
  }

  /** Whether a user is the bot or a ghost of ours. */
  isOwn(user: string): boolean {
    return this.#ghosts.isOwn(user)
  }

  /** One attempt to send an event; the same delivery and part can be sent again without harm. Never throws. */
  send(request: MatrixSend): Promise<MatrixOutcome> {
    return this.#sender.send(request)
  }

  /** One attempt to redact an event. Never throws. */
  redact(request: RedactRequest): Promise<MatrixOutcome> {
    return this.#redactor.redact(request)
  }

  /** Sets a state event unless it is so already. Never throws. */
  state(request: StateRequest): Promise<MatrixOutcome> {
    return caught(this.#state.set(request))
  }

  /** Makes a portal's room; the same alias always leads to the same room. Never throws. */
  createRoom(request: RoomRequest): Promise<RoomOutcome> {
    return caught(this.#rooms.create(request))
  }

  /** Registers a ghost and sets its profile, once. Never throws. */
  ensureGhost(user: MatrixUserId, profile?: Profile): Promise<MatrixOutcome> {
    return caught(this.#ghosts.ensure(user, profile))
  }

  /** Changes a ghost's public profile; it fans out to every room of the ghost. Never throws. */
  setProfile(user: MatrixUserId, profile: Profile): Promise<MatrixOutcome> {
    return caught(this.#ghosts.setProfile(user, profile))
  }

  /** Brings a ghost, the bot or a puppeted person into a room. Never throws. */
  ensureJoined(room: MatrixRoomId, user: MatrixUserId, puppet?: 'double'): Promise<MatrixOutcome> {
    return caught(this.#membership.ensureJoined(room, actorOf(user, puppet)))
  }

  /** Brings a membership to the wanted state. Never throws. */
  membership(request: MembershipRequest): Promise<MatrixOutcome> {
    return caught(this.#membership.change(request))
  }

  /** Gives one of our users a name of their own in one room. Never throws. */
  async roomName(room: MatrixRoomId, user: MatrixUserId, displayname: string): Promise<MatrixOutcome> {
    const joined = await this.ensureJoined(room, user)
    return joined.kind === 'delivered' ? this.#state.setMemberName(room, user, displayname) : joined
  }

  /** Who is in a room. @throws ViaductError */
  members(room: MatrixRoomId): Promise<Member[]> {
    return this.#homeserver.members(room)
  }

  /** The rooms of the bot, or of another user of ours. @throws ViaductError */
  joinedRooms(user: MatrixUserId = this.bot): Promise<MatrixRoomId[]> {
    return this.#homeserver.joinedRooms(user)
  }

  /** A state event's content, or undefined when there is none. @throws ViaductError */
  getState(room: MatrixRoomId, type: string, key = ''): Promise<Record<string, unknown> | undefined> {
    return this.#state.get(room, type, key)
  }

  /** A room's version and whose power there is infinite; asked once per room. @throws ViaductError */
  roomVersionInfo(room: MatrixRoomId): Promise<RoomVersionInfo> {
    return this.#state.versionInfo(room)
  }

  /** @throws ViaductError */
  powerLevels(room: MatrixRoomId): Promise<PowerLevels> {
    return this.#state.powerLevels(room)
  }

  /** Changes power levels by the bot. Never throws. */
  setPower(room: MatrixRoomId, changes: PowerChanges): Promise<MatrixOutcome> {
    return this.#state.setPower(room, changes)
  }

  /** Lets the homeserver drop what it keeps of a room for somebody who has left. Never throws. */
  forgetRoom(room: MatrixRoomId, user: MatrixUserId = this.bot): Promise<boolean> {
    return this.#homeserver.forget(room, { user })
  }

  /** Opens a file of the homeserver. @throws ViaductError */
  download(mxc: MxcUri): Promise<Download> {
    return this.#media.download(mxc)
  }

  /** The largest file that is taken, in bytes; Infinity: whatever the homeserver takes. */
  get mediaLimitBytes(): number {
    return this.#config.mediaLimitBytes ?? Number.POSITIVE_INFINITY
  }

  /** Where a file is that was uploaded whole under this key. @throws what the database says */
  uploaded(key: string): Promise<MxcUri | undefined> {
    return this.#media.uploaded(key)
  }

  /** Uploads a file as it comes. @throws ViaductError */
  upload(file: Upload): Promise<MxcUri> {
    return this.#media.upload(file)
  }

  /** Asks the homeserver to reach us; it then also delivers what it has kept. Never throws. */
  ping(): Promise<PingResult> {
    return this.#homeserver.ping()
  }

  /** Specification versions and unstable features of the homeserver. @throws ViaductError */
  versions(): Promise<{ versions: string[]; unstable: Record<string, boolean> }> {
    return this.#homeserver.versions()
  }

  /** Who the homeserver takes our token for. @throws ViaductError */
  whoami(): Promise<MatrixUserId> {
    return this.#homeserver.whoami()
  }

  /** A page of a room's events as the bot sees them, newest first. @throws ViaductError */
  roomMessages(room: MatrixRoomId, page: { from?: string; limit?: number } = {}): Promise<Page> {
    return this.#homeserver.roomMessages(room, page)
  }

  /** What stands in a room before an event, newest first; undefined when the bot may not see it. @throws ViaductError */
  eventsBefore(
    room: MatrixRoomId,
    event: MatrixEventId,
    page: { from?: string; limit: number },
  ): Promise<Page | undefined> {
    return this.#homeserver.eventsBefore(room, event, page)
  }

  /** Stops listening, waits for requests under way, closes all connections. */
  async close(): Promise<void> {
    await this.#bridge.close()
    await this.#appservice?.close()
    await this.#http.close()
    this.#leaveSdk()
  }
}

const actorOf = (user: MatrixUserId, puppet?: 'double'): Actor =>
  puppet === undefined ? { user } : { user, puppet }

/** A database that cannot be asked is a reason to come again, like a homeserver that cannot. */
const caught = <T>(outcome: Promise<T>): Promise<T | { kind: 'retry'; why: string }> =>
  outcome.catch((error: unknown) => ({ kind: 'retry', why: messageOf(error) }))
