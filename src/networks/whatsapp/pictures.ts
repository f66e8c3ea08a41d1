import { createHash } from 'node:crypto'
import { WAMessageStubType, generateProfilePicture, getBinaryNodeChild } from '@whiskeysockets/baileys'
import type { Contact as BaileysContact, WAMessage } from '@whiskeysockets/baileys'
import { remoteMessageId } from '../../model/ids.ts'
import { sleep } from '../../model/clock.ts'
import { ViaductError, messageOf } from '../../model/errors.ts'
import type { RemoteChatId, RemoteUserId } from '../../model/ids.ts'
import type { RemoteEvent, RemotePicture } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import type { Connection, ConnectionDeps } from './connection.ts'
import { refusalOf } from './ending.ts'
import { isDirect, isPhone, toUserId } from './ids.ts'
import { pictureOf } from './media-ref.ts'
import { idsOf, personOf } from './names.ts'

/** So long does a message wait for the picture of somebody who is new. */
const PATIENCE_MS = 2_000
const ANSWER_MS = 20_000
/** After a question that nobody answered none is asked for so long. */
const PAUSE_MS = 60_000
/** Not everybody's changes are told to everybody: what is known is asked for again after so long. */
const FRESH_MS = 7 * 24 * 60 * 60_000
const ICON = 'icon/'

/** Pictures of people and groups, as far as the account may see them: asked for when somebody is met, and when they change. */
export class Pictures {
  readonly #deps: ConnectionDeps
  readonly #connection: Connection
  readonly #underWay = new Map<RemoteUserId, Promise<void>>()
  /** Pictures that this bridge is giving to groups, and those that it gave. */
  readonly #giving = new Map<RemoteChatId, Promise<unknown>>()
  readonly #given = new Set<string>()
  #pausedUntil = 0

  constructor(deps: ConnectionDeps, connection: Connection) {
    this.#deps = deps
    this.#connection = connection
  }

  /** Asks for the picture of somebody of whom it is not known; waits for it for a short while. Never throws. */
  async soon(user: RemoteUserId): Promise<void> {
    const { view, host } = this.#deps
    if (view.isSelf(user) || !isDirect(user) || this.#isPaused) return
    const known = idsOf(view, user).map((id) => this.#connection.book.contact(id)?.picture)
    const newest = Math.max(-Infinity, ...known.map((picture) => picture?.at ?? -Infinity))
    if (host.clock.now().getTime() - newest < FRESH_MS) return
    const asked = this.#ask(user)
    // Whoever was met before needs not be waited for.
    if (newest === -Infinity) await Promise.race([asked, sleep(host.clock, PATIENCE_MS)])
  }

  /** A person has another picture now, or none. @throws when it is not kept */
  async changed(contacts: readonly Partial<BaileysContact>[]): Promise<void> {
    const { view } = this.#deps
    for (const { id, imgUrl } of contacts) {
      const user = toUserId(id)
      if (user === undefined || imgUrl === undefined || view.isSelf(user)) continue
      // Asked for in vain, it is asked for again with the next message.
      const before = this.#connection.book.contact(user)?.picture
      await this.#learn(user, imgUrl === 'removed' ? { id: null } : { ...before, at: 0 })
      if (imgUrl !== 'removed') void this.#ask(user)
    }
  }

  /** Tells the picture of a group of which it is not known, once it is there: nothing waits for it. */
  ofGroup(chat: RemoteChatId): void {
    const { log } = this.#deps.host
    if (this.#connection.vault.get(ICON + chat) !== undefined || this.#isPaused) return
    this.#picture(chat, chat, ANSWER_MS).then(
      (picture) => picture !== undefined && this.#tell(chat, picture),
      (error: unknown) => log.debug({ error: messageOf(error) }, 'whatsapp: no picture'),
    )
  }

  #tell(chat: RemoteChatId, picture: RemotePicture | null): void {
    const { view, host } = this.#deps
    const { vault, acceptor } = this.#connection
    const events = async (): Promise<RemoteEvent[]> => {
      if (picture === null) return []
      const id = remoteMessageId(`icon/${picture.id}`)
      const at = host.clock.now()
      return [{ chat: remoteChat(view, chat), id, at, kind: 'avatar', avatar: undefined, picture }]
    }
    acceptor.push({ events, accepted: () => vault.set({ [ICON + chat]: picture?.id ?? '' }) })
  }

  /** Gives a group a picture, or takes it away. @throws ViaductError where it can't be one, else what the server says */
  async give(chat: RemoteChatId, image: Buffer | undefined): Promise<void> {
    const given = this.#give(chat, image)
    this.#giving.set(chat, given)
    try {
      const id = await given
      if (id !== undefined) this.#given.add(`${chat} ${id}`)
    } finally {
      this.#giving.delete(chat)
    }
  }

  /** Whether a message says of a picture that this bridge gave to the group: the room has it. */
  async isOwn(chat: RemoteChatId, message: WAMessage): Promise<boolean> {
    if (message.messageStubType !== WAMessageStubType.GROUP_CHANGE_ICON) return false
    await this.#giving.get(chat)?.catch(() => undefined)
    return this.#given.has(`${chat} ${message.messageStubParameters?.[0]}`)
  }

  async #give(chat: RemoteChatId, image: Buffer | undefined): Promise<string | undefined> {
    const { baileys } = this.#connection
    if (image === undefined) {
      await baileys.removeProfilePicture(chat)
      return undefined
    }
    const made = await generateProfilePicture(image).catch((cause: unknown) => {
      throw new ViaductError('bad_event', 'This is no picture that WhatsApp takes.', { cause })
    })
    // As `updateProfilePicture` of Baileys, which does not say how the picture is called.
    const result: unknown = await baileys.query({
      tag: 'iq',
      attrs: { to: '@s.whatsapp.net', type: 'set', xmlns: 'w:profile:picture', target: chat },
      content: [{ tag: 'picture', attrs: { type: 'image' }, content: made.img }],
    })
    return getBinaryNodeChild(result as Parameters<typeof getBinaryNodeChild>[0], 'picture')?.attrs['id']
  }

