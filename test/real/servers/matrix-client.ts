import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { MatrixSync, type RoomEvent } from './matrix-sync.ts'

type Json = Record<string, unknown>

export class MatrixError extends Error {
  readonly status: number
  readonly errcode: string

  constructor(request: string, status: number, body: string) {
    super(`${request}: ${status} ${body}`)
    this.status = status
    this.errcode = /"errcode":\s*"([^"]+)"/.exec(body)?.[1] ?? ''
  }
}

export interface MatrixCredentials {
  readonly userId: string
  readonly accessToken: string
  readonly deviceId: string
}

const outageMs = 60_000

/** A human's Matrix client over fetch. It knows nothing of the bridge, so it can bear witness about it. */
export class MatrixClient {
  readonly url: string
  readonly userId: string
  readonly accessToken: string
  readonly deviceId: string
  /** What this user has seen, from the moment of `start`. */
  readonly sync: MatrixSync
  #transactions = 0
  readonly #transactionPrefix = randomBytes(6).toString('hex')

  constructor(url: string, credentials: MatrixCredentials) {
    this.url = url
    this.userId = credentials.userId
    this.accessToken = credentials.accessToken
    this.deviceId = credentials.deviceId
    this.sync = new MatrixSync((query, signal) =>
      this.request('GET', '/v3/sync', undefined, { query, signal }),
    )
  }

  /** Registers a new user on an open homeserver and starts to sync. */
  static async register(url: string, name: string): Promise<MatrixClient> {
    const body = { username: name, password: `password of ${name}`, auth: { type: 'm.login.dummy' } }
    return MatrixClient.#open(url, '/v3/register', body)
  }

  /** Logs in on a new device of a user made by `register` and starts to sync. */
  static async login(url: string, name: string, password = `password of ${name}`): Promise<MatrixClient> {
    const identifier = { type: 'm.id.user', user: name }
    return MatrixClient.#open(url, '/v3/login', { type: 'm.login.password', identifier, password })
  }

