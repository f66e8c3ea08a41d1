import type { Post } from './post.ts'

/** What one account has of one chat. */
export class Dialog {
  /** Copies by the account's own message ids, oldest first; empty for channels, whose messages are the same for all. */
  readonly posts = new Map<number, Post>()
  readInbox = 0
  readOutbox = 0
  /** Place among the pinned chats; undefined when not pinned. */
  pinned: number | undefined = undefined
  /** 1 is the archive. */
  folder = 0
  unreadMark = false
  muteUntil = 0
  silent = false
  showPreviews = true
  /** Topics of a forum: what was read of each. */
  readonly topicsRead = new Map<number, number>()
}
