import type { Clock } from '../../model/clock.ts'
import type { TextContent } from '../../model/content.ts'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { RemoteChat } from '../../model/remote-event.ts'
import { escapeText } from './format.ts'
import type { ChatEvent } from './hub.ts'

const WINDOW_MS = 5_000
const LINES = 20
const MERGE_MS = 1_000
const REMEMBERED = 10_000

type Line = Extract<ChatEvent, { kind: 'message' }> & { content: TextContent }
type Source = { times: number[] }
type Pending = { chat: RemoteChat; source: string; line: Line; cancel: () => void }

/**
 * Spares rooms from floods: of whoever says more than 20 lines in 5 seconds, the lines of a second become one message.
 * None is lost, and the order of a conversation stays what it was.
 */
export class FloodGuard {
  readonly #clock: Clock
  readonly #emit: (chat: RemoteChat, event: ChatEvent) => void
  readonly #sources = new Map<string, Source>()
  readonly #pending = new Map<string, Pending>()
  readonly #merged = new Set<RemoteMessageId>()

  constructor(clock: Clock, emit: (chat: RemoteChat, event: ChatEvent) => void) {
    this.#clock = clock
    this.#emit = emit
  }

  /** Takes an event that came in live. @returns whether it is kept, to be handed in later */
  keeps(chat: RemoteChat, event: ChatEvent): boolean {
    if (!isLine(event)) return false
    const source = `${keyOf(chat)} ${event.sender?.id ?? ''}`
    const floods = this.#counts(source)
    const pending = this.#pending.get(keyOf(chat))
    if (pending?.source === source && pending.line.content.style === event.content.style) {
      pending.line = merged(pending.line, event)
      this.#remember(event.id)
      return true
    }
    this.flush(chat)
    if (!floods) return false
    const cancel = this.#clock.after(MERGE_MS, () => this.flush(chat))
    this.#pending.set(keyOf(chat), { chat, source, line: event, cancel })
    return true
  }

  /** Hands in what is kept of one conversation, before anything else is said in it, or of all. */
  flush(only?: RemoteChat): void {
    const keys = only === undefined ? [...this.#pending.keys()] : [keyOf(only)]
    for (const key of keys) {
      const pending = this.#pending.get(key)
      if (pending === undefined) continue
      this.#pending.delete(key)
      pending.cancel()
      this.#emit(pending.chat, pending.line)
    }
  }

  /** Whether a line went into another one lately. */
  knows(id: RemoteMessageId): boolean {
    return this.#merged.has(id)
  }

  #remember(id: RemoteMessageId): void {
    this.#merged.add(id)
    for (const oldest of this.#merged) {
      if (this.#merged.size <= REMEMBERED) return
      this.#merged.delete(oldest)
    }
  }

  #counts(source: string): boolean {
    const now = this.#clock.now().getTime()
    const fresh = ({ times }: Source) => now - (times.at(-1) ?? 0) < WINDOW_MS
    for (const [key, each] of this.#sources) if (!fresh(each)) this.#sources.delete(key)
    const found = this.#sources.get(source) ?? { times: [] }
    this.#sources.set(source, found)
    found.times.push(now)
    while (now - (found.times[0] ?? now) >= WINDOW_MS) found.times.shift()
    return found.times.length > LINES
  }
}

const keyOf = ({ id, receiver }: RemoteChat) => `${id} ${receiver ?? ''}`

const isLine = (event: ChatEvent): event is Line =>
  event.kind === 'message' &&
  event.content.kind === 'text' &&
  event.replyTo === undefined &&
  event.backfilled !== true

function merged(first: Line, next: Line): Line {
  const { content: one } = first
  const { content: two } = next
  const rich = one.html !== undefined || two.html !== undefined
  const mentions = [...(one.mentions ?? []), ...(two.mentions ?? [])]
  return {
    ...first,
    alsoIds: [...(first.alsoIds ?? []), next.id],
    content: {
      ...one,
      body: `${one.body}\n${two.body}`,
      ...(rich && { html: `${htmlOf(one)}<br>${htmlOf(two)}` }),
      ...(mentions.length > 0 && { mentions }),
    },
  }
}

const htmlOf = ({ html, body }: TextContent) => html ?? escapeText(body)
