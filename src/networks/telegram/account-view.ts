import type { BaseTelegramClient } from '@mtcute/core/client.js'
import { Long, toggleChannelIdMark } from '@mtcute/core'
import type { PeersIndex, tl } from '@mtcute/core'

import type { LoginId, MatrixUserId, RemoteUserId } from '../../model/ids.ts'
import type { Login } from '../../model/network.ts'
import type { TgChat } from './ids.ts'
import { personId, toUserId } from './ids.ts'
import { Lru } from '../shared/lru.ts'
import { mentionedIn } from './mentioned.ts'
import { mergeChannel, mergeUser, usernameOf } from './names.ts'
import type { View } from './view.ts'

const USERS = 2_000
const CHATS = 500
const TOPICS = 1_000
const EMOJI = 1_000
/** So many documents are asked for at once at most (https://core.telegram.org/method/messages.getCustomEmojiDocuments). */
const EMOJI_AT_ONCE = 200
const ASK_MS = 10_000

/** What all accounts of the bridge know of each other. */
export type Neighbours = {
  loginOf(user: number): LoginId | undefined
  userIdOf(user: RemoteUserId): MatrixUserId
}

type Group = tl.RawChat | tl.RawChatForbidden
type Channel = tl.RawChannel | tl.RawChannelForbidden

/** What one account knows of people and conversations; `prepare` brings into memory what the next object speaks of. */
export class AccountView implements View {
  readonly login: LoginId
  readonly account: number
  readonly #client: () => BaseTelegramClient | undefined
  readonly #neighbours: Neighbours
  readonly #users = new Lru<number, tl.RawUser>(USERS)
  readonly #chats = new Lru<number, Group>(CHATS)
  readonly #channels = new Lru<number, Channel>(CHATS)
  readonly #names = new Lru<string, RemoteUserId>(USERS)
  readonly #topics = new Lru<string, string>(TOPICS)
  /** Groups and channels that were seen, and whether the account is in them: a word for each, of all of them. */
  readonly #member = new Map<string, boolean>()
  #ready = false
  readonly #emoji = new Lru<string, { alt: string; pictureBytes?: number }>(EMOJI)

  constructor(login: Login, client: () => BaseTelegramClient | undefined, neighbours: Neighbours) {
    this.login = login.id
    this.account = Number(login.account)
    this.#client = client
    this.#neighbours = neighbours
  }

  user(id: number): tl.RawUser | undefined {
    return this.#users.get(id)
  }

  chat(id: number): Group | undefined {
    return this.#chats.get(id)
  }

  channel(id: number): Channel | undefined {
    return this.#channels.get(id)
  }

  topicTitle(channel: number, topic: number): string | undefined {
    return this.#topics.get(`${channel}/${topic}`)
  }

  loginOf(user: number): LoginId | undefined {
    return this.#neighbours.loginOf(user)
  }

  userIdOf(user: RemoteUserId): MatrixUserId {
    return this.#neighbours.userIdOf(user)
  }

  userOfName(name: string): RemoteUserId | undefined {
    return this.#names.get(name.toLowerCase())
  }

  customEmoji(document: string): string | undefined {
    return this.#emoji.get(document)?.alt
  }

  emojiPicture(document: string): number | undefined {
    return this.#emoji.get(document)?.pictureBytes
  }

  /** Whether anything is known of a conversation. */
  knows(chat: TgChat): boolean {
    return chat.kind === 'user'
      ? this.user(chat.id) !== undefined
      : this.#member.has(`${chat.kind}:${chat.id}`)
  }

  /** Whether the account is in a conversation, as far as it is known; before anything is known it may be. */
  mayBeIn(chat: TgChat): boolean {
    if (chat.kind === 'user') return true
    return this.#member.get(`${chat.kind}:${chat.id}`) ?? !this.#ready
  }

  /** Whether it is known in which of the bridge's conversations the account is. */
  get isReady(): boolean {
    return this.#ready
  }

  /** What the bridge had before is in memory from now on. */
  ready(): void {
    this.#ready = true
  }

  nameTopic(channel: number, topic: number, title: string): void {
    this.#topics.set(`${channel}/${topic}`, title)
  }

  /** Takes over what came with an answer or an update. */
  learn(peers: { users: Iterable<tl.TypeUser>; chats: Iterable<tl.TypeChat> }): void {
    for (const user of peers.users) if (user._ === 'user') this.#learnUser(user)
    for (const chat of peers.chats) this.#learnChat(chat)
  }

