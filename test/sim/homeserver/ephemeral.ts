import type { EventLog } from './event-log.ts'
import { assertJoined } from './posting.ts'
import type { Content, EphemeralEvent, Requester } from './types.ts'

type Receipt = { type: string; eventId: string; timestampMs: number; position: number }
type Typing = { users: Map<string, NodeJS.Timeout>; position: number }
type Listener = (event: EphemeralEvent) => void

/** Typing (memory only), read receipts and presence, which nobody is told of. */
export class Ephemeral {
  readonly #log: EventLog
  readonly #typing = new Map<string, Typing>()
  readonly #receipts = new Map<string, Map<string, Receipt>>()
  readonly #presence = new Map<string, Content>()
  readonly #listeners = new Set<Listener>()

  constructor(log: EventLog) {
    this.#log = log
  }

  onChange(listener: Listener): void {
    this.#listeners.add(listener)
  }

  setTyping(requester: Requester, roomId: string, isTyping: boolean, timeoutMs = 30_000): void {
    const room = this.#log.room(roomId)
    const { userId } = requester
    assertJoined(room, userId)
    let typing = this.#typing.get(roomId)
    if (typing === undefined) this.#typing.set(roomId, (typing = { users: new Map(), position: 0 }))
    const before = typing.users.get(userId)
    clearTimeout(before)
    typing.users.delete(userId)
    if (isTyping) typing.users.set(userId, this.#expiry(requester, roomId, timeoutMs))
    if (isTyping === (before !== undefined)) return
    typing.position = this.#log.nextPosition()
    this.#tell(typingEvent(roomId, typing))
  }

  setPresence(userId: string, status: Content): void {
    this.#presence.set(userId, status)
  }

  presence(userId: string): Content | undefined {
    return this.#presence.get(userId)
  }

  /** `type` is `m.read` or `m.read.private`; the second is for the user's own devices only. */
  setReceipt(requester: Requester, roomId: string, type: string, eventId: string): void {
    const room = this.#log.room(roomId)
    assertJoined(room, requester.userId)
    let receipts = this.#receipts.get(roomId)
    if (receipts === undefined) this.#receipts.set(roomId, (receipts = new Map<string, Receipt>()))
    const key = `${type} ${requester.userId}`
    if (receipts.get(key)?.eventId === eventId) return
    const receipt = { type, eventId, timestampMs: Date.now(), position: this.#log.nextPosition() }
    receipts.set(key, receipt)
    const event = { type: 'm.receipt', room_id: roomId, content: receiptContent(requester.userId, receipt) }
    if (type === 'm.read') this.#tell(event)
  }

  /** What changed in a room after `since`, as `userId` may see it. */
  changes(roomId: string, userId: string, since: number): EphemeralEvent[] {
    const events: EphemeralEvent[] = []
    const typing = this.#typing.get(roomId)
    if (typing !== undefined && typing.position > since) events.push(typingEvent(roomId, typing))
    const content: Content = {}
    for (const [key, receipt] of this.#receipts.get(roomId) ?? []) {
      const reader = key.slice(receipt.type.length + 1)
      if (receipt.position <= since || (receipt.type !== 'm.read' && reader !== userId)) continue
      merge(content, receiptContent(reader, receipt))
    }
    if (Object.keys(content).length > 0) events.push({ type: 'm.receipt', room_id: roomId, content })
    return events
  }

  /** Forgets who types, as a restart does. */
  kill(): void {
    for (const { users } of this.#typing.values()) for (const timer of users.values()) clearTimeout(timer)
    this.#typing.clear()
  }

  #expiry(requester: Requester, roomId: string, timeoutMs: number): NodeJS.Timeout {
    const expire = (): void => {
      if (this.#log.room(roomId).joined.has(requester.userId)) this.setTyping(requester, roomId, false)
    }
    return setTimeout(expire, Math.min(timeoutMs, 120_000)).unref()
  }

  #tell(event: EphemeralEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

function typingEvent(roomId: string, typing: Typing): EphemeralEvent {
  return { type: 'm.typing', room_id: roomId, content: { user_ids: [...typing.users.keys()] } }
}

function receiptContent(userId: string, receipt: Receipt): Content {
  return { [receipt.eventId]: { [receipt.type]: { [userId]: { ts: receipt.timestampMs } } } }
}

function merge(into: Content, from: Content): void {
  for (const [key, value] of Object.entries(from)) {
    const present = into[key]
    if (typeof present === 'object' && present !== null) merge(present as Content, value as Content)
    else into[key] = value
  }
}
