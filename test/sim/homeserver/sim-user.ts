import type { LoginResult } from './accounts.ts'
import type { Core } from './core.ts'
import type { Content, Requester } from './types.ts'

/** A person with a client. Works on the same code as the HTTP client API; fails while the homeserver is down. */
export class SimUser {
  readonly userId: string
  readonly accessToken: string
  readonly #requester: Requester
  readonly #core: () => Core
  #transactions = 0

  /** `core` throws while the homeserver is down. */
  constructor(login: LoginResult, core: () => Core) {
    this.userId = login.userId
    this.accessToken = login.accessToken
    this.#requester = { userId: login.userId, deviceId: login.deviceId, appservice: null }
    this.#core = core
  }

  /** `options` is the body of `POST /createRoom`. Returns the room id. */
  async createRoom(options: Content = {}): Promise<string> {
    const core = this.#core()
    return core.creation.create(this.#requester, options, core.signal)
  }

  /** A direct chat as clients make it, noted in `m.direct`. Returns the room id. */
  async directRoomWith(userId: string): Promise<string> {
    const roomId = await this.createRoom({
      is_direct: true,
      preset: 'trusted_private_chat',
      invite: [userId],
    })
    const { accountData } = this.#core()
    const direct = accountData.get(this.userId, '', 'm.direct') ?? {}
    const rooms = Array.isArray(direct[userId]) ? direct[userId] : []
    accountData.set(this.userId, '', 'm.direct', { ...direct, [userId]: [...(rooms as unknown[]), roomId] })
    return roomId
  }

  /** Returns the room id. */
  async join(roomIdOrAlias: string): Promise<string> {
    const core = this.#core()
    const roomId = roomIdOrAlias.startsWith('#') ? await core.resolveAlias(roomIdOrAlias) : roomIdOrAlias
    core.memberships.join(this.#requester, roomId)
    return roomId
  }

  async invite(roomId: string, userId: string): Promise<void> {
    this.#core().memberships.invite(this.#requester, roomId, userId)
  }

  async leave(roomId: string): Promise<void> {
    this.#core().memberships.leave(this.#requester, roomId)
  }

  async kick(roomId: string, userId: string, reason?: string): Promise<void> {
    this.#core().memberships.kick(this.#requester, roomId, userId, reasonChange(reason))
  }

  async ban(roomId: string, userId: string, reason?: string): Promise<void> {
    this.#core().memberships.ban(this.#requester, roomId, userId, reasonChange(reason))
  }

  async unban(roomId: string, userId: string): Promise<void> {
    this.#core().memberships.unban(this.#requester, roomId, userId)
  }

  /** Returns the event id, like everything below that puts an event into a room. */
  async send(roomId: string, type: string, content: Content): Promise<string> {
    return this.#core().posting.send(this.#requester, roomId, type, content, {
      txnId: this.#nextTransaction(),
    })
  }

  sendText(roomId: string, body: string, extra: Content = {}): Promise<string> {
    return this.send(roomId, 'm.room.message', { msgtype: 'm.text', body, 'm.mentions': {}, ...extra })
  }

  async state(roomId: string, type: string, key: string, content: Content): Promise<string> {
    const { memberships, posting } = this.#core()
    if (type === 'm.room.member') return memberships.put(this.#requester, roomId, key, content)
    return posting.setState(this.#requester, roomId, type, key, content)
  }

  async redact(roomId: string, eventId: string, reason?: string): Promise<string> {
    const content = reason === undefined ? {} : { reason }
    return this.#core().posting.redact(this.#requester, roomId, eventId, content, this.#nextTransaction())
  }

  react(roomId: string, eventId: string, key: string): Promise<string> {
    const relation = { rel_type: 'm.annotation', event_id: eventId, key }
    return this.send(roomId, 'm.reaction', { 'm.relates_to': relation })
  }

  edit(roomId: string, eventId: string, newBody: string): Promise<string> {
    return this.sendText(roomId, `* ${newBody}`, {
      'm.new_content': { msgtype: 'm.text', body: newBody, 'm.mentions': {} },
      'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
    })
  }

  reply(roomId: string, eventId: string, body: string): Promise<string> {
    return this.sendText(roomId, body, { 'm.relates_to': { 'm.in_reply_to': { event_id: eventId } } })
  }

  /** Returns the content URI. */
  async upload(bytes: Uint8Array, contentType: string, filename: string): Promise<string> {
    return this.#core().media.upload(this.userId, Buffer.from(bytes), contentType, filename)
  }

  async download(uri: string): Promise<Uint8Array> {
    const [server, id] = uri.slice('mxc://'.length).split('/')
    return this.#core().media.get(server ?? '', id ?? '').bytes
  }

  async typing(roomId: string, isTyping: boolean): Promise<void> {
    this.#core().ephemeral.setTyping(this.#requester, roomId, isTyping)
  }

  async receipt(roomId: string, eventId: string): Promise<void> {
    this.#core().ephemeral.setReceipt(this.#requester, roomId, 'm.read', eventId)
  }

  async setDisplayName(name: string): Promise<void> {
    const core = this.#core()
    core.accounts.setProfile(this.userId, 'displayname', name)
    core.memberships.spreadProfile(this.userId)
  }

  #nextTransaction(): string {
    return `sim${++this.#transactions}`
  }
}

function reasonChange(reason: string | undefined): { content?: Content } {
  return reason === undefined ? {} : { content: { reason } }
}
