import type { Node } from '../contract.ts'
import { child, childrenOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Core } from './core.ts'
import { ackOf } from './core.ts'
import type { Groups } from './groups.ts'
import type { Addressing } from './jid.ts'
import { GROUP_SERVER, STATUS, addressingOf, isServer } from './jid.ts'
import type { MediaRetries } from './media-retries.ts'
import type { Routes } from './routes.ts'

/** Receipts take a message out of its receiver's queue, and tell its sender what became of it. */
export class Receipts {
  private readonly core: Core
  private readonly routes: Routes
  private readonly groups: Groups
  private readonly retries: MediaRetries

  constructor(core: Core, routes: Routes, groups: Groups, retries: MediaRetries) {
    this.core = core
    this.routes = routes
    this.groups = groups
    this.retries = retries
  }

  received(from: SimDevice, node: Node): void {
    const { to, type, participant } = node.attrs
    if (type !== 'retry' && type !== 'server-error')
      for (const id of idsOf(node)) from.mailbox.settle({ kind: 'message', id, from: to, participant })
    from.mailbox.pass(ackOf(node))
    if (type === 'server-error') return this.retries.asked(from, node)
    if (type === 'peer_msg' || type === 'hist_sync') return
    if (type === 'retry') return this.retry(from, node)
    if (type === 'sender') return this.toOwn(from, node)
    if (isServer(to, GROUP_SERVER) || to === STATUS) return this.inGroup(from, node)
    return this.direct(from, node)
  }

  private direct(from: SimDevice, node: Node): void {
    const { to = '', type, id = '' } = node.attrs
    const author = this.core.directory.account(to)
    if (author === undefined) return
    const asSent = this.core.switches.receiptAddressing === 'as-sent'
    const form = (asSent ? this.routes.form(author, id) : undefined) ?? addressingOf(to)
    const isReading = type === 'read' || type === 'read-self' || type === 'played'
    if (type !== 'read-self') {
      const attrs = { from: from.account.jid(form, from.number) }
      this.deliver([...author.devices.values()], node, attrs, shownType(type))
    }
    if (!isReading || !this.core.switches.readReceiptsToOwnDevices) return
    const others = [...from.account.devices.values()].filter((device) => device !== from)
    const attrs = { from: from.account.jid(form, from.number), recipient: author.jid(addressingOf(to)) }
    this.deliver(others, node, attrs, shownType(type))
  }

  private inGroup(from: SimDevice, node: Node): void {
    const { to = '', type, participant } = node.attrs
    const form = this.groups.find(to)?.addressing ?? 'pn'
    const author = this.core.directory.account(participant)
    const isReading = type === 'read' || type === 'read-self' || type === 'played'
    const attrs = { from: to, participant: from.account.jid(form, from.number) }
    if (author !== undefined && type !== 'read-self')
      this.deliver([...author.devices.values()], node, attrs, shownType(type))
    if (!isReading || !this.core.switches.readReceiptsToOwnDevices || author === from.account) return
    const others = [...from.account.devices.values()].filter((device) => device !== from)
    this.deliver(
      others,
      node,
      author === undefined ? attrs : { ...attrs, recipient: author.jid(form) },
      shownType(type),
    )
  }

  /** Asks the very device that sent the message for it once more. */
  private retry(from: SimDevice, node: Node): void {
    const { to = '', participant, recipient } = node.attrs
    const isShared = isServer(to, GROUP_SERVER) || to === STATUS
    const author = this.core.directory.device(isShared ? participant : to)
    if (author === undefined) return
    const form = this.retryForm(author.account, node)
    const asker = from.account.jid(form, from.number)
    const attrs = isShared ? { from: to, participant: asker } : { from: asker }
    const chat = recipient === undefined || isShared ? {} : { recipient }
    this.deliver([author], node, { ...attrs, ...chat }, 'retry', childrenOf(node))
  }

  private retryForm(author: SimAccount, { attrs }: Node): Addressing {
    const { to = '', id = '' } = attrs
    const group = this.groups.find(to)
    if (group !== undefined) return group.addressing
    const asSent = this.core.switches.receiptAddressing === 'as-sent'
    return (asSent ? this.routes.form(author, id) : undefined) ?? addressingOf(to)
  }

  /** The sender's own other device has the message. */
  private toOwn(from: SimDevice, node: Node): void {
    const { to = '', recipient } = node.attrs
    const author = this.core.directory.device(to)
    if (author?.account !== from.account || !this.core.switches.passesSenderReceipts) return
    const attrs = { from: from.account.jid(addressingOf(to), from.number) }
    this.deliver([author], node, recipient === undefined ? attrs : { ...attrs, recipient }, 'sender')
  }

  private deliver(
    to: readonly SimDevice[],
    { attrs, content }: Node,
    extra: Record<string, string>,
    type: string | undefined,
    parts?: Node[],
  ): void {
    const t = attrs['t'] ?? String(this.core.now())
    const shown = type === undefined ? {} : { type }
    const out: Node = { tag: 'receipt', attrs: { id: attrs['id'] ?? '', t, ...extra, ...shown } }
    const list = Array.isArray(content) ? content.filter(({ tag }) => tag === 'list') : []
    if (parts !== undefined) out.content = parts
    else if (list.length > 0) out.content = list
    for (const device of to)
      if (!this.core.faults.vanishes(device, out)) device.mailbox.deliver({ ...out, attrs: { ...out.attrs } })
  }
}

/** `inactive` is between a device and the server: that its owner is not looking. */
const shownType = (type: string | undefined): string | undefined => (type === 'inactive' ? undefined : type)

/** The stanza's own id and those in its list. */
export function idsOf(node: Node): string[] {
  const list = child(node, 'list')
  const more = list === undefined ? [] : childrenOf(list).flatMap(({ attrs }) => attrs['id'] ?? [])
  return [node.attrs['id'] ?? '', ...more]
}
