import type { Node } from '../contract.ts'
import { child, childrenOf, errorOf, resultOf } from '../node.ts'
import type { SimDevice } from './account.ts'
import type { IqHandler } from './core.ts'
import type { GroupSettings } from './group-settings.ts'
import type { Groups } from './groups.ts'
import type { MediaHost } from './media-host.ts'
import type { Membership } from './membership.ts'

/** The namespace `w:g2`. */
export function groupQueries(groups: Groups, membership: Membership, settings: GroupSettings): IqHandler {
  return (from, iq) => {
    if (iq.attrs['type'] === 'get') return groups.query(from, iq)
    const group = groups.find(iq.attrs['to'])
    const isAboutOne = iq.attrs['to'] !== '@g.us' && iq.attrs['to'] !== 'g.us'
    if (isAboutOne && group === undefined) return errorOf(iq, 404, 'item-not-found')
    return membership.handle(from, iq, group) ?? settings.handle(from, iq, group)
  }
}

/** The namespace `w:m`: where to upload, and with which token. */
export function mediaQueries(media: MediaHost): IqHandler {
  return (_from, iq) => {
    if (child(iq, 'media_conn') === undefined) return undefined
    const host = { tag: 'host', attrs: { hostname: media.host, maxContentLengthBytes: '134217728' } }
    const attrs = { auth: media.auth, ttl: '3600', auth_ttl: '21600', max_buckets: '12' }
    return resultOf(iq, [{ tag: 'media_conn', attrs, content: [host] }])
  }
}

/** Namespaces in which there is nothing here but an answer. */
export const MODEST: Readonly<Record<string, IqHandler>> = {
  'urn:xmpp:whatsapp:dirty': (_from, iq) => resultOf(iq),
  bot: (_from: SimDevice, iq: Node) =>
    childrenOf(iq).some(({ tag }) => tag === 'bot')
      ? resultOf(iq, [{ tag: 'bot', attrs: { v: '2' }, content: [] }])
      : undefined,
}
