import type { Node } from '../contract.ts'
import { child, resultOf } from '../node.ts'

const PRIVACY = ['readreceipts', 'profile', 'status', 'online', 'last', 'groupadd', 'calladd']

/** An answer to a part of connecting: a stanza, `none` when there is nothing to say, undefined when it is no part. */
export function connectingAnswer(node: Node): Node | 'none' | undefined {
  if (node.tag === 'ib') return child(node, 'unified_session') === undefined ? undefined : 'none'
  if (node.tag !== 'iq') return undefined
  switch (`${node.attrs['xmlns'] ?? ''} ${node.attrs['type'] ?? ''}`) {
    case 'passive set':
    case 'w:p get':
    case 'w:stats ':
    case 'w:stats set':
    case 'urn:xmpp:whatsapp:dirty set':
      return resultOf(node)
    case 'abt get':
      return resultOf(node, [{ tag: 'props', attrs: { protocol: '1', refresh: '86400' }, content: [] }])
    case 'blocklist get':
      return resultOf(node, [{ tag: 'list', attrs: {}, content: [] }])
    case 'privacy get':
      return resultOf(node, [{ tag: 'privacy', attrs: {}, content: PRIVACY.map((name) => category(name)) }])
    default:
      return undefined
  }
}

function category(name: string): Node {
  return { tag: 'category', attrs: { name, value: 'all' } }
}
