import type { CloseReason, Link, Node } from '../contract.ts'
import { childrenOf } from '../node.ts'
import type { SimDevice } from './account.ts'
import type { Scope } from './fault-rules.ts'
import { FaultRules } from './fault-rules.ts'

export type { Scope } from './fault-rules.ts'

/** What the world does with a message that a device sent. */
export type Reception = 'normal' | 'lose' | 'no-ack' | 'cut' | { readonly refuse: number }

type IqFault = { readonly xmlns: string; readonly code: number | undefined; left: number }

/** What can go wrong between the server and its clients, for tests to switch on. */
export class Faults {
  private readonly rules = new FaultRules()
  private readonly iqs = new Set<IqFault>()
  private readonly silent = new Set<SimDevice>()
  private readonly swapped = new Map<SimDevice, { readonly tag: string; readonly send: () => void }>()
  private readonly find: (phone: string, device: number) => SimDevice

  /** `find` throws for a device that there is not. */
  constructor(find: (phone: string, device: number) => SimDevice) {
    this.find = find
  }

  /** Takes all of it back; what is held stays lost. */
  clear(): void {
    this.rules.clear()
    this.iqs.clear()
    this.silent.clear()
    this.swapped.clear()
  }

  // --- messages that a device sends (`phone` is the sender's) ---

  /** They are delivered, and the sender never hears so. */
  dropAck(scope: Scope = {}): void {
    this.rules.add({ kind: 'no-ack' }, scope)
  }

  /** They are delivered, and the sender's connection ends before the ack. */
  cutBeforeAck(scope: Scope = {}): void {
    this.rules.add({ kind: 'cut' }, scope)
  }

  /** Neither delivered nor acknowledged. */
  loseMessage(scope: Scope = {}): void {
    this.rules.add({ kind: 'lose' }, scope)
  }

  /** Not delivered; the ack has an error: 463 no token, 479 malformed, 500. */
  refuse(code: number, scope: Scope = {}): void {
    this.rules.add({ kind: 'refuse', code }, scope)
  }

  // --- stanzas on their way to a device (`phone` is the receiver's) ---

  /** Receipts are never passed on; `type` tells which: `''` delivery, `read`, `played`, `retry`. */
  loseReceipt(scope: Omit<Scope, 'tag'> = {}): void {
    this.rules.add({ kind: 'vanish' }, { ...scope, tag: 'receipt' })
  }

  /** Group messages arrive without the sender's key, so that the receiver has to ask for them again. */
  loseSenderKey(scope: Scope = {}): void {
    this.rules.add({ kind: 'keyless' }, scope)
  }

  /** Lost on the wire: they come again with the next connection. */
  dropOnWire(scope: Scope = {}): void {
    this.rules.add({ kind: 'drop' }, scope)
  }

  /** They arrive twice in a row. */
  duplicate(scope: Scope = {}): void {
    this.rules.add({ kind: 'twice' }, scope)
  }

  /** Their ciphertext is damaged. */
  corrupt(scope: Scope = {}): void {
    this.rules.add({ kind: 'corrupt' }, scope)
  }

  /** The next one arrives after the one of its kind that follows it. */
  reorder(scope: Scope = {}): void {
    this.rules.add({ kind: 'swap' }, scope)
  }

  /** They wait until the returned function is called. */
  hold(scope: Scope = {}): () => void {
    const held: (() => void)[] = []
    const rule = this.rules.add({ kind: 'hold', held }, { count: Infinity, ...scope })
    return () => {
      this.rules.remove(rule)
      for (const send of held.splice(0)) send()
    }
  }

  /** Sends again what a device was sent last (200 are remembered), also when it was acknowledged. */
  redeliver(phone: string, device: number, scope: Scope = {}): void {
    const { mailbox } = this.find(phone, device)
    const fits = mailbox.recent.filter(
      (node) =>
        (scope.id === undefined || scope.id === node.attrs['id']) &&
        (scope.tag === undefined || scope.tag === node.tag),
    )
    for (const node of fits.slice(-(scope.count ?? 1))) mailbox.deliver(node)
  }

  // --- queries ---

  /** The next queries of a namespace get this error. */
  failQuery(xmlns: string, code: number, count = 1): void {
    this.iqs.add({ xmlns, code, left: count })
  }

  /** The next queries of a namespace are never answered. */
  ignoreQuery(xmlns: string, count = 1): void {
    this.iqs.add({ xmlns, code: undefined, left: count })
  }

  // --- devices ---

  /** From now on nothing is sent to a device, and nothing it sends is heard; its connection stays open. */
  silence(phone: string, device: number): void {
    this.silent.add(this.find(phone, device))
  }

  speak(phone: string, device: number): void {
    this.silent.delete(this.find(phone, device))
  }

  /** Ends a device's connection. */
  disconnect(phone: string, device: number, reason: CloseReason = 'drop'): void {
    this.find(phone, device).mailbox.online?.close(reason)
  }

  /** The server has no one-time keys of a device any more, and does not say so. */
  exhaustPreKeys(phone: string, device: number): void {
    const { keys } = this.find(phone, device)
    if (keys !== undefined) keys.oneTime = []
  }

  // --- asked by the world ---

  isSilent = (device: SimDevice): boolean => this.silent.has(device)

  reception(from: SimDevice, node: Node): Reception {
    const fault = this.rules.take(['lose', 'no-ack', 'cut', 'refuse'], from, node)
    if (fault === undefined) return 'normal'
    return fault.kind === 'refuse' ? { refuse: fault.code } : fault.kind
  }

  losesSenderKey = (to: SimDevice, node: Node): boolean =>
    this.rules.take(['keyless'], to, node) !== undefined

  vanishes = (to: SimDevice, node: Node): boolean => this.rules.take(['vanish'], to, node) !== undefined

  /** The error for a query, `silence`, or undefined. */
  query(xmlns: string): number | 'silence' | undefined {
    for (const fault of this.iqs) {
      if (fault.xmlns !== xmlns) continue
      if (--fault.left <= 0) this.iqs.delete(fault)
      return fault.code ?? 'silence'
    }
    return undefined
  }

  /** Puts a stanza on a wire, or does to it what a fault wants. */
  transmit(device: SimDevice, link: Link, node: Node): void {
    if (this.silent.has(device)) return
    const fault = this.rules.take(['drop', 'twice', 'corrupt', 'swap', 'hold'], device, node)
    const send = () => link.send(node)
    switch (fault?.kind) {
      case 'drop':
        return
      case 'corrupt':
        return link.send(damaged(node))
      case 'hold':
        fault.held.push(send)
        return
      case 'swap':
        this.swapped.set(device, { tag: node.tag, send })
        return
      case 'twice':
        send()
        break
      case undefined:
        break
    }
    send()
    const late = this.swapped.get(device)
    if (late?.tag !== node.tag) return
    this.swapped.delete(device)
    late.send()
  }
}

function damaged(node: Node): Node {
  const content = childrenOf(node).map((part) => {
    if (part.tag !== 'enc' || !(part.content instanceof Uint8Array)) return part
    const bytes = Buffer.from(part.content)
    // Near the end: the head says which keys, and a wrong one would be another fault.
    const at = Math.max(0, bytes.length - 9)
    bytes[at] = (bytes[at] ?? 0) ^ 0xff
    return { ...part, content: bytes }
  })
  return { ...node, content }
}
