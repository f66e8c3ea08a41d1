import type { Node } from '../contract.ts'
import { child, childrenOf, resultOf } from '../node.ts'
import type { SimDevice } from './account.ts'
import type { Core } from './core.ts'

const FIELDS = ['address', 'description', 'website', 'email'] as const

/** The namespace `w:biz`: what a business says about itself. */
export class Businesses {
  private readonly core: Core

  constructor(core: Core) {
    this.core = core
  }

  handle = (_from: SimDevice, iq: Node): Node | undefined => {
    const asked = child(iq, 'business_profile')
    if (asked === undefined || iq.attrs['type'] !== 'get') return undefined
    const content = childrenOf(asked).flatMap(({ attrs }) => this.profile(attrs['jid'] ?? '') ?? [])
    return resultOf(iq, [{ tag: 'business_profile', attrs: { v: '244' }, content }])
  }

  private profile(jid: string): Node | undefined {
    const business = this.core.directory.account(jid)?.business
    if (business === undefined) return undefined
    const content: Node[] = FIELDS.flatMap((tag) => {
      const text = business[tag]
      return text === undefined ? [] : [{ tag, attrs: {}, content: Buffer.from(text) }]
    })
    if (business.category !== undefined) {
      const category = { tag: 'category', attrs: { id: '1' }, content: Buffer.from(business.category) }
      content.push({ tag: 'categories', attrs: {}, content: [category] })
    }
    return { tag: 'profile', attrs: { jid }, content }
  }
}
