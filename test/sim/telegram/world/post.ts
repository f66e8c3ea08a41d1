import type { TlObject } from '../contract.ts'
import type { Account } from './account.ts'
import type { Media } from './media.ts'
import type { ReactionSet } from './reactions.ts'
import { idOf } from './room.ts'
import type { Room } from './room.ts'
import type { View } from './view.ts'

/** A service message's content, as a viewer sees it. */
export type Action = (view: View) => TlObject

export type ReplyTo = {
  readonly post: Post
  readonly quote?: { text: string; entities: readonly TlObject[]; offset: number }
  readonly pollOption?: Uint8Array
}

export type Forward = {
  readonly from: Account | Room | string
  readonly date: number
  readonly channelPost: number | undefined
  readonly author: string | undefined
}

export type PostFields = {
  text?: string
  entities?: readonly TlObject[]
  media?: Media | undefined
  action?: Action
  replyTo?: ReplyTo | undefined
  /** The topic of a forum. */
  topic?: number | undefined
  forward?: Forward | undefined
  groupedId?: bigint | undefined
  silent?: boolean
  noForwards?: boolean
  viaBot?: Account
}

/** A message: one for all who see it, under each account's own number. */
export class Post {
  /** Links the copies of one message. */
  readonly globalId: number
  readonly room: Room
  readonly author: Account
  readonly date: number
  /** Speaks for the channel, not under the author's name. */
  readonly anonymous: boolean
  readonly action: Action | undefined
  readonly replyTo: ReplyTo | undefined
  readonly topic: number | undefined
  readonly forward: Forward | undefined
  readonly groupedId: bigint | undefined
  readonly silent: boolean
  readonly noForwards: boolean
  readonly viaBot: Account | undefined
  readonly ttl: number
  readonly copies = new Map<Account, number>()
  readonly reactions: ReactionSet = new Map()
  /** When each reader saw it, in Unix seconds. */
  readonly readBy = new Map<Account, number>()
  readonly heardBy = new Set<Account>()
  /** For whom it is pinned. */
  readonly pinnedFor = new Set<Account>()
  text: string
  entities: readonly TlObject[]
  media: Media | undefined
  channelId = 0
  editDate: number | undefined = undefined
  removed = false

  constructor(
    globalId: number,
    room: Room,
    author: Account,
    date: number,
    fields: PostFields,
    anonymous = false,
  ) {
    this.globalId = globalId
    this.room = room
    this.author = author
    this.date = date
    this.anonymous = anonymous
    this.text = fields.text ?? ''
    this.entities = fields.entities ?? []
    this.media = fields.media
    this.action = fields.action
    this.replyTo = fields.replyTo
    this.topic = fields.topic
    this.forward = fields.forward
    this.groupedId = fields.groupedId
    this.silent = fields.silent ?? false
    this.noForwards = fields.noForwards ?? false
    this.viaBot = fields.viaBot
    this.ttl = room.ttl
  }

  /** In groups and channels a pinned message is pinned for everyone. */
  isPinnedFor(account: Account): boolean {
    return this.room.kind === 'channel' ? this.pinnedFor.size > 0 : this.pinnedFor.has(account)
  }

  /** The number that the account knows it by. */
  idFor(account: Account): number {
    return idOf(this, account)
  }
}