  static async #open(url: string, path: string, body: Json): Promise<MatrixClient> {
    const anonymous = new MatrixClient(url, { userId: '', accessToken: '', deviceId: '' })
    const answer = await anonymous.request('POST', path, body)
    const client = new MatrixClient(url, {
      userId: String(answer['user_id']),
      accessToken: String(answer['access_token']),
      deviceId: String(answer['device_id']),
    })
    await client.sync.start()
    return client
  }

  /** Ends the sync loop. */
  async stop(): Promise<void> {
    await this.sync.stop()
  }

  /** Sends a message event; the same transaction id is used until the homeserver answers. Returns the event id. */
  async send(roomId: string, content: Json, type = 'm.room.message'): Promise<string> {
    const transaction = `${this.#transactionPrefix}.${this.#transactions++}`
    const path = `/v3/rooms/${encode(roomId)}/send/${encode(type)}/${transaction}`
    return eventId(await this.request('PUT', path, content))
  }

  async sendText(roomId: string, body: string): Promise<string> {
    return this.send(roomId, { msgtype: 'm.text', body })
  }

  async reply(roomId: string, target: string, body: string): Promise<string> {
    const relation = { 'm.in_reply_to': { event_id: target } }
    return this.send(roomId, { msgtype: 'm.text', body, 'm.relates_to': relation })
  }

  async edit(roomId: string, target: string, body: string): Promise<string> {
    return this.send(roomId, {
      msgtype: 'm.text',
      body: `* ${body}`,
      'm.new_content': { msgtype: 'm.text', body },
      'm.relates_to': { rel_type: 'm.replace', event_id: target },
    })
  }

  async react(roomId: string, target: string, key: string): Promise<string> {
    const relation = { rel_type: 'm.annotation', event_id: target, key }
    return this.send(roomId, { 'm.relates_to': relation }, 'm.reaction')
  }

  async redact(roomId: string, target: string, reason?: string): Promise<string> {
    const transaction = `${this.#transactionPrefix}.${this.#transactions++}`
    const path = `/v3/rooms/${encode(roomId)}/redact/${encode(target)}/${transaction}`
    return eventId(await this.request('PUT', path, reason === undefined ? {} : { reason }))
  }

  /** Starts a poll (MSC3381, unstable names); answer ids are `0`, `1`, … in the given order. */
  async startPoll(roomId: string, question: string, answers: readonly string[], max = 1): Promise<string> {
    const text = [question, ...answers.map((answer, index) => `${index + 1}. ${answer}`)].join('\n')
    const start = {
      question: { 'org.matrix.msc1767.text': question },
      kind: 'org.matrix.msc3381.poll.disclosed',
      max_selections: max,
      answers: answers.map((answer, index) => ({ id: String(index), 'org.matrix.msc1767.text': answer })),
    }
    const content = { 'org.matrix.msc3381.poll.start': start, 'org.matrix.msc1767.text': text }
    return this.send(roomId, content, 'org.matrix.msc3381.poll.start')
  }

  async votePoll(roomId: string, poll: string, answers: readonly string[]): Promise<string> {
    const relation = { rel_type: 'm.reference', event_id: poll }
    const content = { 'm.relates_to': relation, 'org.matrix.msc3381.poll.response': { answers } }
    return this.send(roomId, content, 'org.matrix.msc3381.poll.response')
  }

  async endPoll(roomId: string, poll: string): Promise<string> {
    const relation = { rel_type: 'm.reference', event_id: poll }
    const content = {
      'm.relates_to': relation,
      'org.matrix.msc3381.poll.end': {},
      'org.matrix.msc1767.text': 'ended',
    }
    return this.send(roomId, content, 'org.matrix.msc3381.poll.end')
  }

  /** Body of `POST /createRoom`; returns the room id. */
  async createRoom(options: Json = {}): Promise<string> {
    return String((await this.request('POST', '/v3/createRoom', options))['room_id'])
  }

  /** Makes a direct chat with one user, as clients do; returns the room id. */
  async createDirect(userId: string): Promise<string> {
    return this.createRoom({ preset: 'trusted_private_chat', is_direct: true, invite: [userId] })
  }

  /** Joins by room id or alias; returns the room id. */
  async join(roomOrAlias: string): Promise<string> {
    return String((await this.request('POST', `/v3/join/${encode(roomOrAlias)}`, {}))['room_id'])
  }

  async invite(roomId: string, userId: string): Promise<void> {
    await this.#membership(roomId, 'invite', { user_id: userId })
  }

  async kick(roomId: string, userId: string, reason?: string): Promise<void> {
    await this.#membership(roomId, 'kick', { user_id: userId, ...(reason === undefined ? {} : { reason }) })
  }

  async ban(roomId: string, userId: string, reason?: string): Promise<void> {
    await this.#membership(roomId, 'ban', { user_id: userId, ...(reason === undefined ? {} : { reason }) })
  }

  async unban(roomId: string, userId: string): Promise<void> {
    await this.#membership(roomId, 'unban', { user_id: userId })
  }

  async leave(roomId: string, reason?: string): Promise<void> {
    await this.#membership(roomId, 'leave', reason === undefined ? {} : { reason })
  }

  async #membership(roomId: string, action: string, body: Json): Promise<void> {
    await this.request('POST', `/v3/rooms/${encode(roomId)}/${action}`, body)
  }

  /** Content of one state event; throws MatrixError `M_NOT_FOUND` when there is none. */
  async getState(roomId: string, type: string, key = ''): Promise<Json> {
    return this.request('GET', `/v3/rooms/${encode(roomId)}/state/${encode(type)}/${encode(key)}`)
  }

  async setState(roomId: string, type: string, content: Json, key = ''): Promise<string> {
    return eventId(
      await this.request('PUT', `/v3/rooms/${encode(roomId)}/state/${encode(type)}/${encode(key)}`, content),
    )
  }

  /** Joined members, user id to profile. */
  async joinedMembers(
    roomId: string,
  ): Promise<Record<string, { display_name?: string; avatar_url?: string }>> {
    const answer = await this.request('GET', `/v3/rooms/${encode(roomId)}/joined_members`)
    return answer['joined'] as Record<string, { display_name?: string; avatar_url?: string }>
  }

  async getEvent(roomId: string, id: string): Promise<RoomEvent> {
    const event = await this.request('GET', `/v3/rooms/${encode(roomId)}/event/${encode(id)}`)
    return { ...event, room_id: roomId } as unknown as RoomEvent
  }

  /** The whole history that this user may see, oldest first: what is really in the room. */
  async history(roomId: string): Promise<RoomEvent[]> {
    const events: RoomEvent[] = []
    let from: string | undefined
    do {
      const query = { dir: 'b', limit: '1000', ...(from === undefined ? {} : { from }) }
      const page = await this.request('GET', `/v3/rooms/${encode(roomId)}/messages`, undefined, { query })
      events.push(...(page['chunk'] as RoomEvent[]))
      from = page['end'] as string | undefined
    } while (from !== undefined)
    return events.reverse()
  }

  async typing(roomId: string, typing: boolean, timeoutMs = 10_000): Promise<void> {
    const body = typing ? { typing, timeout: timeoutMs } : { typing }
    await this.request('PUT', `/v3/rooms/${encode(roomId)}/typing/${encode(this.userId)}`, body)
  }

  async markRead(roomId: string, id: string): Promise<void> {
    await this.request('POST', `/v3/rooms/${encode(roomId)}/receipt/m.read/${encode(id)}`, {})
  }

  async setDisplayName(name: string): Promise<void> {
    await this.request('PUT', `/v3/profile/${encode(this.userId)}/displayname`, { displayname: name })
  }

  async setAvatar(mxc: string): Promise<void> {
    await this.request('PUT', `/v3/profile/${encode(this.userId)}/avatar_url`, { avatar_url: mxc })
  }

  /** Uploads a file; returns its mxc URI. */
  async upload(bytes: Uint8Array<ArrayBuffer>, contentType: string, name: string): Promise<string> {
    const response = await this.#fetch(`/_matrix/media/v3/upload?filename=${encode(name)}`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: bytes,
    })
    return String(((await response.json()) as Json)['content_uri'])
  }

  /** Downloads through the authenticated media endpoint (spec v1.11). */
  async download(mxc: string): Promise<{ bytes: Buffer; contentType: string }> {
    const path = `/_matrix/client/v1/media/download/${mxc.replace('mxc://', '')}`
    const response = await this.#fetch(path, {})
    const bytes = Buffer.from(await response.arrayBuffer())
    return { bytes, contentType: response.headers.get('content-type') ?? '' }
  }

  /**
   * Any call below `/_matrix/client`. GET and PUT are repeated while the homeserver is away, as a client would.
   * Throws MatrixError on every other answer than 2xx.
   */
  async request(
    method: string,
    path: string,
    body?: Json,
    options: { query?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Json> {
    const query = new URLSearchParams(options.query).toString()
    const init = {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }
    const target = `/_matrix/client${path}${query === '' ? '' : `?${query}`}`
    const deadline = Date.now() + outageMs
    for (;;) {
      try {
        return (await (await this.#fetch(target, init)).json()) as Json
      } catch (error) {
        const away = !(error instanceof MatrixError) || error.status >= 502
        const repeatable = method === 'GET' || method === 'PUT'
        if (!away || !repeatable || options.signal?.aborted === true || Date.now() > deadline) throw error
      }
      await delay(100)
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.accessToken !== '') headers.set('authorization', `Bearer ${this.accessToken}`)
    const response = await fetch(`${this.url}${path}`, { ...init, headers })
    if (!response.ok)
      throw new MatrixError(`${init.method ?? 'GET'} ${path}`, response.status, await response.text())
    return response
  }
}

const encode = encodeURIComponent
const eventId = (answer: Json): string => String(answer['event_id'])
