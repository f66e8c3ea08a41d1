import type { BinaryNode, WAMessageKey } from '@whiskeysockets/baileys'
import { Lru } from '../shared/lru.ts'

/**
 * Whose messages the account has read in groups on another device. The receipt says so in `recipient` (as whatsmeow reads
 * it), and Baileys puts the reader in the author's place.
 */
export class ReadAuthors {
  readonly #authors = new Lru<string, string>(2_000)

  /** Everything that the server sends, before Baileys sees it; the first of it is no stanza. */
  frame({ tag, attrs, content }: BinaryNode): void {
    if (tag !== 'receipt') return
    const { id, recipient, participant } = attrs
    if (id === undefined || recipient === undefined || participant === undefined) return
    const lists = Array.isArray(content) ? content.filter((each) => each.tag === 'list') : []
    const items = lists.flatMap((list) => (Array.isArray(list.content) ? list.content : []))
    for (const each of [id, ...items.flatMap((item) => item.attrs['id'] ?? [])])
      this.#authors.set(each, recipient)
  }

  /** The key of a message that was read, with its author. */
  mended(key: WAMessageKey): WAMessageKey {
    const author = key.fromMe === true || !key.id ? undefined : this.#authors.get(key.id)
    return author === undefined ? key : { ...key, participant: author }
  }
}
