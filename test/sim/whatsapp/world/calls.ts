import { randomBytes } from 'node:crypto'
import type { Node } from '../contract.ts'
import { childrenOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Core } from './core.ts'
import { ackOf, deliverTo } from './core.ts'
import { addressingOf, other } from './jid.ts'

export type Call = { readonly id: string; readonly from: SimAccount; readonly to: SimAccount }

/** Calls ring, and stop ringing; nobody talks here. */
export class Calls {
  private readonly core: Core

  constructor(core: Core) {
    this.core = core
  }

  /** Passes what a device says about a call to the other side; makes call links. */
  received(from: SimDevice, node: Node): void {
    const [first] = childrenOf(node)
    if (first?.tag === 'link_create') {
      const link = { tag: 'link_create', attrs: { token: randomBytes(11).toString('base64url') } }
      return from.mailbox.pass({ ...ackOf(node, { type: 'link_create' }), content: [link] })
    }
    from.mailbox.pass(ackOf(node, first === undefined ? {} : { type: first.tag }))
    const target = this.core.directory.account(node.attrs['to'])
    if (target === undefined) return
    const form = addressingOf(node.attrs['to'])
    const attrs = {
      from: from.account.jid(form, from.number),
      id: node.attrs['id'] ?? this.core.newId(),
      t: String(this.core.now()),
      notify: from.account.name,
    }
    deliverTo(target, { tag: 'call', attrs, content: childrenOf(node) })
  }

  /** Somebody calls; `end` tells how it ends. */
  ring(from: SimAccount, to: SimAccount, isVideo = false): Call {
    const id = randomBytes(16).toString('hex').toUpperCase()
    const call = { id, from, to }
    const media = [{ tag: 'audio', attrs: { enc: 'opus', rate: '16000' } }]
    this.tell(call, 'offer', {}, isVideo ? [...media, { tag: 'video', attrs: {} }] : media)
    return call
  }

  /** Nobody answered, or the caller hung up. */
  end(call: Call, reason: 'timeout' | 'terminate'): void {
    this.tell(call, 'terminate', reason === 'timeout' ? { reason } : {}, [])
  }

  private tell({ id, from, to }: Call, tag: string, extra: Record<string, string>, content: Node[]): void {
    const form = this.core.switches.addressing === 'lid' ? 'lid' : 'pn'
    const caller = from.jid(form)
    const about = {
      'call-id': id,
      'call-creator': caller,
      [`caller_${other(form)}`]: from.jid(other(form)),
      ...extra,
    }
    const attrs = { from: caller, id: this.core.newId(), t: String(this.core.now()), notify: from.name }
    deliverTo(to, { tag: 'call', attrs, content: [{ tag, attrs: about, content }] })
  }
}
