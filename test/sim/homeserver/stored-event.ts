import { badJson, MatrixError } from './errors.ts'
import type { Content, Requester, SimEvent, Unsigned } from './types.ts'
import { isContent } from './types.ts'

/** An event as the homeserver keeps it. */
export type StoredEvent = {
  readonly id: string
  /** Place in the stream of everything that happens on the homeserver. */
  readonly position: number
  /** Place in the room. */
  readonly index: number
  readonly roomId: string
  readonly type: string
  readonly sender: string
  readonly timestampMs: number
  readonly stateKey: string | undefined
  readonly redacts: string | undefined
  readonly transaction: { deviceId: string; txnId: string } | undefined
  /** The state event that this one took the place of. */
  readonly replaces: StoredEvent | undefined
  content: Content
  redactedBy: StoredEvent | undefined
}

export type EventDraft = {
  type: string
  sender: string
  content: Content
  stateKey?: string | undefined
  redacts?: string | undefined
  timestampMs?: number | undefined
  transaction?: { deviceId: string; txnId: string } | undefined
}

type Viewer = Pick<Requester, 'userId' | 'deviceId'>

/**
 * The event as `viewer` may see it. The transaction id shows only to the same user and device; 'sender' shows it
 * always, null never (appservice transactions have none).
 */
export function clientForm(event: StoredEvent, viewer: Viewer | 'sender' | null): SimEvent {
  const unsigned: Unsigned = { age: Math.max(0, Date.now() - event.timestampMs) }
  const { transaction, replaces, redactedBy } = event
  if (transaction !== undefined && viewer !== null) {
    const own =
      viewer === 'sender' || (viewer.userId === event.sender && viewer.deviceId === transaction.deviceId)
    if (own) unsigned.transaction_id = transaction.txnId
  }
  if (replaces !== undefined) {
    unsigned.replaces_state = replaces.id
    unsigned.prev_content = replaces.content
    unsigned.prev_sender = replaces.sender
  }
  if (redactedBy !== undefined) {
    unsigned.redacted_by = redactedBy.id
    unsigned.redacted_because = clientForm(redactedBy, viewer)
  }
  const form: SimEvent = {
    type: event.type,
    event_id: event.id,
    room_id: event.roomId,
    sender: event.sender,
    origin_server_ts: event.timestampMs,
    content: event.content,
    unsigned,
  }
  if (event.stateKey !== undefined) form.state_key = event.stateKey
  if (event.redacts !== undefined) {
    // Room version 11 moved `redacts` into the content; Synapse shows both places for every version.
    form.redacts = event.redacts
    form.content = { ...event.content, redacts: event.redacts }
  }
  return form
}

const KEPT_KEYS: Record<string, string[]> = {
  'm.room.member': ['membership'],
  'm.room.join_rules': ['join_rule', 'allow'],
  'm.room.history_visibility': ['history_visibility'],
  'm.room.redaction': ['redacts'],
  'm.room.power_levels':
    'ban events events_default invite kick redact state_default users users_default'.split(' '),
}

/** Takes out what a redaction takes out (room version 11, "Redactions"). */
export function redactContent(event: StoredEvent, redaction: StoredEvent): void {
  if (event.redactedBy !== undefined) return
  event.redactedBy = redaction
  const kept = KEPT_KEYS[event.type] ?? []
  event.content = Object.fromEntries(Object.entries(event.content).filter(([key]) => kept.includes(key)))
}

const MAX_EVENT_BYTES = 65_536
const MAX_FIELD_BYTES = 255
/** Hashes, a signature and the references to other events, which count towards the limit. */
const FEDERATION_OVERHEAD_BYTES = 900

/**
 * Throws if a homeserver would refuse the event: numbers that are not integers (canonical JSON), or too large
 * (Client-Server API, "Size limits").
 */
export function assertAcceptable(roomId: string, draft: EventDraft): void {
  assertCanonical(draft.content)
  for (const field of [draft.type, draft.stateKey ?? '', draft.sender, roomId]) {
    if (Buffer.byteLength(field) > MAX_FIELD_BYTES) throw tooLarge()
  }
  const bytes = Buffer.byteLength(JSON.stringify({ roomId, ...draft })) + FEDERATION_OVERHEAD_BYTES
  if (bytes > MAX_EVENT_BYTES) throw tooLarge()
}

function tooLarge(): MatrixError {
  return new MatrixError(413, 'M_TOO_LARGE', 'event too large')
}

function assertCanonical(value: unknown): void {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw badJson('Bad JSON value: float')
  if (Array.isArray(value)) value.forEach(assertCanonical)
  else if (isContent(value)) Object.values(value).forEach(assertCanonical)
}
