import type { TlObject } from '../contract.ts'
import { Box } from './box.ts'
import { Dialog } from './dialog.ts'
import type { Photo } from './media.ts'
import type { Post } from './post.ts'
import type { Room } from './room.ts'

export type PersonOptions = {
  firstName: string
  lastName?: string
  /** Digits only. */
  phone?: string
  username?: string
  about?: string
  premium?: boolean
  /** The password of two-step verification. */
  password?: string
  passwordHint?: string
  bot?: boolean
  botToken?: string
  /** Else the next free one. */
  id?: bigint
}

/** Under which name an account has somebody in its address book. */
export type ContactEntry = { firstName: string; lastName: string; phone: string; photo?: Photo }

export type Presence = { online: boolean; at: number }

/** One account, with everything that only it sees. */
export class Account {
  readonly kind = 'user'
  readonly id: bigint
  firstName: string
  lastName: string
  phone: string | undefined
  username: string | undefined
  about: string
  premium: boolean
  password: string | undefined
  passwordHint: string | undefined
  readonly bot: boolean
  readonly botToken: string | undefined
  state: 'active' | 'deactivated' | 'banned' = 'active'
  photo: Photo | undefined = undefined
  readonly photos: Photo[] = []
  presence: Presence = { online: false, at: 0 }
  readonly contacts = new Map<Account, ContactEntry>()
  readonly blocked = new Set<Account>()
  /** Others may not add this account to groups unless they are its contacts. */
  groupsByContactsOnly = false
  /** Takes no voice and video notes (a setting of premium accounts). */
  voicesForbidden = false
  readonly box: Box
  /** What bots alone are told, counted by `qts`. */
  readonly botUpdates: TlObject[] = []
  /** Messages of private chats and basic groups by this account's numbers. */
  readonly copies = new Map<number, Post>()
  readonly dialogs = new Map<Room, Dialog>()
  private lastCopy = 0

  constructor(id: bigint, options: PersonOptions, boxSize: () => number) {
    this.id = id
    this.firstName = options.firstName
    this.lastName = options.lastName ?? ''
    this.phone = options.phone
    this.username = options.username
    this.about = options.about ?? ''
    this.premium = options.premium ?? false
    this.password = options.password
    this.passwordHint = options.passwordHint
    this.bot = options.bot ?? options.botToken !== undefined
    this.botToken = options.botToken
    this.box = new Box(boxSize)
  }

  dialog(room: Room): Dialog {
    const known = this.dialogs.get(room)
    if (known !== undefined) return known
    const dialog = new Dialog()
    this.dialogs.set(room, dialog)
    return dialog
  }

  /** Takes a copy of a message under the next number of this account. */
  take(post: Post): number {
    const id = ++this.lastCopy
    post.copies.set(this, id)
    this.copies.set(id, post)
    this.dialog(post.room).posts.set(id, post)
    return id
  }

  drop(post: Post): void {
    const id = post.copies.get(this)
    if (id === undefined) return
    this.copies.delete(id)
    this.dialogs.get(post.room)?.posts.delete(id)
  }
}
