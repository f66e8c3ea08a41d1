import type { RemoteMessageId } from '../../model/ids.ts'
import type { RemoteChat, RemoteEvent } from '../../model/remote-event.ts'
import { derivedId } from './ids.ts'
import { Lru } from '../shared/lru.ts'

const REMEMBERED = 5_000

type Known = { id: RemoteMessageId; chat: RemoteChat; at: Date }

/**
 * Brings together the numbers that several bridged accounts have for one message of a basic group. Whoever comes second
 * makes the alias: the account that brought the message, or the one that has another number for it.
 */
export class Aliases {
  readonly #brought = new Lru<string, Known>(REMEMBERED)
  readonly #others = new Lru<string, RemoteMessageId[]>(REMEMBERED)

  /** The message is in the bridge under this id. */
  brought(group: number, print: string, known: Known): RemoteEvent[] {
    const key = `${group} ${print}`
    // Of two that look the same, the first one waits no more.
    if (this.#brought.get(key)?.id === known.id) return []
    this.#brought.set(key, known)
    const others = this.#others.get(key) ?? []
    this.#others.delete(key)
    return others.map((id) => alias(known, id))
  }

  /** Another account has this number for it. */
  seen(group: number, print: string, id: RemoteMessageId): RemoteEvent[] {
    const key = `${group} ${print}`
    const known = this.#brought.get(key)
    if (known !== undefined) return [alias(known, id)]
    this.#others.set(key, [...(this.#others.get(key) ?? []), id])
    return []
  }
}

const alias = ({ id: target, chat, at }: Known, id: RemoteMessageId): RemoteEvent => ({
  chat,
  at,
  id: derivedId(target, `alias.${id}`),
  kind: 'alias',
  target,
  ids: [id],
})
