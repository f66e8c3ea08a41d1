import type { IrcMessage } from './wire.ts'

/** A finished batch. `batch` is its type; `tags` are those of the line that opened it. */
export type Batch = {
  batch: string
  id: string
  params: string[]
  tags: Record<string, string>
  items: (IrcMessage | Batch)[]
  /** It was cut short by a limit, or its end never came. */
  incomplete: boolean
}

export const isBatch = (item: IrcMessage | Batch): item is Batch => 'batch' in item

const MAX_OPEN_MS = 30_000
const MAX_ITEMS = 2_000
const MAX_CUT_SHORT = 200

type Open = { batch: Batch; parent: string | undefined; root: string; openedAt: number; size: number }

/** Puts together IRCv3 batches of one connection, nested ones included. */
export class BatchAssembler {
  /** Lines that named a batch which is not open. */
  unknownIds = 0
  readonly #open = new Map<string, Open>()
  /** Batches that were delivered before their end, so that what still comes of them is not taken for live lines. */
  readonly #cutShort = new Map<string, Batch>()

  /** Takes one line and gives what is now complete: the line itself, or a batch, or nothing yet. */
  push(m: IrcMessage, now: Date): (IrcMessage | Batch)[] {
    if (m.command !== 'BATCH') return this.#line(m)
    const reference = m.params[0] ?? ''
    const id = reference.slice(1)
    if (id === '') return []
    if (reference.startsWith('+')) return this.#start(id, m, now)
    return reference.startsWith('-') ? this.#end(id) : []
  }

  /** Gives the batches that have been open for 30 seconds, as far as they came. */
  expire(now: Date): Batch[] {
    const late = [...this.#open].filter(
      ([id, open]) => open.root === id && now.getTime() - open.openedAt >= MAX_OPEN_MS,
    )
    return late.flatMap(([id]) => this.#close(id, true))
  }

  /** Forgets everything: the connection is gone, and what it left half said is asked for again. */
  clear(): void {
    this.#open.clear()
    this.#cutShort.clear()
  }

  #line(m: IrcMessage): (IrcMessage | Batch)[] {
    const id = m.tags['batch']
    if (id === undefined) return [m]
    const open = this.#open.get(id)
    if (open !== undefined) return this.#add(open, m)
    const cut = this.#cutShort.get(id)
    if (cut !== undefined) return [{ ...cut, items: [m] }]
    this.unknownIds++
    return [m]
  }

  #start(id: string, m: IrcMessage, now: Date): Batch[] {
    const [, type = '', ...params] = m.params
    const parentId = m.tags['batch']
    const repeated = this.#open.has(id) ? this.#close(this.#open.get(id)?.root ?? id, true) : []
    this.#cutShort.delete(id)
    const parent = parentId === undefined ? undefined : this.#open.get(parentId)
    if (parentId !== undefined && parent === undefined && !this.#cutShort.has(parentId)) this.unknownIds++
    this.#open.set(id, {
      batch: { batch: type, id, params, tags: m.tags, items: [], incomplete: false },
      parent: parent === undefined ? undefined : parentId,
      root: parent?.root ?? id,
      openedAt: now.getTime(),
      size: 0,
    })
    return [...repeated, ...this.#grow(parent?.root ?? id)]
  }

  #end(id: string): Batch[] {
    const open = this.#open.get(id)
    if (open === undefined) {
      if (!this.#cutShort.delete(id)) this.unknownIds++
      return []
    }
    return this.#close(id, false)
  }

  #add(open: Open, m: IrcMessage): Batch[] {
    open.batch.items.push(m)
    return this.#grow(open.root)
  }

  /** Counts a line towards the limit of the outermost batch. */
  #grow(rootId: string): Batch[] {
    const root = this.#open.get(rootId)
    if (root === undefined) return []
    root.size++
    return root.size > MAX_ITEMS ? this.#close(rootId, true) : []
  }

  /** Closes a batch and, before it, everything still open inside it. */
  #close(id: string, incomplete: boolean): Batch[] {
    const tree = new Set([id])
    // Insertion order puts each batch behind the one around it.
    for (const [inner, open] of this.#open) {
      if (open.parent !== undefined && tree.has(open.parent)) tree.add(inner)
    }
    return [...tree].reverse().flatMap((each) => this.#fold(each, incomplete || each !== id))
  }

  /** Closes a batch: into the one around it, or out. Those inside it must be closed before. */
  #fold(id: string, incomplete: boolean): Batch[] {
    const open = this.#open.get(id)
    if (open === undefined) return []
    this.#open.delete(id)
    open.batch.incomplete = incomplete
    if (incomplete) this.#remember(open.batch)
    const parent = open.parent === undefined ? undefined : this.#open.get(open.parent)
    if (parent === undefined) return [open.batch]
    parent.batch.items.push(open.batch)
    return []
  }

  #remember(batch: Batch): void {
    this.#cutShort.set(batch.id, { ...batch, items: [] })
    for (const id of this.#cutShort.keys()) {
      if (this.#cutShort.size <= MAX_CUT_SHORT) break
      this.#cutShort.delete(id)
    }
  }
}

/** The text of a `draft/multiline` batch: lines joined by LF, or by nothing where they say so. */
export function multilineText(batch: Batch): string {
  let text: string | undefined
  for (const item of batch.items) {
    if (isBatch(item) || (item.command !== 'PRIVMSG' && item.command !== 'NOTICE')) continue
    const line = item.params[1] ?? ''
    if (text === undefined) text = line
    else text += 'draft/multiline-concat' in item.tags ? line : `\n${line}`
  }
  return text ?? ''
}
