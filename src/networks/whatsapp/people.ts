import { createHash } from 'node:crypto'
import type { Contact as BaileysContact } from '@whiskeysockets/baileys'
import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteUserId } from '../../model/ids.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { mappingIn, newsOf } from './book.ts'
import { movedChat, remoteChat } from './chats.ts'
import type { Connection, ConnectionDeps } from './connection.ts'
import { directChat, isPhone, toUserId } from './ids.ts'
import { canonical, personOf } from './names.ts'

type Pair = { phone: RemoteUserId; lid: RemoteUserId }

/** What becomes known of people: their names, and which phone number and LID are one person. */
export class People {
  readonly #deps: ConnectionDeps
  readonly #connection: Connection

  constructor(deps: ConnectionDeps, connection: Connection) {
    this.#deps = deps
    this.#connection = connection
  }

  /** @throws when it is not kept */
  async contacts(contacts: readonly Partial<BaileysContact>[]): Promise<readonly RemoteEvent[]> {
    const { view, host } = this.#deps
    const { book } = this.#connection
    const renamed: RemoteUserId[] = []
    for (const contact of contacts) {
      const user = toUserId(contact.id) ?? toUserId(contact.phoneNumber) ?? toUserId(contact.lid)
      if (user === undefined || view.isSelf(user)) continue
      const news = newsOf(contact)
      const before = book.contact(user)?.saved
      if (!(await book.learn(user, news))) continue
      host.hint({ kind: 'profile', network: 'whatsapp', user: personOf(view, user) })
      if (news.saved !== undefined && news.saved !== before) renamed.push(canonical(view, user))
    }
    return renamed.length === 0 ? [] : this.#renamed(renamed)
  }

  /** Phone numbers and LIDs that belong together: a direct chat by phone number goes on under the LID. */
  async mapped(mappings: Readonly<Record<string, unknown>>): Promise<readonly RemoteEvent[]> {
    return this.#moved(Object.entries(mappings).flatMap(([key, value]) => mappingIn(key, value) ?? []))
  }

  /** What a crash kept from being told. */
  async movedMeanwhile(): Promise<readonly RemoteEvent[]> {
    const { view, host } = this.#deps
    const pairs = (await host.chats('whatsapp')).flatMap(({ chat }) => {
      const phone = isPhone(chat.id) ? toUserId(chat.id) : undefined
      const lid = phone === undefined ? undefined : view.aliasOf(phone)
      return phone === undefined || lid === undefined ? [] : [{ phone, lid }]
    })
    return this.#moved(pairs)
  }

  async #moved(pairs: readonly Pair[]): Promise<readonly RemoteEvent[]> {
    const { view, host } = this.#deps
    const wanted = pairs.filter(({ phone }) => !view.isSelf(phone))
    if (wanted.length === 0) return []
    const own = await this.#direct()
    return wanted.flatMap(({ phone, lid }) =>
      own.has(directChat(phone)) ? (movedChat(view, phone, lid, host.clock.now()) ?? []) : [],
    )
  }

  /** Direct chats with people who are called something else in the address book now. */
  async #renamed(users: readonly RemoteUserId[]): Promise<readonly RemoteEvent[]> {
    const { view, host } = this.#deps
    const own = await this.#direct()
    return [...new Set(users)].flatMap((user) => {
      const chat = directChat(user)
      if (!own.has(chat)) return []
      const person = personOf(view, user, { direct: true })
      const name = createHash('sha256')
        .update(person.contactName ?? '')
        .digest('base64url')
        .slice(0, 12)
      const at = host.clock.now()
      const id = remoteMessageId(`contact/${at.getTime().toString(36)}.${name}`)
      return [{ kind: 'members', chat: remoteChat(view, chat), id, at, users: [person], lazy: true }]
    })
  }

  /** The account's direct chats that the bridge has. */
  async #direct(): Promise<Set<string>> {
    const { host, login } = this.#deps
    const chats = await host.chats('whatsapp')
    const own = chats.flatMap(({ chat }) => (chat.receiver === login.id ? [chat.id] : []))
    return new Set([...own, ...this.#connection.reader.met])
  }
}
