import type { Account } from './account.ts'
import { Box } from './box.ts'
import type { Group } from './group.ts'
import type { Invite } from './invite.ts'
import type { Photo } from './media.ts'
import type { Post } from './post.ts'
import type { AllowedReactions } from './reactions.ts'
import type { Ban, Power } from './rights.ts'
import type { Topic } from './topic.ts'

export type ChannelMember = {
  inviter: Account
  date: number
  /** undefined for those who are no administrators. */
  powers: ReadonlySet<Power> | undefined
  promotedBy: Account
  rank: string | undefined
  bans: ReadonlySet<Ban>
  bannedBy: Account | undefined
}

export type Removed = { by: Account; date: number; bans: ReadonlySet<Ban>; until: number }

export type ChannelOptions = { title: string; broadcast: boolean; forum: boolean }

/** A supergroup, forum or broadcast channel: its messages have one number for everyone. */
export class Channel {
  readonly kind = 'channel'
  readonly id: bigint
  readonly creator: Account
  readonly date: number
  readonly broadcast: boolean
  readonly box: Box
  readonly posts = new Map<number, Post>()
  readonly members = new Map<Account, ChannelMember>()
  /** Those who may not come back. */
  readonly removed = new Map<Account, Removed>()
  readonly topics = new Map<number, Topic>()
  readonly invites = new Map<string, Invite>()
  readonly lastSpoke = new Map<Account, number>()
  forum: boolean
  title: string
  about = ''
  username: string | undefined = undefined
  photo: Photo | undefined = undefined
  bans = new Set<Ban>()
  allowed: AllowedReactions = 'all'
  ttl = 0
  slowmode = 0
  signatures = false
  noForwards = false
  migratedFrom: { group: Group; maxIds: ReadonlyMap<Account, number> } | undefined = undefined
  private lastPost = 0

  constructor(id: bigint, creator: Account, date: number, options: ChannelOptions, boxSize: () => number) {
    this.id = id
    this.creator = creator
    this.date = date
    this.title = options.title
    this.broadcast = options.broadcast
    this.forum = options.forum
    this.box = new Box(boxSize)
  }

  take(post: Post): number {
    post.channelId = ++this.lastPost
    this.posts.set(post.channelId, post)
    return post.channelId
  }

  drop(post: Post): void {
    this.posts.delete(post.channelId)
  }

  enter(account: Account, inviter: Account, date: number): ChannelMember {
    const powers = undefined
    const member = {
      inviter,
      date,
      powers,
      promotedBy: inviter,
      rank: undefined,
      bans: new Set<Ban>(),
      bannedBy: undefined,
    }
    this.members.set(account, member)
    this.removed.delete(account)
    return member
  }
}
