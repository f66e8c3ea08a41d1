import type { Node } from './contract.ts'

/** The children; none when the content is bytes or text. */
export function childrenOf(node: Node): Node[] {
  return Array.isArray(node.content) ? node.content : []
}

/** The first child with this tag. */
export function child(node: Node, tag: string): Node | undefined {
  return childrenOf(node).find((one) => one.tag === tag)
}

/** The content as text; empty when there is none. */
export function textOf(node: Node | undefined): string {
  const content = node?.content
  if (content === undefined || Array.isArray(content)) return ''
  return typeof content === 'string' ? content : Buffer.from(content).toString('utf8')
}

/** The content as bytes; empty when there is none. */
export function bytesOf(node: Node | undefined): Buffer {
  const content = node?.content
  if (content === undefined || Array.isArray(content)) return Buffer.alloc(0)
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content)
}

/** The answer to an `iq`. */
export function resultOf(iq: Node, content?: Node['content']): Node {
  const attrs = { from: 's.whatsapp.net', type: 'result', id: iq.attrs['id'] ?? '' }
  return content === undefined ? { tag: 'iq', attrs } : { tag: 'iq', attrs, content }
}

/** An `iq` answered with an error. */
export function errorOf(iq: Node, code: number, text: string): Node {
  return {
    tag: 'iq',
    attrs: { from: 's.whatsapp.net', type: 'error', id: iq.attrs['id'] ?? '' },
    content: [{ tag: 'error', attrs: { code: String(code), text } }],
  }
}
