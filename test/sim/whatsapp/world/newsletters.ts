import { proto } from '@whiskeysockets/baileys/WAProto/index.js'
import type { Node } from '../contract.ts'
import { child, childrenOf, errorOf, resultOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Core } from './core.ts'
import { ackOf, deliverTo, notification } from './core.ts'
import { NEWSLETTER_SERVER, formatJid } from './jid.ts'

export type Newsletter = {
  readonly jid: string
  readonly owner: SimAccount
  readonly creation: number
  readonly followers: Set<SimAccount>
  readonly posts: Node[]
  name: string
  description: string
}

/** Channels: posts in plain text from one to many. No more than a bridge has to survive. */
export class Newsletters {
  private readonly core: Core
  private readonly newsletters = new Map<string, Newsletter>()

  constructor(core: Core) {
    this.core = core
  }

  make(owner: SimAccount, name: string, description = ''): Newsletter {
    const jid = formatJid(
      `12036340000000${String(this.newsletters.size + 1).padStart(4, '0')}`,
      NEWSLETTER_SERVER,
    )
    const newsletter = {
      jid,
      owner,
      creation: this.core.now(),
      followers: new Set([owner]),
      posts: [],
      name,
      description,
    }
    this.newsletters.set(jid, newsletter)
    return newsletter
  }

  find(jid: string | undefined): Newsletter | undefined {
    return this.newsletters.get(jid ?? '')
  }

  /** A post or a reaction of a device. */
  received(from: SimDevice, node: Node): void {
    const newsletter = this.find(node.attrs['to'])
    const t = String(this.core.now())
    if (newsletter === undefined) return from.mailbox.pass(ackOf(node, { t, error: '404' }))
    if (node.attrs['type'] === 'reaction') {
      from.mailbox.pass(ackOf(node, { t }))
      return this.react(from, newsletter, node)
    }
    if (newsletter.owner !== from.account) return from.mailbox.pass(ackOf(node, { t, error: '403' }))
    from.mailbox.pass(ackOf(node, { t, server_id: String(newsletter.posts.length + 1) }))
    this.publish(newsletter, node.attrs['id'] ?? '', node.attrs['type'] ?? 'text', childrenOf(node), from)
  }

  /** A post of the owner, in code. */
  post(newsletter: Newsletter, text: string): void {
    const content = Buffer.from(proto.Message.encode({ conversation: text }).finish())
    this.publish(newsletter, this.core.newId(), 'text', [{ tag: 'plaintext', attrs: {}, content }])
  }

  /** The namespace `newsletter`. */
  handle = (_from: SimDevice, iq: Node): Node | undefined => {
    const newsletter = this.find(iq.attrs['to'])
    if (newsletter === undefined) return errorOf(iq, 404, 'item-not-found')
    if (child(iq, 'live_updates') !== undefined)
      return resultOf(iq, [{ tag: 'live_updates', attrs: { duration: '300' } }])
    if (child(iq, 'message_updates') === undefined && child(iq, 'messages') === undefined) return undefined
    const content = newsletter.posts.map(({ attrs, content: parts }) => ({
      tag: 'message',
      attrs,
      ...(parts === undefined ? {} : { content: parts }),
    }))
    return resultOf(iq, [
      { tag: 'messages', attrs: { jid: newsletter.jid, t: String(this.core.now()) }, content },
    ])
  }

  private publish(newsletter: Newsletter, id: string, type: string, content: Node[], from?: SimDevice): void {
    const serverId = String(newsletter.posts.length + 1)
    const attrs = { from: newsletter.jid, id, server_id: serverId, type, t: String(this.core.now()) }
    const post = { tag: 'message', attrs, content }
    newsletter.posts.push(post)
    for (const follower of newsletter.followers) deliverTo(follower, post, from)
  }

  private react(from: SimDevice, newsletter: Newsletter, node: Node): void {
    const code = child(node, 'reaction')?.attrs['code'] ?? ''
    const reaction = { tag: 'reaction', attrs: {}, content: Buffer.from(code) }
    const attrs = { message_id: node.attrs['server_id'] ?? '' }
    const content = [{ tag: 'reaction', attrs, content: [reaction] }]
    const notice = notification(this.core, 'newsletter', newsletter.jid, content)
    for (const follower of newsletter.followers) deliverTo(follower, notice, from)
  }
}
