import type { LoginId, MatrixUserId, RemoteChatId, RemoteUserId } from '../../model/ids.ts'

/** What a login has heard of a person; each part may have come from elsewhere. */
export type Contact = {
  /** The name in the account's own address book (app state, contact action). Empty: they are in it no more. */
  saved?: string
  /** The verified name of a business. */
  business?: string
  /** What the person calls themselves. */
  push?: string
  /** The user name, without `@`. */
  username?: string
  /** Their phone number (`+` and digits), where a group has told it of somebody who is known by LID. */
  number?: string
  /** The picture as it was at `at` (Unix milliseconds). `null`: there is none; no id: the account may not see it. */
  picture?: { id?: string | null; at: number }
}

/** Both addresses of an account. */
export type Self = { phone: RemoteUserId; lid?: RemoteUserId }

export type GroupRole = 'owner' | 'admin' | 'member'

/** What is known of a conversation with several people. */
export type GroupFacts = {
  name?: string
  topic?: string
  /** Of whoever is in it, under either id; undefined: not in it, or not known. */
  role(user: RemoteUserId): GroupRole | undefined
  /** Whether its members address each other by LID. */
  byLid?: boolean
  /** Only administrators write. */
  announce?: boolean
  /** Only administrators change name, picture and description. */
  restrict?: boolean
  /** It is a community: nobody writes in it, its groups are the conversations. */
  community?: boolean
  /** The community that it belongs to. */
  parent?: { id: RemoteChatId; name?: string }
}

/**
 * What one login's connection knows beside the object that is being read. Every look-up is in memory and answers at
 * once; what is not known is undefined, and the mapping then does without. Look-ups are properties and not methods:
 * mappings make copies of a view with one of them changed.
 */
export type View = {
  login: LoginId
  self: Self
  /** The other id of the same person: of a phone number the LID, of a LID the phone number. */
  aliasOf: (user: RemoteUserId) => RemoteUserId | undefined
  contact: (user: RemoteUserId) => Contact | undefined
  group: (chat: RemoteChatId) => GroupFacts | undefined
  /** The login of an account that is connected to this bridge, by either id. */
  loginOf: (user: RemoteUserId) => LoginId | undefined
  /** How a person is called on Matrix: their own id when they are a user of the bridge, else their ghost's. */
  userIdOf: (user: RemoteUserId) => MatrixUserId
}
