import { randomBytes } from 'node:crypto'
import type { KeyAndCert } from '../../irc/self-signed.ts'
import type { Accounts, Link, Node, World } from '../contract.ts'
import { childrenOf, errorOf } from '../node.ts'
import type { AccountOptions, SimAccount, SimDevice } from './account.ts'
import { newKeyPair } from './account.ts'
import { AppState } from './app-state.ts'
import { Businesses } from './business.ts'
import { Calls } from './calls.ts'
import type { Core, IqHandler } from './core.ts'
import { deliverTo, notification } from './core.ts'
import { Directory } from './directory.ts'
import { Faults } from './faults.ts'
import { GroupSettings } from './group-settings.ts'
import type { Group } from './group.ts'
import { Groups, createNotice } from './groups.ts'
import { MODEST, groupQueries, mediaQueries } from './iqs.ts'
import { SERVICE } from './jid.ts'
import { KeyService, identityNotice } from './key-service.ts'
import { MediaHost } from './media-host.ts'
import { MediaRetries } from './media-retries.ts'
import { Membership } from './membership.ts'
import { Messages } from './messages.ts'
import { Mex } from './mex.ts'
import { Newsletters } from './newsletters.ts'
import { PhoneDesk } from './phone.ts'
import { Pictures } from './pictures.ts'
import { Presence } from './presence.ts'
import { Receipts } from './receipts.ts'
import { Routes } from './routes.ts'
import { Settings } from './settings.ts'
import type { Switches } from './switches.ts'
import { DEFAULTS } from './switches.ts'
import { Usync } from './usync.ts'

export type WorldOptions = {
  readonly switches?: Partial<Switches>
  /** of the media host; default one made for it */
  readonly tls?: KeyAndCert
  /** Unix seconds */
  readonly now?: () => number
}

/** What is behind the connections of the simulated WhatsApp: people, devices, groups, and what is on its way. */
export class SimWorld implements World {
  readonly switches: Switches
  readonly faults: Faults
  readonly media: MediaHost
  readonly mediaRetries: MediaRetries
  readonly groups: Groups
  readonly newsletters: Newsletters
  readonly calls: Calls
  readonly pictures: Pictures
  readonly settings: Settings
  private readonly directory: Directory
  private readonly core: Core
  private readonly appState: AppState
  private readonly messages: Messages
  private readonly receipts: Receipts
  private readonly presence: Presence
  private readonly iqs: ReadonlyMap<string, IqHandler>
  private readonly desks = new Map<SimAccount, PhoneDesk>()
  private readonly links = new Map<Link, SimDevice>()
  private readonly prefix = randomBytes(4).toString('hex')
  private ids = 0

  private constructor({ switches, tls, now = () => Math.floor(Date.now() / 1000) }: WorldOptions) {
    this.switches = { ...DEFAULTS, ...switches }
    this.faults = new Faults((phone, device) => this.device(phone, device))
    this.directory = new Directory({
      transmit: (device) => (link, node) => this.faults.transmit(device, link, node),
      now,
      companionLimit: () => this.switches.companionLimit,
      changed: (device, how) => this.devicesChanged(device, how),
    })
    const newId = () => `${this.prefix}-${++this.ids}`
    this.core = { directory: this.directory, switches: this.switches, faults: this.faults, now, newId }
    const { core } = this
    this.media = new MediaHost(tls)
    this.mediaRetries = new MediaRetries(core, this.media.store)
    this.groups = new Groups(core)
    this.newsletters = new Newsletters(core)
    this.calls = new Calls(core)
    this.pictures = new Pictures(core, this.groups, this.media)
    this.settings = new Settings(core)
    this.appState = new AppState(core, ({ phone }, name) => this.desk(phone).snapshot(name))
    const routes = new Routes()
    this.messages = new Messages(core, routes, this.groups, this.newsletters)
    this.receipts = new Receipts(core, routes, this.groups, this.mediaRetries)
    this.presence = new Presence(core, this.groups)
    const membership = new Membership(core, this.groups)
    this.iqs = new Map<string, IqHandler>([
      ['encrypt', new KeyService(core).handle],
      ['usync', new Usync(core).handle],
      ['w:g2', groupQueries(this.groups, membership, new GroupSettings(core, this.groups))],
      ['w:m', mediaQueries(this.media)],
      ['w:profile:picture', this.pictures.handle],
      ['w:sync:app:state', this.appState.handle],
      ['w:biz', new Businesses(core).handle],
      ['w:mex', new Mex(this.newsletters).handle],
      ['newsletter', this.newsletters.handle],
      ...Object.entries(this.settings.handlers),
      ...Object.entries(MODEST),
    ])
  }

  /** Starts the media host on a free port. */
  static async start(options: WorldOptions = {}): Promise<SimWorld> {
    const world = new SimWorld(options)
    await world.media.listen()
    return world
  }

  stop(): Promise<void> {
    return this.media.stop()
  }

  // --- World ---

  opened(link: Link): void {
    const device = this.directory.get(link.phone).devices.get(link.device)
    if (device === undefined) return link.close('removed')
    this.links.set(link, device)
    const since = this.core.now() - this.switches.retentionSeconds
    device.mailbox.open(link, since, this.switches.offlineWaitsForBatch, () => this.live(device))
  }