  get #isPaused(): boolean {
    return this.#deps.host.clock.now().getTime() < this.#pausedUntil
  }

  /** Never throws. */
  #ask(user: RemoteUserId): Promise<void> {
    const { view, host } = this.#deps
    const known = this.#underWay.get(user)
    if (known !== undefined) return known
    const ids = idsOf(view, user)
    const asked = this.#picture(ids.find(isPhone) ?? user, ids[0], ANSWER_MS)
      .then((picture) => this.#learn(user, picture === undefined ? {} : { id: picture?.id ?? null }))
      .catch((error: unknown) => host.log.debug({ error: messageOf(error) }, 'whatsapp: no picture'))
      .finally(() => this.#underWay.delete(user))
    this.#underWay.set(user, asked)
    return asked
  }

  async #learn(user: RemoteUserId, news: { id?: string | null; at?: number }): Promise<void> {
    const { view, host } = this.#deps
    const picture = { at: host.clock.now().getTime(), ...news }
    const [id] = idsOf(view, user)
    const before = view.contact(id)?.picture?.id
    await this.#connection.book.learn(id, { picture })
    if (news.id === undefined || news.id === before) return
    host.hint({ kind: 'profile', network: 'whatsapp', user: personOf(view, id) })
  }

  /**
   * @returns null: there is none; undefined: the account may not see it
   * @throws when nobody says
   */
  async #picture(jid: string, of: string, timeoutMs: number): Promise<RemotePicture | null | undefined> {
    try {
      const url = await this.#connection.baileys.profilePictureUrl(jid, 'image', timeoutMs)
      // What stands behind the path is who asks, and until when it holds.
      return url === undefined ? null : pictureOf(of, stamp(new URL(url).pathname))
    } catch (error) {
      const status = refusalOf(error)
      if (status === 404) return null
      if (status === 401 || status === 403) return undefined
      this.#pausedUntil = this.#deps.host.clock.now().getTime() + PAUSE_MS
      throw error
    }
  }
}

const stamp = (path: string) => createHash('sha256').update(path).digest('base64url').slice(0, 16)
