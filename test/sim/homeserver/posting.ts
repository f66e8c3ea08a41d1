import { isDeepStrictEqual } from 'node:util'
import type { TransactionRows } from './dedupe.ts'
import { forbidden, internal, MatrixError, notFound } from './errors.ts'
import type { EventLog } from './event-log.ts'
import { assertLevelChange, assertMaySend, powerOf, required } from './power.ts'
import type { Room } from './room.ts'
import type { EventDraft, StoredEvent } from './stored-event.ts'
import { redactContent } from './stored-event.ts'
import type { Content, Requester } from './types.ts'
import { isContent, text } from './types.ts'

type SendOptions = { txnId?: string | undefined; timestampMs?: number | undefined }

/** Messages, state and redactions: everything but membership. Each method returns the event id. */
export class Posting {
  readonly #log: EventLog
  readonly #rows: TransactionRows

  constructor(log: EventLog, rows: TransactionRows) {
    this.#log = log
    this.#rows = rows
  }

  /** A repeated (room, user, device, transaction id) gives the first event's id. */
  send(
    requester: Requester,
    roomId: string,
    type: string,
    content: Content,
    options: SendOptions = {},
  ): string {
    return this.#once(requester, roomId, options.txnId, () => {
      const room = this.#log.room(roomId)
      const { timestampMs } = options
      if (type === 'm.room.redaction') {
        // Synapse answers 500 here for rooms that keep `redacts` outside the content.
        if (room.version === '10') throw internal()
        return this.#redact(requester, room, text(content, 'redacts') ?? '', content, options)
      }
      this.#assertRelation(room, requester.userId, type, content)
      const draft = { type, sender: requester.userId, content, timestampMs }
      const event = this.#append(room, { ...draft, transaction: transactionOf(requester, options.txnId) })
      this.#noteAnnotation(room, event)
      return event
    })
  }

  /** Setting what the same sender has already set gives the old event's id. */
  setState(
    requester: Requester,
    roomId: string,
    type: string,
    key: string,
    content: Content,
    timestampMs?: number,
  ): string {
    const room = this.#log.room(roomId)
    const sender = requester.userId
    assertJoined(room, sender)
    if (type === 'm.room.create') throw forbidden('A room has one create event')
    if (key.startsWith('@') && key !== sender) throw forbidden('You are not allowed to set others state')
    const current = room.stateEvent(type, key)
    if (current?.sender === sender && isDeepStrictEqual(current.content, content)) return current.id
    // Malformed power levels are refused before permissions are looked at.
    if (type === 'm.room.power_levels') assertLevelChange(room, sender, content)
    return this.#append(room, { type, sender, content, stateKey: key, timestampMs }).id
  }

  /** `PUT /redact`: has no `ts`, works in every room version. */
  redact(requester: Requester, roomId: string, target: string, content: Content, txnId?: string): string {
    return this.#once(requester, roomId, txnId, () =>
      this.#redact(requester, this.#log.room(roomId), target, content, { txnId }),
    )
  }

  #once(requester: Requester, roomId: string, txnId: string | undefined, create: () => StoredEvent): string {
    const known = txnId === undefined ? undefined : this.#rows.find(requester, roomId, txnId)
    if (known !== undefined) return known
    const { id } = create()
    if (txnId !== undefined) this.#rows.record(requester, roomId, txnId, id)
    return id
  }

  #append(room: Room, draft: EventDraft): StoredEvent {
    assertJoined(room, draft.sender)
    assertMaySend(room, draft.sender, draft.type, draft.stateKey !== undefined)
    return this.#log.append(room, draft)
  }

  #redact(
    requester: Requester,
    room: Room,
    target: string,
    content: Content,
    options: SendOptions,
  ): StoredEvent {
    const sender = requester.userId
    const found = this.#log.event(target)
    const original = found?.roomId === room.id ? found : undefined
    assertJoined(room, sender)
    if (original?.type === 'm.room.create') throw forbidden('Redacting create events is not permitted')
    if (powerOf(room, sender) < required(room, 'redact')) {
      if (original === undefined) throw notFound(`Could not find event ${target}`)
      if (original.sender !== sender) throw forbidden("You don't have permission to redact events")
    }
    const { redacts: _moved, ...rest } = content
    const event = this.#append(room, {
      type: 'm.room.redaction',
      sender,
      content: room.version === '10' ? rest : { ...rest, redacts: target },
      redacts: target,
      timestampMs: options.timestampMs,
      transaction: transactionOf(requester, options.txnId),
    })
    if (original !== undefined) {
      const key = annotationKey(original.sender, original.type, original.content)
      if (key !== undefined && room.annotations.get(key) === original.id) room.annotations.delete(key)
      redactContent(original, event)
    }
    return event
  }

  #assertRelation(room: Room, sender: string, type: string, content: Content): void {
    const relation = content['m.relates_to']
    if (!isContent(relation) || text(relation, 'rel_type') === undefined) return
    const target = text(relation, 'event_id')
    if (target === undefined) return
    const parent = this.#log.event(target)
    if (parent === undefined) throw new MatrixError(400, 'M_UNKNOWN', "Can't send relation to unknown event")
    if (parent.roomId !== room.id)
      throw new MatrixError(400, 'M_UNKNOWN', 'Relations must be in the same room')
    const key = annotationKey(sender, type, content)
    if (key !== undefined && room.annotations.has(key)) {
      throw new MatrixError(400, 'M_DUPLICATE_ANNOTATION', "Can't send same reaction twice")
    }
  }

  #noteAnnotation(room: Room, event: StoredEvent): void {
    const key = annotationKey(event.sender, event.type, event.content)
    if (key !== undefined) room.annotations.set(key, event.id)
  }
}

/** Throws unless the user is in the room. */
export function assertJoined(room: Room, userId: string): void {
  if (!room.joined.has(userId)) throw forbidden(`User ${userId} not in room ${room.id}`)
}

function annotationKey(sender: string, type: string, content: Content): string | undefined {
  const relation = content['m.relates_to']
  if (!isContent(relation) || relation['rel_type'] !== 'm.annotation') return undefined
  return JSON.stringify([sender, type, relation['event_id'], relation['key']])
}

function transactionOf(requester: Requester, txnId: string | undefined): StoredEvent['transaction'] {
  const { deviceId } = requester
  return deviceId === null || txnId === undefined ? undefined : { deviceId, txnId }
}
