import type { Readable } from 'node:stream'
import type { Clock } from '../model/clock.ts'
import type { MatrixEventId, MatrixRoomId, MatrixUserId } from '../model/ids.ts'
import type { Http, HttpRequest, Method, Reply, StreamReply } from './http.ts'
import type { Actor, MatrixConfig } from './ports.ts'

/** No account that we bridge is older: such a time, like one in the future, comes from a broken clock. */
const EARLIEST_MS = Date.UTC(2009, 0, 1)

type Route = { method: Method; template: string; parts: string[] }

const V3 = '/_matrix/client/v3'

const route = (method: Method, template: string): Route => ({ method, template, parts: template.split('{}') })

const ROUTES = {
  send: route('PUT', `${V3}/rooms/{}/send/{}/{}`),
  redact: route('PUT', `${V3}/rooms/{}/redact/{}/{}`),
  getState: route('GET', `${V3}/rooms/{}/state/{}/{}`),
  putState: route('PUT', `${V3}/rooms/{}/state/{}/{}`),
  messages: route('GET', `${V3}/rooms/{}/messages`),
  context: route('GET', `${V3}/rooms/{}/context/{}`),
  event: route('GET', `${V3}/rooms/{}/event/{}`),
  members: route('GET', `${V3}/rooms/{}/joined_members`),
  joinedRooms: route('GET', `${V3}/joined_rooms`),
  join: route('POST', `${V3}/rooms/{}/join`),
  leave: route('POST', `${V3}/rooms/{}/leave`),
  forget: route('POST', `${V3}/rooms/{}/forget`),
  invite: route('POST', `${V3}/rooms/{}/invite`),
  kick: route('POST', `${V3}/rooms/{}/kick`),
  ban: route('POST', `${V3}/rooms/{}/ban`),
  unban: route('POST', `${V3}/rooms/{}/unban`),
  typing: route('PUT', `${V3}/rooms/{}/typing/{}`),
  receipt: route('POST', `${V3}/rooms/{}/receipt/m.read/{}`),
  presence: route('PUT', `${V3}/presence/{}/status`),
  device: route('PUT', `${V3}/devices/{}`),
  resolveAlias: route('GET', `${V3}/directory/room/{}`),
  putAlias: route('PUT', `${V3}/directory/room/{}`),
  deleteAlias: route('DELETE', `${V3}/directory/room/{}`),
  capabilities: route('GET', `${V3}/capabilities`),
  whoami: route('GET', `${V3}/account/whoami`),
  versions: route('GET', '/_matrix/client/versions'),
  ping: route('POST', '/_matrix/client/v1/appservice/{}/ping'),
  getAccountData: route('GET', `${V3}/user/{}/account_data/{}`),
  putAccountData: route('PUT', `${V3}/user/{}/account_data/{}`),
  putRoomData: route('PUT', `${V3}/user/{}/rooms/{}/account_data/{}`),
  putTag: route('PUT', `${V3}/user/{}/rooms/{}/tags/{}`),
  deleteTag: route('DELETE', `${V3}/user/{}/rooms/{}/tags/{}`),
  putRoomRule: route('PUT', `${V3}/pushrules/global/room/{}`),
  deleteRoomRule: route('DELETE', `${V3}/pushrules/global/room/{}`),
  createMedia: route('POST', '/_matrix/media/v1/create'),
  putMedia: route('PUT', '/_matrix/media/v3/upload/{}/{}'),
  postMedia: route('POST', '/_matrix/media/v3/upload'),
  download: route('GET', '/_matrix/client/v1/media/download/{}/{}'),
  oldDownload: route('GET', '/_matrix/media/v3/download/{}/{}'),
} as const

export type RouteName = keyof typeof ROUTES

type CallOptions = {
  query?: Record<string, string | undefined>
  /** With the sender's device, without which the homeserver forgets transaction ids early. */
  device?: boolean
  body?: unknown
  timeoutMs?: number
  always?: boolean
}

/** A request in a person's name, without the registration that could make it. */
export class NoPuppetRegistration extends Error {
  constructor() {
    super('no double puppet registration is configured')
    this.name = 'NoPuppetRegistration'
  }
}

/** The client-server API as the appservice uses it: every request says whom it is made as. */
export class Client {
  readonly #http: Http
  readonly #clock: Clock
  readonly #config: MatrixConfig
  readonly #device: string
  readonly #authorization: string
  readonly #puppetAuthorization: string | undefined

  constructor(http: Http, config: MatrixConfig, clock: Clock) {
    this.#http = http
    this.#clock = clock
    this.#config = config
    const id = encodeURIComponent(config.deviceId)
    // Synapse before 1.161 reads the second name only in part of its releases; both are harmless.
    this.#device = `&device_id=${id}&org.matrix.msc3202.device_id=${id}`
    this.#authorization = `Bearer ${config.asToken}`
    this.#puppetAuthorization =
      config.doublePuppet === undefined ? undefined : `Bearer ${config.doublePuppet.asToken}`
  }

