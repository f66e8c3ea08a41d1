import type { LoginId, MatrixUserId, RemoteChatId, RemoteUserId } from '../../model/ids.ts'
import type { Login } from '../../model/network.ts'
import type { Book } from './book.ts'
import type { Groups } from './groups.ts'
import { toUserId } from './ids.ts'
import type { Contact, GroupFacts, Self, View } from './view.ts'

/** What a login knows of the others of this bridge. */
export type Neighbours = {
  loginOf(user: RemoteUserId): LoginId | undefined
  userIdOf(user: RemoteUserId): MatrixUserId
  /** Whether an account of this bridge has sent, or is just sending, a message from here, by the network's own id. */
  isSending(user: RemoteUserId, id: string): boolean
  /** The newest that any login knows of somebody's picture. */
  pictureOf(user: RemoteUserId): Contact['picture']
}

/** What is known by a login: of its last connection, while there is none. */
export class AccountView implements View {
  readonly login: LoginId
  self: Self
  /** What the account's owner calls themselves. */
  name: string | undefined
  book: Book | undefined
  groups: Groups | undefined
  readonly #neighbours: Neighbours

  /** @throws when the account is no phone number */
  constructor({ id, account }: Login, neighbours: Neighbours) {
    const phone = toUserId(`${account}@s.whatsapp.net`)
    if (phone === undefined) throw new Error('an account of WhatsApp that is no phone number')
    this.login = id
    this.self = { phone }
    this.#neighbours = neighbours
  }

  // Properties and not methods: mappings make copies of a view with something in it changed.
  readonly aliasOf = (user: RemoteUserId): RemoteUserId | undefined => {
    const { phone, lid } = this.self
    if (user === phone && lid !== undefined) return lid
    if (user === lid) return phone
    return this.book?.aliasOf(user)
  }

  readonly contact = (user: RemoteUserId): Contact | undefined => {
    const known = this.book?.contact(user)
    if (this.isSelf(user)) return this.name === undefined ? known : { ...known, push: this.name }
    const number = this.groups?.numberOf(user)
    const picture = this.#neighbours.pictureOf(user)
    if (number === undefined && picture === known?.picture) return known
    return { ...known, ...(number !== undefined && { number }), ...(picture !== undefined && { picture }) }
  }

  readonly group = (chat: RemoteChatId): GroupFacts | undefined => this.groups?.facts(chat)

  readonly loginOf = (user: RemoteUserId): LoginId | undefined => this.#neighbours.loginOf(user)

  readonly isSending = (user: RemoteUserId, id: string): boolean => this.#neighbours.isSending(user, id)

  readonly userIdOf = (user: RemoteUserId): MatrixUserId => this.#neighbours.userIdOf(user)

  /** After how many seconds messages of a chat disappear. */
  disappearingOf(chat: RemoteChatId): number | undefined {
    return this.groups?.disappearingOf(chat) ?? this.book?.disappearingOf(chat)
  }

  isSelf(user: RemoteUserId): boolean {
    return user === this.self.phone || user === this.self.lid
  }
}