  /** Whatever the object speaks of is in memory afterwards, as far as it can be found out. Never throws. */
  async prepare(object: unknown, peers?: PeersIndex): Promise<void> {
    if (peers !== undefined) this.learn({ users: peers.users.values(), chats: peers.chats.values() })
    const { users, chats, channels, emoji } = mentionedIn(object)
    users.add(this.account)
    for (const id of users) if (this.#users.get(id) === undefined) await this.#load(id)
    for (const id of chats) if (this.#chats.get(id) === undefined) await this.#load(-id)
    for (const id of channels)
      if (this.#channels.get(id) === undefined) await this.#load(toggleChannelIdMark(id))
    const unknown = [...emoji].filter((id) => this.#emoji.get(id) === undefined)
    if (unknown.length > 0) await this.#askEmoji(unknown.slice(0, EMOJI_AT_ONCE)).catch(() => undefined)
  }

  /** The title of a forum's topic is in memory afterwards, if the server tells it. Never throws. */
  async prepareTopic(chat: TgChat): Promise<void> {
    const { id, topic } = chat
    if (chat.kind !== 'channel' || topic === undefined || this.topicTitle(id, topic) !== undefined) return
    await this.#askTopic(id, topic).catch(() => undefined)
  }

  /** How the account addresses a conversation; undefined for one that it has never seen. */
  async peerOf(chat: TgChat): Promise<tl.TypeInputPeer | undefined> {
    if (chat.kind === 'chat') return { _: 'inputPeerChat', chatId: chat.id }
    if (chat.kind === 'user' && chat.id === this.account) return { _: 'inputPeerSelf' }
    const marked = chat.kind === 'user' ? chat.id : toggleChannelIdMark(chat.id)
    return (await this.#client()?.storage.peers.getById(marked)) ?? undefined
  }

  async channelOf(id: number): Promise<tl.TypeInputChannel | undefined> {
    const peer = await this.peerOf({ kind: 'channel', id })
    if (peer?._ !== 'inputPeerChannel') return undefined
    return { _: 'inputChannel', channelId: peer.channelId, accessHash: peer.accessHash }
  }

  async userOf(id: number): Promise<tl.TypeInputUser | undefined> {
    const peer = await this.peerOf({ kind: 'user', id })
    if (peer?._ === 'inputPeerSelf') return { _: 'inputUserSelf' }
    if (peer?._ === 'inputPeerUser')
      return { _: 'inputUser', userId: peer.userId, accessHash: peer.accessHash }
    if (peer?._ === 'inputPeerUserFromMessage') return { ...peer, _: 'inputUserFromMessage' }
    return undefined
  }

  async #load(marked: number): Promise<void> {
    const found = await this.#client()
      ?.storage.peers.getCompleteById(marked, true)
      .catch(() => null)
    if (found === null || found === undefined) return
    if (found._ === 'user') this.#learnUser(found)
    else if (found._ !== 'userEmpty') this.#learnChat(found)
  }

  #learnUser(user: tl.RawUser): void {
    const merged = mergeUser(this.#users.get(user.id), user)
    this.#users.set(user.id, merged)
    const name = usernameOf(merged)
    if (name !== undefined) this.#names.set(name.toLowerCase(), personId(user.id))
  }

  #learnChat(chat: tl.TypeChat): void {
    switch (chat._) {
      case 'chat':
      case 'chatForbidden':
        this.#chats.set(chat.id, chat)
        this.#member.set(
          `chat:${chat.id}`,
          chat._ === 'chat' && chat.left !== true && chat.deactivated !== true,
        )
        return
      case 'channel': {
        if (chat.min !== true) this.#member.set(`channel:${chat.id}`, chat.left !== true)
        const known = this.#channels.get(chat.id)
        this.#channels.set(chat.id, mergeChannel(known?._ === 'channel' ? known : undefined, chat))
        const name = usernameOf(chat)
        if (name !== undefined)
          this.#names.set(name.toLowerCase(), toUserId({ kind: 'channel', id: chat.id }))
        return
      }
      case 'channelForbidden':
        this.#channels.set(chat.id, chat)
        this.#member.set(`channel:${chat.id}`, false)
        return
      default:
    }
  }

  async #askTopic(channel: number, topic: number): Promise<void> {
    const client = this.#client()
    const peer = await this.peerOf({ kind: 'channel', id: channel })
    if (client === undefined || peer === undefined) return
    const answer = await client.call(
      { _: 'messages.getForumTopicsByID', peer, topics: [topic] },
      { timeout: ASK_MS },
    )
    for (const found of answer.topics)
      if (found._ === 'forumTopic') this.nameTopic(channel, found.id, found.title)
  }

  async #askEmoji(ids: string[]): Promise<void> {
    const documents = await this.#client()?.call(
      { _: 'messages.getCustomEmojiDocuments', documentId: ids.map((id) => Long.fromString(id)) },
      { timeout: ASK_MS },
    )
    for (const document of documents ?? []) {
      if (document._ !== 'document') continue
      const attribute = document.attributes.find((each) => each._ === 'documentAttributeCustomEmoji')
      if (attribute === undefined) continue
      const { mimeType, size } = document
      const picture = mimeType === 'image/webp' ? { pictureBytes: size } : {}
      this.#emoji.set(document.id.toString(), { alt: attribute.alt, ...picture })
    }
  }
}