  /** Makes a request as somebody. @throws when there was no complete answer. */
  call(name: RouteName, params: readonly string[], actor: Actor, options: CallOptions = {}): Promise<Reply> {
    if (actor.puppet !== undefined && this.#puppetAuthorization === undefined)
      return Promise.reject(new NoPuppetRegistration())
    const request = this.#request(name, params, actor, options)
    if (options.body !== undefined) {
      request.body = JSON.stringify(options.body)
      request.headers['content-type'] = 'application/json'
    }
    return this.#http.json(request)
  }

  /** Sends an event under a transaction id; `at` becomes its origin_server_ts. */
  send(
    actor: Actor,
    event: {
      room: MatrixRoomId
      type: string
      txn: string
      content: Record<string, unknown>
      at?: Date | undefined
    },
  ): Promise<Reply> {
    return this.call('send', [event.room, event.type, event.txn], actor, {
      device: true,
      body: event.content,
      query: { ts: this.#timestamp(event.at) },
    })
  }

  /** A state event with its envelope, where the homeserver knows `format=event`; else its content alone. */
  getState(actor: Actor, room: MatrixRoomId, type: string, key: string): Promise<Reply> {
    return this.call('getState', [room, type, key], actor, { query: { format: 'event' } })
  }

  putState(
    actor: Actor,
    state: { room: MatrixRoomId; type: string; key: string; content: unknown; at?: Date | undefined },
  ): Promise<Reply> {
    return this.call('putState', [state.room, state.type, state.key], actor, {
      body: state.content,
      query: { ts: this.#timestamp(state.at) },
    })
  }

  messages(
    actor: Actor,
    room: MatrixRoomId,
    page: { limit: number; from?: string | undefined; filter?: unknown; device?: boolean },
  ): Promise<Reply> {
    const filter = page.filter === undefined ? undefined : JSON.stringify(page.filter)
    return this.call('messages', [room], actor, {
      device: page.device === true,
      query: { dir: 'b', limit: String(page.limit), from: page.from, filter },
    })
  }

  receipt(actor: Actor, room: MatrixRoomId, event: MatrixEventId): Promise<Reply> {
    return this.call('receipt', [room, event], actor, { body: {} })
  }

  typing(actor: Actor, room: MatrixRoomId, on: boolean): Promise<Reply> {
    return this.call('typing', [room, actor.user], actor, {
      body: on ? { typing: true, timeout: 30_000 } : { typing: false },
    })
  }

  /** Creates the sender's device or finds it there. */
  putDevice(actor: Actor): Promise<Reply> {
    return this.call('device', [this.#config.deviceId], actor, { body: { display_name: 'Bridge' } })
  }

  /** Sends bytes as they come. */
  upload(
    name: 'putMedia' | 'postMedia',
    params: readonly string[],
    actor: Actor,
    file: {
      stream: Readable
      contentType: string
      fileName?: string | undefined
      sizeBytes?: number | undefined
    },
  ): Promise<Reply> {
    const request = this.#request(name, params, actor, { query: { filename: file.fileName } })
    request.body = file.stream
    request.headers['content-type'] = file.contentType
    if (file.sizeBytes !== undefined) request.headers['content-length'] = String(file.sizeBytes)
    return this.#http.json(request)
  }

  /** Receives bytes as they come. */
  download(name: 'download' | 'oldDownload', params: readonly string[], actor: Actor): Promise<StreamReply> {
    const options = name === 'download' ? {} : { query: { allow_redirect: 'true' } }
    return this.#http.stream(this.#request(name, params, actor, options))
  }

  #request(name: RouteName, params: readonly string[], actor: Actor, options: CallOptions): HttpRequest {
    const { method, template, parts } = ROUTES[name]
    let path = parts[0] ?? ''
    for (let i = 1; i < parts.length; i++) path += encodeURIComponent(params[i - 1] ?? '') + (parts[i] ?? '')
    path += `?user_id=${encodeURIComponent(actor.user)}`
    if (options.device === true) path += this.#device
    for (const key in options.query) {
      const value = options.query[key]
      if (value !== undefined) path += `&${key}=${encodeURIComponent(value)}`
    }
    const request: HttpRequest = {
      method,
      path,
      endpoint: template,
      headers: { authorization: this.#token(actor), accept: 'application/json' },
    }
    if (options.timeoutMs !== undefined) request.timeoutMs = options.timeoutMs
    if (options.always === true) request.always = true
    return request
  }

  #token(actor: Actor): string {
    if (actor.puppet === undefined) return this.#authorization
    if (this.#puppetAuthorization === undefined) throw new NoPuppetRegistration()
    return this.#puppetAuthorization
  }

  #timestamp(at: Date | undefined): string | undefined {
    const ms = at?.getTime()
    if (ms === undefined || Number.isNaN(ms)) return undefined
    return String(Math.min(Math.max(ms, EARLIEST_MS), this.#clock.now().getTime()))
  }
}

/** The appservice's own user, who needs no registration. */
export const senderOf = (config: MatrixConfig): MatrixUserId =>
  `@${config.senderLocalpart}:${config.serverName}` as MatrixUserId
