import type { Node } from '../contract.ts'
import type { Direction, Scope, Who } from './scope.ts'
import { fits } from './scope.ts'

/** One stanza that the server took in, or wrote. */
export type JournalEntry = {
  readonly at: Date
  readonly direction: Direction
  /** counts the server's connections from 1 */
  readonly connection: number
  /** undefined while a companion is being linked */
  readonly who: Who | undefined
  readonly node: Node
  /** false for a stanza from a client that nobody here understands */
  known: boolean
}

/** Every stanza of every connection, in the order in which the server handled them. */
export class Journal {
  readonly entries: JournalEntry[] = []

  add(entry: Omit<JournalEntry, 'at' | 'known'>): JournalEntry {
    const whole = { at: new Date(), ...entry, known: true }
    this.entries.push(whole)
    return whole
  }

  /** The stanzas that fit, oldest first; `from` and `count` of the scope are not looked at. */
  nodes(direction: Direction, scope: Scope = {}): Node[] {
    return this.entries
      .filter((entry) => entry.direction === direction && fits(scope, entry.who, entry.node))
      .map((entry) => entry.node)
  }

  /** What clients said and nobody understood, in words for an assertion: a good run has none. */
  get unknown(): string[] {
    return this.entries.filter((entry) => !entry.known).map((entry) => inWords(entry.node))
  }
}

/** A stanza in one line, without binary content. */
export function inWords(node: Node): string {
  const attrs = Object.entries(node.attrs).map(([key, value]) => ` ${key}=${value}`)
  const open = `<${node.tag}${attrs.join('')}`
  const { content } = node
  if (content === undefined) return `${open}/>`
  if (typeof content === 'string') return `${open}>${content}</${node.tag}>`
  if (content instanceof Uint8Array) return `${open}>${content.length} bytes</${node.tag}>`
  return `${open}>${content.map(inWords).join('')}</${node.tag}>`
}
