import type { Account } from './account.ts'
import type { Channel } from './channel.ts'
import type { Group } from './group.ts'
import type { Post } from './post.ts'

export type Room = Direct | Group | Channel

/** A private chat of two accounts, or of one with itself (Saved Messages). */
export class Direct {
  readonly kind = 'direct'
  readonly parties: readonly Account[]
  /** Seconds after which messages disappear; 0 is never. */
  ttl = 0

  constructor(a: Account, b: Account) {
    this.parties = a === b ? [a] : [a, b]
  }

  other(of: Account): Account {
    return this.parties.find((party) => party !== of) ?? of
  }

  get saved(): boolean {
    return this.parties.length === 1
  }
}

/** Those whom a room's events reach. */
export function audience(room: Room): Account[] {
  return room.kind === 'direct' ? [...room.parties] : [...room.members.keys()]
}

/** Messages as the account has them, oldest first. */
export function historyOf(room: Room, of: Account): Post[] {
  return [
    ...(room.kind === 'channel'
      ? room.posts
      : (of.dialogs.get(room)?.posts ?? new Map<number, Post>())
    ).values(),
  ]
}

/** The number that the account knows a message by; 0 when it has none. */
export function idOf(post: Post, of: Account): number {
  return post.room.kind === 'channel' ? post.channelId : (post.copies.get(of) ?? 0)
}

/** The message that the account knows by that number in that chat. */
export function postIn(room: Room, of: Account, id: number): Post | undefined {
  return room.kind === 'channel' ? room.posts.get(id) : of.dialogs.get(room)?.posts.get(id)
}

export function topOf(room: Room, of: Account): Post | undefined {
  return historyOf(room, of).at(-1)
}
