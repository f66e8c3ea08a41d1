import type { Account } from './account.ts'
import type { Channel } from './channel.ts'
import type { Invite } from './invite.ts'
import type { Photo } from './media.ts'
import type { AllowedReactions } from './reactions.ts'
import type { Ban } from './rights.ts'

export type GroupMember = { inviter: Account; date: number; admin: boolean }

/** A basic group: its messages are copied into every member's own sequence. */
export class Group {
  readonly kind = 'group'
  readonly id: bigint
  readonly creator: Account
  readonly date: number
  readonly members = new Map<Account, GroupMember>()
  readonly left = new Set<Account>()
  readonly invites = new Map<string, Invite>()
  title: string
  about = ''
  photo: Photo | undefined = undefined
  /** Counts changes of the members. */
  version = 1
  bans = new Set<Ban>()
  allowed: AllowedReactions = 'all'
  ttl = 0
  noForwards = false
  migratedTo: Channel | undefined = undefined

  constructor(id: bigint, title: string, creator: Account, date: number) {
    this.id = id
    this.title = title
    this.creator = creator
    this.date = date
  }
}
