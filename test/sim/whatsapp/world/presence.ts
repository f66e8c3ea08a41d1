import type { Node } from '../contract.ts'
import { childrenOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Core } from './core.ts'
import type { Groups } from './groups.ts'
import { GROUP_SERVER, addressingOf, isServer } from './jid.ts'

/** Who is online, and who is writing. Nothing of it is kept for those who are away. */
export class Presence {
  private readonly core: Core
  private readonly groups: Groups
  /** For each account the devices that asked to be told, with the address they asked for. */
  private readonly watchers = new Map<SimAccount, Map<SimDevice, string>>()

  constructor(core: Core, groups: Groups) {
    this.core = core
    this.groups = groups
  }

  received(from: SimDevice, node: Node): void {
    const { type, name, to } = node.attrs
    if (type === 'subscribe') return this.subscribe(from, to ?? '')
    if (name !== undefined && name !== '') from.account.name = name
    if (type === 'available' || type === 'unavailable') this.setAvailable(from, type === 'available')
  }

  /** A device said so, or its connection ended. */
  setAvailable(device: SimDevice, isAvailable: boolean): void {
    const { account } = device
    const before = account.isOnline
    if (device.isAvailable || isAvailable) account.lastSeen = this.core.now()
    device.isAvailable = isAvailable
    if (before !== account.isOnline || isAvailable) this.publish(account)
  }

  /** A lost connection is not available; call it while the device still counts as connected. */
  gone(device: SimDevice): void {
    this.setAvailable(device, false)
    for (const watchers of this.watchers.values()) watchers.delete(device)
  }

  /** `composing` or `paused`, to whoever is connected. */
  chatstate(from: SimDevice, node: Node): void {
    const { to = '' } = node.attrs
    const content = childrenOf(node)
    const group = this.groups.find(to)
    if (isServer(to, GROUP_SERVER)) {
      if (group?.members.has(from.account) !== true) return
      const attrs = { from: to, participant: from.account.jid(group.addressing) }
      for (const member of group.members.keys())
        if (member !== from.account) pass(member, { tag: 'chatstate', attrs, content })
      return
    }
    const target = this.core.directory.account(to)
    if (target === undefined || target.blocked.has(from.account)) return
    const { addressing } = this.core.switches
    const form = addressing === 'mirror' ? addressingOf(to) : addressing
    pass(target, { tag: 'chatstate', attrs: { from: from.account.jid(form) }, content })
  }

  private subscribe(from: SimDevice, to: string): void {
    const account = this.core.directory.account(to)
    if (account === undefined) return
    const watchers = this.watchers.get(account) ?? new Map<SimDevice, string>()
    this.watchers.set(account, watchers.set(from, to))
    from.mailbox.pass(this.shown(account, to))
  }

  private publish(account: SimAccount): void {
    for (const [device, jid] of this.watchers.get(account) ?? [])
      if (!account.blocked.has(device.account)) device.mailbox.pass(this.shown(account, jid))
  }

  private shown(account: SimAccount, jid: string): Node {
    if (account.isOnline && account.privacy.get('online') !== 'none')
      return { tag: 'presence', attrs: { from: jid } }
    const isHidden = this.core.switches.hidesLastSeen && account.privacy.get('last') === 'none'
    const last = isHidden || account.lastSeen === 0 ? 'deny' : String(account.lastSeen)
    return { tag: 'presence', attrs: { from: jid, type: 'unavailable', last } }
  }
}

function pass(account: SimAccount, node: Node): void {
  for (const { mailbox } of account.devices.values()) mailbox.pass(node)
}
