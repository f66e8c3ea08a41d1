import type { MediaContent, MessageContent } from './content.ts'
import type {
  LoginId,
  MatrixUserId,
  MxcUri,
  NetworkName,
  RemoteChatId,
  RemoteMessageId,
  RemoteUserId,
} from './ids.ts'

export const CHAT_TYPES = ['dm', 'group', 'channel'] as const
export type ChatType = (typeof CHAT_TYPES)[number]

/** A conversation as its network names it. `receiver` is set where each login has a conversation of its own (direct chats). */
export type RemoteChat = {
  network: NetworkName
  id: RemoteChatId
  type: ChatType
  receiver?: LoginId
  /** Shown until the room has a better name. */
  name?: string
  topic?: string
  /** The conversation that this one is a part of, as a topic of a forum is; shown as a space. */
  parent?: { id: RemoteChatId; name?: string }
}

/** A person of the network, with whatever the connector knows at this moment. */
export type RemoteUser = {
  id: RemoteUserId
  /** Other ids of the same person; all lead to one ghost. */
  aliases?: RemoteUserId[]
  /** The public name. */
  name?: string
  /** What they can be found by, such as a user name; shown while no public name is known. */
  handle?: string
  /** The name in the receiving login's address book; empty: they are not in it. */
  contactName?: string
  bot?: boolean
  /** The public picture. Absent: unknown, as it was; null: there is none. */
  avatar?: RemotePicture | null
}

/** A picture with the network. The same `id` is the same picture, so that it is fetched once. */
export type RemotePicture = { id: string; media: MediaContent }

/** Who did something: a contact, or the login's owner from another client of theirs. */
export type RemoteSender = RemoteUser & { self?: LoginId }

type Base = {
  chat: RemoteChat
  /** Unique in (chat, kind): a repeat is dropped. Never derived from text. */
  id: RemoteMessageId
  at: Date
  sender?: RemoteSender
  /** Filled in from history after an absence, not live. */
  backfilled?: boolean
}

export type MembershipChange = 'join' | 'leave' | 'kick' | 'ban' | 'unban' | 'invite'

/** Everything that a network can tell; each becomes one row of the ledger before the network is acknowledged. */
export type RemoteEvent =
  | (Base & {
      kind: 'message'
      content: MessageContent
      /** Further ids of the same message, where the network has several for it. */
      alsoIds?: RemoteMessageId[]
      replyTo?: RemoteMessageId
      threadRoot?: RemoteMessageId
      /** Messages of one album have the same; each is an event of its own. */
      album?: string
      /** The network removes it after so many milliseconds, counted from `at`. */
      expiresAfterMs?: number
    })
  | (Base & { kind: 'edit'; target: RemoteMessageId; content: MessageContent })
  | (Base & { kind: 'redaction'; target: RemoteMessageId; reason?: string })
  | (Base & { kind: 'reaction'; target: RemoteMessageId; key: string })
  | (Base & { kind: 'reaction-removal'; target: RemoteMessageId; key: string })
  | (Base & { kind: 'poll-vote'; target: RemoteMessageId; optionIds: string[] })
  | (Base & { kind: 'poll-end'; target: RemoteMessageId })
  /** How a poll stands where nobody says who voted; the newest counts. */
  | (Base & {
      kind: 'poll-tally'
      target: RemoteMessageId
      counts: { optionId: string; votes: number }[]
      voters: number
    })
  /** Reactions of people whom the network does not name, complete; the newest counts, an empty list takes all back. */
  | (Base & { kind: 'reaction-tally'; target: RemoteMessageId; counts: { key: string; count: number }[] })
  /** Another number of a message that the bridge has: whoever refers to it by that one means it. */
  | (Base & { kind: 'alias'; target: RemoteMessageId; ids: RemoteMessageId[] })
  | (Base & { kind: 'pin'; targets: RemoteMessageId[]; pinned: boolean })
  | (Base & { kind: 'membership'; user: RemoteUser; change: MembershipChange; reason?: string })
  /** The person goes on under another id, as in an IRC nick change. */
  | (Base & { kind: 'rename'; from: RemoteUser; to: RemoteUser })
  /** The complete list of who is there; whoever is missing has left. */
  | (Base & {
      kind: 'members'
      users: RemoteUser[]
      /** Only who left matters; the others come in when they speak. */ lazy?: boolean
    })
  | (Base & { kind: 'topic'; topic: string })
  | (Base & { kind: 'name'; name: string })
  /** `picture` is still with the network, and is what is meant when it is there. */
  | (Base & { kind: 'avatar'; avatar: MxcUri | undefined; picture?: RemotePicture })
  /** How one login has put the conversation away; nobody else sees it. */
  | (Base & { kind: 'settings'; login: LoginId; settings: ChatSettings })
  /** The conversation goes on as `to`: the room, its members and what its messages were stay. */
  | (Base & { kind: 'moved'; to: RemoteChat })
  /** Power of people and of the room; only what is given changes. */
  | (Base & { kind: 'power'; users?: { user: RemoteUser; level: number }[]; room?: RoomPower })
  /** Words from the bridge about the conversation itself. */
  | (Base & { kind: 'info'; text: string; html?: string; replyTo?: RemoteMessageId })

export type RoomPower = {
  speak?: number
  topic?: number
  name?: number
  pin?: number
  invite?: number
  joinable?: boolean
}

/** Only what is given changes. `mute`: until when, in milliseconds of Unix time. */
export type ChatSettings = {
  mute?: 'off' | 'forever' | { untilMs: number }
  archived?: boolean
  unread?: boolean
  /** Kept at the top of the list. */
  favourite?: boolean
}

/** Not kept and not queued: the newest wins. */
export type RemoteHint =
  | { kind: 'typing'; chat: RemoteChat; user: RemoteUser; typing: boolean }
  | {
      kind: 'read'
      chat: RemoteChat
      user: RemoteSender
      upTo: RemoteMessageId
      /** An earlier message, should there be no event for the other. */
      orElse?: RemoteMessageId
    }
  | {
      kind: 'presence'
      user: RemoteUser
      network: NetworkName
      online: boolean
      text?: string
      lastActive?: Date
    }
  /** A person's public name or picture is another now. */
  | { kind: 'profile'; user: RemoteUser; network: NetworkName }

/** A Matrix user with an account on the network: owner of a login. */
export type LoginOwner = { login: LoginId; user: MatrixUserId }
