import { createHash } from 'node:crypto'
import type { Node } from '../contract.ts'
import { child, childrenOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Core } from './core.ts'
import { ackOf } from './core.ts'
import { envelope } from './envelope.ts'
import type { Groups } from './groups.ts'
import type { Addressing } from './jid.ts'
import { GROUP_SERVER, NEWSLETTER_SERVER, STATUS, addressingOf, bareJid, isServer } from './jid.ts'
import type { Newsletters } from './newsletters.ts'
import type { Routes } from './routes.ts'

type Delivery = { readonly to: SimDevice; readonly node: Node }

/** What becomes of a message: refused with an error, or delivered. */
type Outcome =
  { readonly error: number } | { readonly deliveries: readonly Delivery[]; readonly phash?: string }

/** Messages between devices: the sender's device encrypted them for each of the others, so there is little to decide. */
export class Messages {
  private readonly core: Core
  private readonly routes: Routes
  private readonly groups: Groups
  private readonly newsletters: Newsletters

  constructor(core: Core, routes: Routes, groups: Groups, newsletters: Newsletters) {
    this.core = core
    this.routes = routes
    this.groups = groups
    this.newsletters = newsletters
  }

  received(from: SimDevice, node: Node): void {
    const { faults, now } = this.core
    const t = String(now())
    const reception = faults.reception(from, node)
    if (reception === 'lose') return
    if (typeof reception === 'object') return answer(from, node, { t, error: String(reception.refuse) })
    if (isServer(node.attrs['to'], NEWSLETTER_SERVER)) return this.newsletters.received(from, node)
    const outcome = this.outcome(from, node)
    if ('error' in outcome) return answer(from, node, { t, error: String(outcome.error) })
    // The ack is first: a sender that waits for it has it before a receipt of the same message.
    if (reception === 'normal')
      answer(from, node, outcome.phash === undefined ? { t } : { t, phash: outcome.phash })
    for (const { to, node: delivered } of outcome.deliveries) to.mailbox.deliver(delivered)
    if (reception === 'cut') from.mailbox.online?.close('drop')
  }

  private outcome(from: SimDevice, node: Node): Outcome {
    const { to = '', id } = node.attrs
    if (id === undefined) return { error: 479 }
    if (this.lacksIdentity(from, node)) return { error: 479 }
    const isResend = childrenOf(node).some(({ tag, attrs }) => tag === 'enc' && attrs['count'] !== undefined)
    const isNew = this.routes.add(from.account, bareJid(to), id, this.formOf(to))
    if (!isNew && !isResend && this.core.switches.dropsRepeatedIds) return { deliveries: [] }
    if (isServer(to, GROUP_SERVER)) return this.toGroup(from, node)
    if (to === STATUS) return this.toStatus(from, node)
    return this.toPerson(from, node)
  }

  private formOf(to: string): Addressing {
    const group = this.groups.find(to)
    if (group !== undefined) return group.addressing
    const { addressing } = this.core.switches
    return addressing === 'mirror' ? addressingOf(to) : addressing
  }

  private toPerson(from: SimDevice, node: Node): Outcome {
    const { to = '', recipient, category } = node.attrs
    const target = this.core.directory.account(recipient ?? to)
    if (target === undefined) return { error: 404 }
    const sender = from.account
    if (category === 'peer') return this.toPeer(from, node)
    const error = this.refusal(from, target, node)
    if (error !== undefined) return { error }
    sender.known.add(target)
    target.known.add(sender)
    if (target.blocked.has(sender)) return { deliveries: [] }
    const form = this.formOf(to)
    const chat = target.jid(form)
    const copies = copiesOf(node).map(({ jid, parts }) => ({ to: this.core.directory.device(jid), parts }))
    const deliveries = copies.flatMap(({ to: device, parts }) => {
      if (device === undefined || device === from) return []
      if (device.account !== sender && device.account !== target) return []
      const place =
        device.account === sender
          ? ({ kind: 'own', chat, other: target, form } as const)
          : ({ kind: 'direct', form } as const)
      return [{ to: device, node: envelope(this.core, from, node, place, parts) }]
    })
    const isFanout = child(node, 'participants') !== undefined
    const reached = [from, ...copies.map((copy) => copy.to)]
    const missed = [...target.reachable, ...sender.reachable].filter((device) => !reached.includes(device))
    if (!isFanout || missed.length === 0 || !this.core.switches.tellsPhash) return { deliveries }
    const right = [...target.reachable, ...sender.reachable].filter((device) => device !== from)
    return { deliveries, phash: phashOf(right.map(({ account, number }) => account.jid(form, number))) }
  }