  received(link: Link, node: Node): boolean {
    const from = this.links.get(link)
    if (from === undefined || this.faults.isSilent(from)) return true
    switch (node.tag) {
      case 'iq':
        return this.iq(from, node)
      case 'message':
        this.messages.received(from, node)
        return true
      case 'receipt':
        this.receipts.received(from, node)
        return true
      case 'ack': {
        const { class: kind = '', id = '', to, participant } = node.attrs
        from.mailbox.settle({ kind, id, from: to, participant })
        return true
      }
      case 'presence':
        this.presence.received(from, node)
        return true
      case 'chatstate':
        this.presence.chatstate(from, node)
        return true
      case 'call':
        this.calls.received(from, node)
        return true
      case 'ib':
        if (!childrenOf(node).some(({ tag }) => tag === 'offline_batch')) return false
        from.mailbox.replay()
        return true
      default:
        return false
    }
  }

  closed(link: Link): void {
    const device = this.links.get(link)
    this.links.delete(link)
    if (device === undefined || device.mailbox.online !== link) return
    this.presence.gone(device)
    device.mailbox.close()
  }

  /** A device has what waited for it. A companion that is new gets its phone's welcome now. */
  private live(device: SimDevice): void {
    const isFirst = !device.wasSeen
    device.wasSeen = true
    if (isFirst && device.companion !== undefined) this.desk(device.account.phone).welcome(device)
  }

  private iq(from: SimDevice, node: Node): boolean {
    const { xmlns = '', type } = node.attrs
    if (type === 'result' || type === 'error') return true
    const fault = this.faults.query(xmlns)
    if (fault === 'silence') return true
    const answer =
      fault === undefined ? this.iqs.get(xmlns)?.(from, node) : errorOf(node, fault, 'a fault wanted it so')
    if (answer === undefined) return false
    from.mailbox.pass(answer)
    return true
  }

  // --- people and devices ---

  /** What logins look up. */
  get accounts(): Accounts {
    return this.directory
  }

  /** Makes an account. Throws when the phone number or the LID is taken. */
  account(options: AccountOptions | string): SimAccount {
    return this.directory.add(typeof options === 'string' ? { phone: options } : options)
  }

  /** Throws when there is none. */
  find(phone: string): SimAccount {
    return this.directory.get(phone)
  }

  /** Throws when there is none. */
  device(phone: string, number: number): SimDevice {
    const device = this.directory.get(phone).devices.get(number)
    if (device === undefined) throw new Error(`${phone} has no device ${number} on the simulated WhatsApp`)
    return device
  }

  /** What a person's phone does besides writing. */
  desk(phone: string): PhoneDesk {
    const account = this.directory.get(phone)
    const desk = this.desks.get(account) ?? new PhoneDesk(this.core, account, this.appState, this.media)
    this.desks.set(account, desk)
    return desk
  }

  /** The phone takes a companion off. */
  removeDevice(phone: string, number: number): void {
    this.directory.unlink(phone, number)
  }

  /**
   * The phone is set up anew: new identity, no keys, and its companions are off. Who plays it has to connect with the
   * new identity.
   */
  changeIdentity(phone: string): void {
    const account = this.directory.get(phone)
    for (const number of account.devices.keys()) this.directory.unlink(phone, number)
    account.identity = newKeyPair()
    this.device(phone, 0).keys = undefined
    this.device(phone, 0).mailbox.online?.close('replaced')
    const form = this.switches.addressing === 'lid' ? 'lid' : 'pn'
    for (const known of account.known)
      if (known !== account) deliverTo(known, identityNotice(this.core, account.jid(form)))
  }

  changeLid(phone: string, lid: string): void {
    this.directory.changeLid(this.directory.get(phone), lid)
  }

  /** A group with its members, who are told. */
  group(subject: string, creator: SimAccount, ...members: SimAccount[]): Group {
    const group = this.groups.make({ subject, creator })
    for (const member of members) this.groups.join(group, member)
    this.groups.notifyAs(group, creator, createNotice(group, { type: 'new' }))
    return group
  }

  /** A community and a group of it, with the same members, who are told. */
  community(subject: string, part: string, creator: SimAccount, ...members: SimAccount[]): Group[] {
    const community = this.groups.make({ subject, creator })
    community.isCommunity = true
    const group = this.groups.make({ subject: part, creator })
    group.parent = community
    for (const each of [community, group]) {
      for (const member of members) this.groups.join(each, member)
      this.groups.notifyAs(each, creator, createNotice(each, { type: 'new' }))
    }
    return [community, group]
  }

  /** Tells a device that it missed changes of `groups` or `account_sync`. */
  markDirty(phone: string, number: number, type: string): void {
    const dirty = { tag: 'dirty', attrs: { type, timestamp: String(this.core.now()) } }
    this.device(phone, number).mailbox.pass({
      tag: 'ib',
      attrs: { from: SERVICE },
      content: [dirty],
    })
  }

  private devicesChanged(device: SimDevice, how: 'add' | 'remove'): void {
    if (how === 'remove') device.mailbox.online?.close('removed')
    const { account, number, companion } = device
    for (const form of ['pn', 'lid'] as const) {
      const shown = {
        tag: 'device',
        attrs: { jid: account.jid(form, number), 'key-index': String(companion?.keyIndex ?? 0) },
      }
      const change = { tag: how, attrs: { device_hash: `2:${number}` }, content: [shown] }
      const node = notification(this.core, 'devices', account.jid(form), [change])
      for (const known of new Set([account, ...account.known]))
        for (const told of known.devices.values()) if (told !== device) told.mailbox.deliver(node)
    }
  }
}
