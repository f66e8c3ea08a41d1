import type { MessageContent } from './content.ts'
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
}

/** A person of the network, with whatever the connector knows at this moment. */
export type RemoteUser = {
  id: RemoteUserId
  /** Other ids of the same person; all lead to one ghost. */
  aliases?: RemoteUserId[]
  /** The public name. */
  name?: string
  /** The name in the receiving login's address book. */
  contactName?: string
  bot?: boolean
}

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
    })
  | (Base & { kind: 'edit'; target: RemoteMessageId; content: MessageContent })
  | (Base & { kind: 'redaction'; target: RemoteMessageId; reason?: string })
  | (Base & { kind: 'reaction'; target: RemoteMessageId; key: string })
  | (Base & { kind: 'reaction-removal'; target: RemoteMessageId; key: string })
  | (Base & { kind: 'poll-vote'; target: RemoteMessageId; optionIds: string[] })
  | (Base & { kind: 'poll-end'; target: RemoteMessageId })
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
  | (Base & { kind: 'avatar'; avatar: MxcUri | undefined })
  /** Power of people and of the room; only what is given changes. */
  | (Base & { kind: 'power'; users?: { user: RemoteUser; level: number }[]; room?: RoomPower })
  /** Words from the bridge about the conversation itself. */
  | (Base & { kind: 'info'; text: string })

export type RoomPower = { speak?: number; topic?: number; invite?: number; joinable?: boolean }

/** Not kept and not queued: the newest wins. */
export type RemoteHint =
  | { kind: 'typing'; chat: RemoteChat; user: RemoteUser; typing: boolean }
  | { kind: 'read'; chat: RemoteChat; user: RemoteSender; upTo: RemoteMessageId }
  | { kind: 'presence'; user: RemoteUser; network: NetworkName; online: boolean; text?: string }

/** A Matrix user with an account on the network: owner of a login. */
export type LoginOwner = { login: LoginId; user: MatrixUserId }
