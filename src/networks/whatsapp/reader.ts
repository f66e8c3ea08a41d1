import type { Contact, GroupMetadata, LastMessageList, WAMessage } from '@whiskeysockets/baileys'
import type { RemoteChatId, RemoteUserId } from '../../model/ids.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { mappingIn, newsOf } from './book.ts'
import { canonicalChat, movedChat } from './chats.ts'
import type { Connection, ConnectionDeps } from './connection.ts'
import { pollOf } from './from-poll.ts'
import { directChat, toUserId } from './ids.ts'
import { fromMessage } from './interim.ts'
import { Lru } from './lru.ts'
import { authorOf, personBy } from './message-key.ts'
import { idsOf, personOf } from './names.ts'
import { presenceHints, readsOf } from './receipts.ts'
import type { Heard } from './socket.ts'
import { unwrap } from './unwrap.ts'
import { keepPoll } from './votes.ts'

/** Reads what Baileys tells: what happened for the ledger, what may be forgotten as hints, what is known of people and groups. */
export class Reader {
  readonly #deps: ConnectionDeps
  readonly #connection: Connection
  /** The newest message of each conversation. */
  readonly #last = new Lru<RemoteChatId, WAMessage>(1_000)
  #knowsGroups = false

  constructor(deps: ConnectionDeps, connection: Connection) {
    this.#deps = deps
    this.#connection = connection
  }

  /** Whether all groups of the account are known. */
  get knowsGroups(): boolean {
    return this.#knowsGroups
  }

  lastOf(chat: RemoteChatId): LastMessageList {
    const last = this.#last.get(chat)
    return last === undefined ? [] : [{ key: last.key, messageTimestamp: last.messageTimestamp ?? 0 }]
  }

  /** The account is logged in: what it is in is asked for. @throws when the server does not say */
  async opened(): Promise<void> {
    const groups = await this.#connection.baileys.groupFetchAllParticipating()
    this.#connection.groups.replace(Object.values(groups))
    this.#knowsGroups = true
    this.#connection.acceptor.push({ events: () => this.#movedMeanwhile() })
  }

  /** A message as it came, and everything that is said as one. */
  async message(message: WAMessage): Promise<readonly RemoteEvent[]> {
    const { view } = this.#deps
    const chat = canonicalChat(view, message.key.remoteJid)
    const by = chat && authorOf(view, chat, message.key)
    if (chat === undefined || by === undefined) return []
    const author = personBy(view, chat, by)
    this.#last.set(chat, message)
    const { pushName } = message
    if (pushName && message.key.fromMe !== true) await this.#connection.book.learn(author, { push: pushName })
    const content = message.message ? unwrap(message.message).content : undefined
    const secret = content?.messageContextInfo?.messageSecret
    if (content && secret && pollOf(content) && message.key.id) {
      await keepPoll(this.#connection.vault, message.key.id, { secret, creators: idsOf(view, author) })
    }
    return fromMessage(view, message)
  }

  /** It became known which phone numbers and LIDs belong together: a direct chat by phone number goes on under the LID. */
  mapped(mappings: Readonly<Record<string, unknown>>): void {
    const pairs = Object.entries(mappings).flatMap(([key, value]) => mappingIn(key, value) ?? [])
    if (pairs.length > 0) this.#connection.acceptor.push({ events: () => this.#moved(pairs) })
  }

  heard(event: Heard): void {
    const { view, host } = this.#deps
    switch (event.name) {
      case 'contacts.upsert':
      case 'contacts.update':
        return this.#job(() => this.#contacts(event.data))
      case 'groups.upsert':
        return this.#job(() => this.#groups(event.data))
      case 'groups.update':
        for (const group of event.data) this.#connection.groups.update(group)
        return
      case 'group-participants.update':
        return this.#connection.groups.change(event.data.id, event.data.participants, event.data.action)
      case 'presence.update':
        for (const hint of presenceHints(view, event.data.id, event.data.presences)) host.hint(hint)
        return
      case 'messages.update':
        for (const { key, update } of event.data)
          for (const hint of readsOf(view, key, update)) host.hint(hint)
        return
      case 'message-receipt.update':
        for (const { key, receipt } of event.data)
          for (const hint of readsOf(view, key, { userReceipt: [receipt] })) host.hint(hint)
        return
    }
  }

  #job(events: () => Promise<readonly RemoteEvent[]>): void {
    this.#connection.acceptor.push({ events })
  }

  async #contacts(contacts: readonly Partial<Contact>[]): Promise<readonly RemoteEvent[]> {
    const { view, host } = this.#deps
    for (const contact of contacts) {
      const user = toUserId(contact.id) ?? toUserId(contact.phoneNumber)
      if (user === undefined || !(await this.#connection.book.learn(user, newsOf(contact)))) continue
      host.hint({ kind: 'profile', network: 'whatsapp', user: personOf(view, user) })
    }
    return []
  }

  async #groups(groups: readonly GroupMetadata[]): Promise<readonly RemoteEvent[]> {
    for (const group of groups) this.#connection.groups.set(group)
    return []
  }

  /** Conversations that the bridge has by phone number, and that go on under a LID. */
  async #moved(pairs: readonly { phone: RemoteUserId; lid: RemoteUserId }[]): Promise<readonly RemoteEvent[]> {
    const { view, host, login } = this.#deps
    const wanted = pairs.filter(({ phone }) => !view.isSelf(phone))
    if (wanted.length === 0) return []
    const chats = await host.chats('whatsapp')
    const own = new Set(chats.flatMap(({ chat }) => (chat.receiver === login.id ? [chat.id] : [])))
    return wanted.flatMap(({ phone, lid }) => {
      if (!own.has(directChat(phone))) return []
      return movedChat(view, phone, lid, host.clock.now()) ?? []
    })
  }

  /** What a crash kept from being told. */
  async #movedMeanwhile(): Promise<readonly RemoteEvent[]> {
    const { view, host } = this.#deps
    const pairs = (await host.chats('whatsapp')).flatMap(({ chat }) => {
      const phone = toUserId(chat.id)
      const lid = phone?.endsWith('@s.whatsapp.net') === true ? view.aliasOf(phone) : undefined
      return phone === undefined || lid === undefined ? [] : [{ phone, lid }]
    })
    return this.#moved(pairs)
  }
}
