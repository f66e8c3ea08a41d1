import type { Node } from '../contract.ts'
import { child, childrenOf, errorOf, resultOf, textOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Core } from './core.ts'
import { LID_SERVER, isServer } from './jid.ts'

type Asked = { readonly jid: string; readonly phone: string; readonly account: SimAccount | undefined }

/** The namespace `usync`: which of these people exist, on which devices, under which LIDs, with which status. */
export class Usync {
  private readonly core: Core

  constructor(core: Core) {
    this.core = core
  }

  handle = (from: SimDevice, iq: Node): Node | undefined => {
    const usync = child(iq, 'usync')
    const query = usync === undefined ? undefined : child(usync, 'query')
    const list = usync === undefined ? undefined : child(usync, 'list')
    if (query === undefined || list === undefined) return errorOf(iq, 400, 'bad-request')
    const protocols = childrenOf(query).map(({ tag }) => tag)
    const users = childrenOf(list).map((user) => {
      const asked = this.asked(user)
      const content = protocols.flatMap((protocol) => this.answer(protocol, asked, from) ?? [])
      return { tag: 'user', attrs: { jid: asked.jid }, content }
    })
    const attrs = { ...usync?.attrs, mode: usync?.attrs['mode'] ?? 'query' }
    const result = protocols.map((tag) => ({ tag, attrs: {} }))
    return resultOf(iq, [
      {
        tag: 'usync',
        attrs,
        content: [
          { tag: 'result', attrs: {}, content: result },
          { tag: 'list', attrs: {}, content: users },
        ],
      },
    ])
  }

  /** By address, or by a phone number in the contact protocol. */
  private asked(user: Node): Asked {
    const phone = textOf(child(user, 'contact'))
    const jid = user.attrs['jid'] ?? `${phone.replace(/\D/g, '')}@s.whatsapp.net`
    return { jid, phone, account: this.core.directory.account(jid) }
  }

  private answer(protocol: string, { jid, phone, account }: Asked, from: SimDevice): Node | undefined {
    switch (protocol) {
      case 'contact': {
        const attrs = { type: account === undefined ? 'out' : 'in' }
        return phone === '' ? { tag: 'contact', attrs } : { tag: 'contact', attrs, content: phone }
      }
      case 'devices':
        return account === undefined ? undefined : devicesOf(account, this.core.now())
      case 'lid': {
        // Baileys takes the answer to a LID for a pair of two LIDs.
        if (account === undefined || isServer(jid, LID_SERVER)) return undefined
        return this.core.switches.usyncTellsLid
          ? { tag: 'lid', attrs: { val: account.jid('lid') } }
          : undefined
      }
      case 'status':
        return account === undefined ? undefined : statusOf(account, from.account)
      case 'disappearing_mode': {
        if (account === undefined) return undefined
        const { seconds, t } = account.disappearing
        return { tag: protocol, attrs: { duration: String(seconds), t: String(t) } }
      }
      case 'business':
        return account?.business === undefined
          ? undefined
          : { tag: protocol, attrs: {}, content: [{ tag: 'verified_name', attrs: { v: '1' } }] }
      default:
        return undefined
    }
  }
}

function devicesOf(account: SimAccount, now: number): Node {
  const list = account.reachable.map(({ number, companion }) => ({
    tag: 'device',
    attrs:
      companion === undefined
        ? { id: String(number) }
        : { id: String(number), 'key-index': String(companion.keyIndex) },
  }))
  return {
    tag: 'devices',
    attrs: {},
    content: [
      { tag: 'device-list', attrs: {}, content: list },
      { tag: 'key-index-list', attrs: { ts: String(now) } },
    ],
  }
}

/** Hidden from whom the privacy setting does not let see it. */
function statusOf(account: SimAccount, viewer: SimAccount): Node {
  const isHidden = account.privacy.get('status') === 'none' && viewer !== account
  const attrs = isHidden ? { code: '401', type: 'fail' } : { t: String(account.about.t) }
  return isHidden ? { tag: 'status', attrs } : { tag: 'status', attrs, content: account.about.text }
}