  /** To the sender's own phone, about something between them. */
  private toPeer(from: SimDevice, node: Node): Outcome {
    const to = this.core.directory.device(node.attrs['to'])
    if (to?.account !== from.account) return { error: 479 }
    const parts = childrenOf(node).filter(({ tag }) => tag === 'enc')
    return {
      deliveries: [{ to, node: envelope(this.core, from, node, { kind: 'peer', form: 'pn' }, parts) }],
    }
  }

  private toGroup(from: SimDevice, node: Node): Outcome {
    const group = this.groups.find(node.attrs['to'])
    if (group === undefined) return { error: 404 }
    const role = group.members.get(from.account)
    if (role === undefined || (group.isAnnounce && role === 'member')) return { error: 403 }
    const only = this.core.directory.device(node.attrs['participant'])
    const devices = [...group.members.keys()].flatMap((member) => [...member.devices.values()])
    const targets = devices.filter((device) => device !== from && (only === undefined || device === only))
    const keys = this.keysByDevice(node)
    const shared = childrenOf(node).filter(({ tag }) => tag === 'enc')
    const deliveries = targets.map((to) => {
      const loses = keys.has(to) && this.core.faults.losesSenderKey(to, node)
      const parts = [...(loses ? [] : (keys.get(to) ?? [])), ...shared]
      const place = { kind: 'group', chat: group.jid, form: group.addressing } as const
      return { to, node: envelope(this.core, from, node, place, parts) }
    })
    return { deliveries: deliveries.filter(({ to }) => !to.account.blocked.has(from.account) || only === to) }
  }

  /** A status goes to those whom its sender's device named. */
  private toStatus(from: SimDevice, node: Node): Outcome {
    const keys = this.keysByDevice(node)
    const shared = childrenOf(node).filter(({ tag }) => tag === 'enc')
    const deliveries = [...keys]
      .filter(([to]) => to !== from)
      .map(([to, parts]) => {
        const place = { kind: 'group', chat: STATUS, form: 'pn' } as const
        return { to, node: envelope(this.core, from, node, place, [...parts, ...shared]) }
      })
    return { deliveries }
  }

  private keysByDevice(node: Node): Map<SimDevice, Node[]> {
    const keys = new Map<SimDevice, Node[]>()
    const participants = child(node, 'participants')
    for (const { attrs, content } of participants === undefined ? [] : childrenOf(participants)) {
      const device = this.core.directory.device(attrs['jid'])
      if (device !== undefined && Array.isArray(content)) keys.set(device, content)
    }
    return keys
  }

  private refusal({ account }: SimDevice, target: SimAccount, node: Node): number | undefined {
    if (!this.core.switches.requiresTrustedContact || target === account) return undefined
    const isTrusted = account.trustedBy.has(target) && child(node, 'tctoken') !== undefined
    return isTrusted || account.known.has(target) ? undefined : 463
  }

  private lacksIdentity({ companion }: SimDevice, node: Node): boolean {
    if (companion === undefined || !this.core.switches.requiresDeviceIdentity) return false
    if (child(node, 'device-identity') !== undefined) return false
    const participants = child(node, 'participants')
    const copies = participants === undefined ? [] : childrenOf(participants).flatMap(childrenOf)
    return [...copies, ...childrenOf(node)].some(
      ({ tag, attrs }) => tag === 'enc' && attrs['type'] === 'pkmsg' && node.attrs['category'] !== 'peer',
    )
  }
}

function answer(from: SimDevice, node: Node, extra: Record<string, string>): void {
  from.mailbox.pass(ackOf(node, extra))
}

/** One copy for each device that it was encrypted for. A single one is for the device in `to`. */
function copiesOf(node: Node): { jid: string; parts: Node[] }[] {
  const participants = child(node, 'participants')
  if (participants === undefined) {
    const parts = childrenOf(node).filter(({ tag }) => tag === 'enc')
    return [{ jid: node.attrs['to'] ?? '', parts }]
  }
  return childrenOf(participants).map((copy) => ({ jid: copy.attrs['jid'] ?? '', parts: childrenOf(copy) }))
}

/** The hash by which client and server compare whom a message is for. */
export function phashOf(jids: readonly string[]): string {
  const hash = createHash('sha256')
    .update([...jids].sort().join(''))
    .digest('base64')
  return `2:${hash.slice(0, 6)}`
}
