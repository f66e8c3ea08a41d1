import type { MediaContent, MessageContent, PollOption } from './content.ts'
import type { MatrixEventId, MatrixUserId, RemoteMessageId, RemoteUserId } from './ids.ts'
import type { ChatSettings, MembershipChange } from './remote-event.ts'

/** An earlier message that an action refers to, with enough of it to say so in words. */
export type Target = {
  eventId: MatrixEventId
  /** In order of parts; empty where the network gave no id. */
  remoteIds: RemoteMessageId[]
  /** The author on the network, and what to call them there. */
  author?: RemoteUserId
  authorName?: string
  /** True when the author is the one who acts now. */
  own: boolean
  at: Date
  /** The beginning of its text; absent when it is no longer kept. */
  excerpt?: string
}

/** What a Matrix user did, in words that every connector reads. */
export type RemoteAction =
  | { kind: 'message'; content: MessageContent; replyTo?: Target; threadRoot?: Target }
  | { kind: 'edit'; target: Target; content: MessageContent; previous?: string }
  | { kind: 'redaction'; target: Target; reason?: string }
  | { kind: 'reaction'; target: Target; key: string }
  | { kind: 'reaction-removal'; target: Target; key: string; reactionRemoteId?: RemoteMessageId }
  | { kind: 'poll-vote'; target: Target; options: PollOption[]; tally?: string }
  | { kind: 'poll-end'; target: Target; tally?: string }
  | {
      kind: 'membership'
      user: MatrixUserId
      /** Set when the person it happened to is one of the network's. */
      remote?: RemoteUserId
      change: MembershipChange
      reason?: string
    }
  | { kind: 'topic'; topic: string }
  | { kind: 'name'; name: string }
  /** Without a picture it is taken away. */
  | { kind: 'avatar'; avatar?: MediaContent }
  | { kind: 'pin'; target: Target; pinned: boolean }
  | { kind: 'settings'; settings: ChatSettings }
  | { kind: 'power'; changes: { remote: RemoteUserId; level: number }[] }

export type RemoteActionKind = RemoteAction['kind']
