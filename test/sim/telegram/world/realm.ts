import type { Authorization, Wire } from '../contract.ts'
import { Account } from './account.ts'
import type { PersonOptions } from './account.ts'
import { Channel } from './channel.ts'
import type { ChannelOptions } from './channel.ts'
import { Faults } from './faults.ts'
import { Files } from './files.ts'
import { Group } from './group.ts'
import { Ids } from './ids.ts'
import type { Poll } from './poll.ts'
import { Direct } from './room.ts'
import { SeenChannels } from './seen-channels.ts'
import { Sends } from './sends.ts'
import type { StickerSet } from './sticker-set.ts'
import type { Switches } from './switches.ts'
import type { Listener, WorldEvent } from './world-event.ts'

/** The account from which the service itself writes, e.g. login codes. */
const SERVICE_ID = 777_000n

/** Everything there is: accounts, rooms, files, and who knows what. */
export class Realm {
  readonly wire: Wire
  readonly switches: Switches
  readonly ids: Ids
  readonly faults: Faults
  readonly files: Files
  readonly sends = new Sends()
  readonly users = new Map<bigint, Account>()
  readonly groups = new Map<bigint, Group>()
  readonly channels = new Map<bigint, Channel>()
  readonly polls = new Map<bigint, Poll>()
  readonly stickerSets = new Map<bigint, StickerSet>()
  /** Pages of which the server knows a preview, by address. */
  readonly previews = new Map<string, { title: string; description: string }>()
  readonly service: Account
  private readonly directs = new Map<string, Direct>()
  private readonly listeners = new Set<Listener>()
  private readonly seen = new WeakMap<Authorization, SeenChannels>()

  constructor(wire: Wire, switches: Switches) {
    this.wire = wire
    this.switches = switches
    this.ids = new Ids(switches.overlapIds)
    this.faults = new Faults(this.now)
    this.files = new Files(this.ids, this.now)
    this.service = this.addUser({ firstName: 'Telegram', id: SERVICE_ID })
  }

  /** Unix seconds. */
  now = (): number => this.wire.now()

  addUser(options: PersonOptions): Account {
    const account = new Account(
      options.id ?? this.ids.next('user'),
      options,
      () => this.switches.accountBoxSize,
    )
    this.users.set(account.id, account)
    return account
  }

  addGroup(title: string, creator: Account): Group {
    const group = new Group(this.ids.next('group'), title, creator, this.now())
    this.groups.set(group.id, group)
    return group
  }

  addChannel(creator: Account, options: ChannelOptions): Channel {
    const id = this.ids.next('channel')
    const channel = new Channel(id, creator, this.now(), options, () => this.switches.channelBoxSize)
    this.channels.set(id, channel)
    return channel
  }

  direct(a: Account, b: Account): Direct {
    const key = a.id < b.id ? `${a.id}:${b.id}` : `${b.id}:${a.id}`
    const direct = this.directs.get(key) ?? new Direct(a, b)
    this.directs.set(key, direct)
    return direct
  }

  userByName(username: string): Account | undefined {
    const wanted = username.toLowerCase()
    return [...this.users.values()].find((account) => account.username?.toLowerCase() === wanted)
  }

  channelByName(username: string): Channel | undefined {
    const wanted = username.toLowerCase()
    return [...this.channels.values()].find((channel) => channel.username?.toLowerCase() === wanted)
  }

  userByPhone(phone: string): Account | undefined {
    const digits = phone.replaceAll(/\D/g, '')
    return [...this.users.values()].find((account) => account.phone === digits)
  }

  /** What a login knows of its channels. */
  seenBy(who: Authorization): SeenChannels {
    const known = this.seen.get(who) ?? new SeenChannels()
    this.seen.set(who, known)
    return known
  }

  /** A login lost its connection or made a new one. */
  wentAway(who: Authorization): void {
    this.seenBy(who).goAway(this.now() - this.switches.ackSeconds)
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  tell(event: WorldEvent): void {
    for (const listener of this.listeners) listener(event)
  }
}
