import { randomBytes } from 'node:crypto'
import type { Node } from '../contract.ts'
import { child, childrenOf, errorOf, resultOf, textOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Core, IqHandler } from './core.ts'
import { deliverTo, notification } from './core.ts'
import { addressingOf } from './jid.ts'

/** What a person sets for the whole account: privacy, who is blocked, the about text, how long messages stay. */
export class Settings {
  readonly handlers: Readonly<Record<string, IqHandler>> = {
    privacy: (from, iq) => this.privacy(from, iq),
    blocklist: (from, iq) => this.blocklist(from, iq),
    status: (from, iq) => this.about(from, iq),
    disappearing_mode: (from, iq) => this.disappearing(from, iq),
    abt: (_, iq) => this.props(iq),
  }
  private readonly core: Core

  constructor(core: Core) {
    this.core = core
  }

  /** Sets the about text; those who know the account are told. */
  setAbout(account: SimAccount, text: string): void {
    account.about = { text, t: this.core.now() }
    const content = [{ tag: 'set', attrs: {}, content: Buffer.from(text) }]
    const node = notification(this.core, 'status', account.jid('pn'), content)
    for (const known of new Set([account, ...account.known])) deliverTo(known, node)
  }

  private privacy(from: SimDevice, iq: Node): Node {
    const tokens = child(iq, 'tokens')
    if (tokens !== undefined) return this.tokens(from, iq, tokens)
    const { privacy } = from.account
    const asked = child(iq, 'privacy')
    if (asked === undefined) return errorOf(iq, 400, 'bad-request')
    for (const { attrs } of iq.attrs['type'] === 'set' ? childrenOf(asked) : [])
      privacy.set(attrs['name'] ?? '', attrs['value'] ?? '')
    const content = [...privacy].map(([name, value]) => ({ tag: 'category', attrs: { name, value } }))
    return resultOf(iq, [{ tag: 'privacy', attrs: {}, content }])
  }

  /** Whoever gets a token may write to its giver for the first time. */
  private tokens({ account }: SimDevice, iq: Node, tokens: Node): Node {
    for (const { attrs } of childrenOf(tokens)) {
      const target = this.core.directory.account(attrs['jid'])
      if (target === undefined) continue
      target.trustedBy.add(account)
      const form = addressingOf(attrs['jid'])
      const token = {
        tag: 'token',
        attrs: { jid: target.jid(form), t: attrs['t'] ?? String(this.core.now()), type: 'trusted_contact' },
        content: randomBytes(16),
      }
      const extra = { sender_lid: account.jid('lid') }
      const content = [{ tag: 'tokens', attrs: {}, content: [token] }]
      deliverTo(target, notification(this.core, 'privacy_token', account.jid(form), content, extra))
    }
    return resultOf(iq)
  }

  private blocklist(from: SimDevice, iq: Node): Node {
    const { blocked } = from.account
    const item = child(iq, 'item')
    const target = this.core.directory.account(item?.attrs['jid'])
    if (iq.attrs['type'] === 'set') {
      if (item === undefined || target === undefined) return errorOf(iq, 404, 'item-not-found')
      if (item.attrs['action'] === 'block') blocked.add(target)
      else blocked.delete(target)
      const change = { tag: 'item', attrs: { jid: target.jid('lid'), action: item.attrs['action'] ?? '' } }
      const content = [{ tag: 'blocklist', attrs: {}, content: [change] }]
      const node = notification(this.core, 'account_sync', from.account.jid('pn'), content)
      deliverTo(from.account, node, from)
    }
    const content = [...blocked].map((account) => ({ tag: 'item', attrs: { jid: account.jid('lid') } }))
    return resultOf(iq, [{ tag: 'list', attrs: {}, content }])
  }

  private about(from: SimDevice, iq: Node): Node {
    const status = child(iq, 'status')
    if (status === undefined) return errorOf(iq, 400, 'bad-request')
    this.setAbout(from.account, textOf(status))
    return resultOf(iq)
  }

  /** For chats that begin from now on. */
  private disappearing(from: SimDevice, iq: Node): Node {
    const asked = child(iq, 'disappearing_mode')
    const { account } = from
    if (iq.attrs['type'] === 'set') {
      account.disappearing = { seconds: Number(asked?.attrs['duration'] ?? 0), t: this.core.now() }
      const node = notification(this.core, 'account_sync', account.jid('pn'), [modeOf(account)])
      deliverTo(account, node, from)
    }
    return resultOf(iq, [modeOf(account)])
  }

  private props(iq: Node): Node {
    const { props } = this.core.switches
    const content = Object.entries(props).map(([name, value]) => ({ tag: 'prop', attrs: { name, value } }))
    return resultOf(iq, [{ tag: 'props', attrs: { protocol: '1', hash: hashOf(props) }, content }])
  }
}

function modeOf({ disappearing: { seconds, t } }: SimAccount): Node {
  return { tag: 'disappearing_mode', attrs: { duration: String(seconds), t: String(t) } }
}

function hashOf(props: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify(props)).toString('base64url').slice(0, 12)
}
