import type { TlObject } from '../contract.ts'
import { due } from './acts/due.ts'
import { addToChannel, addToGroup } from './acts/members.ts'
import { createChannel, createGroup } from './acts/rooms.ts'
import { setProfilePhoto } from './methods/files.ts'
import { emitName } from './methods/users.ts'
import type { Account, ContactEntry, PersonOptions } from './account.ts'
import type { Channel } from './channel.ts'
import type { FloodOptions } from './faults.ts'
import type { Group } from './group.ts'
import { MadeMedia } from './made-media.ts'
import { Realm } from './realm.ts'
import { gather } from './render/gather.ts'
import type { Room } from './room.ts'
import { seenHistory } from './seen.ts'
import type { Seen } from './seen.ts'
import type { StickerSet } from './sticker-set.ts'
import type { Switches } from './switches.ts'
import { Turn } from './turn.ts'
import { viewOf } from './view.ts'
import type { Listener } from './world-event.ts'

export type RoomOptions = {
  title: string
  /** The first one is the creator. */
  members: readonly [Account, ...Account[]]
  about?: string
  username?: string
}

/** A chat: a room, or the private chat with an account. */
export type Chat = Account | Room

/** What a test sets up and looks at: accounts, rooms, names, refusals, and what everyone sees. */
export class Stage {
  readonly realm: Realm
  readonly media: MadeMedia

  constructor(realm: Realm) {
    this.realm = realm
    this.media = new MadeMedia(realm)
  }

  get switches(): Switches {
    return this.realm.switches
  }

  /** 777000, from which the service itself writes. */
  get serviceAccount(): Account {
    return this.realm.service
  }

  user(options: PersonOptions): Account {
    return this.realm.addUser(options)
  }

  group({ title, members: [creator, ...others], about }: RoomOptions): Group {
    return this.turn((turn) => {
      const group = createGroup(turn, title, creator, others)
      group.about = about ?? ''
      return group
    })
  }

  supergroup(options: RoomOptions): Channel {
    return this.newChannel(options, false, false)
  }

  /** Only the creator writes in it. */
  channel(options: RoomOptions): Channel {
    return this.newChannel(options, true, false)
  }

  forum(options: RoomOptions): Channel {
    return this.newChannel(options, false, true)
  }

  private newChannel(options: RoomOptions, broadcast: boolean, forum: boolean): Channel {
    const {
      title,
      members: [creator, ...others],
      about,
      username,
    } = options
    return this.turn((turn) => {
      const channel = createChannel(turn, creator, { title, broadcast, forum }, others)
      channel.about = about ?? ''
      channel.username = username
      return channel
    })
  }

  /** Puts somebody into an account's address book, under the name that the account gives them. */
  contact(viewer: Account, of: Account, entry: Partial<ContactEntry> = {}): void {
    viewer.contacts.set(of, {
      firstName: entry.firstName ?? of.firstName,
      lastName: entry.lastName ?? '',
      phone: entry.phone ?? of.phone ?? '',
      ...(entry.photo === undefined ? {} : { photo: entry.photo }),
    })
  }

  /** Changes somebody's own name; those who know them are told. */
  renameUser(account: Account, firstName: string, lastName = ''): void {
    account.firstName = firstName
    account.lastName = lastName
    this.turn((turn) => emitName(turn, account))
  }

  /** @param bytes undefined takes the picture away */
  setPhoto(account: Account, bytes: Uint8Array | undefined): void {
    const photo = bytes === undefined ? undefined : this.realm.files.photo(bytes)
    this.turn((turn) => setProfilePhoto({ turn }, account, photo))
  }

  stickerSet(title: string, shortName: string, stickers: StickerSet['stickers']): StickerSet {
    const set = { id: this.realm.ids.long(), title, shortName, stickers }
    this.realm.stickerSets.set(set.id, set)
    return set
  }

  /** Lets the server know a preview of a page. */
  page(url: string, title: string, description: string): void {
    this.realm.previews.set(url, { title, description })
  }

  room(of: Account, chat: Chat): Room {
    return chat.kind === 'user' ? this.realm.direct(of, chat) : chat
  }

  /** History exactly as that person sees it, oldest first. */
  view(of: Account, chat: Chat): Seen[] {
    return seenHistory(this.realm, of, this.room(of, chat))
  }

  /** How many messages that person sees for which it is true. */
  count(of: Account, chat: Chat, wanted: (seen: Seen) => boolean): number {
    return this.view(of, chat).filter(wanted).length
  }

  /** Refuses a method with `420 FLOOD_WAIT_n`. */
  flood(method: string, seconds: number, options: FloodOptions = {}): void {
    this.realm.faults.flood(method, seconds, options)
  }

  /** Refuses the next calls of a method. */
  refuse(method: string, code: number, text: string, times = 1): void {
    this.realm.faults.refuse(method, code, text, times)
  }

  slowmode(channel: Channel, seconds: number): void {
    channel.slowmode = seconds
  }

  /** Forgets what happened, so that whoever was away is told that the difference is too long. */
  forgetEvents(of: Account | Channel): void {
    of.box.forget()
  }

  expireFileReferences(): void {
    this.realm.files.expireReferences()
  }

  loseFilePart(part: number): void {
    this.realm.files.losePart(part)
  }

  /** Pushes `updatesTooLong` to all devices of an account. */
  pushTooLong(to: Account): void {
    for (const who of this.realm.wire.authorizations(to.id))
      this.realm.wire.push(who, { _: 'updatesTooLong' })
  }

  /** Pushes `updateChannelTooLong` to all devices of an account. */
  pushChannelTooLong(to: Account, channel: Channel): void {
    this.push(to, { _: 'updateChannelTooLong', channel_id: channel.id, pts: channel.box.pts })
  }

  /** Pushes any update to all devices of an account. Nothing of the world changes. */
  push(to: Account, update: TlObject): void {
    for (const who of this.realm.wire.authorizations(to.id)) {
      const found = gather(viewOf(this.realm, to, who), update)
      const updates = { _: 'updates', updates: [update], ...found, date: this.realm.now(), seq: 0 }
      this.realm.wire.push(who, updates)
    }
  }

  /** The account is deleted: shown without a name, and no login of it works. */
  deactivate(account: Account, state: 'deactivated' | 'banned' = 'deactivated'): void {
    account.state = state
  }

  /** Calls back after everything that happens. @returns how to stop it */
  onEvent(listener: Listener): () => void {
    return this.realm.listen(listener)
  }

  /** Does what is due by now: messages whose time is over disappear, polls whose time is over end. */
  tick(): void {
    this.turn(due)
  }

  /** Enters a room without anybody's permission. */
  enter(room: Group | Channel, account: Account, by: Account = room.creator): void {
    this.turn((turn) => {
      if (room.kind === 'group') addToGroup(turn, room, account, by)
      else addToChannel(turn, room, account, by)
    })
  }

  /** One change; pushed when it is complete. */
  protected turn<T>(change: (turn: Turn) => T): T {
    const turn = new Turn(this.realm)
    try {
      return change(turn)
    } finally {
      turn.finish()
    }
  }
}
