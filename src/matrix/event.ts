import { matrixEventId, matrixRoomId, matrixUserId } from '../model/ids.ts'
import type { MatrixEventId, MatrixRoomId, MatrixUserId } from '../model/ids.ts'
import { isObject, numberAt, valueAt } from './untrusted.ts'
import type { Json } from './untrusted.ts'

/** An event as a homeserver hands it to an appservice: ids and types are checked, the content is not. */
export type RawEvent = {
  event_id: MatrixEventId
  type: string
  room_id: MatrixRoomId
  sender: MatrixUserId
  origin_server_ts: number
  content: Json
  state_key?: string
  redacts?: MatrixEventId
  unsigned?: Json
}

/** Ids, types and state keys are at most this long (specification, "Size limits"). */
const LONGEST_ID_BYTES = 255

const USER_ID = /^@[^\s:\p{Cc}]*:[^\s\p{Cc}]+$/u
const ROOM_ID = /^![^\s\p{Cc}]+$/u
const EVENT_ID = /^\$[^\s\p{Cc}]+$/u

const fits = (value: unknown): value is string =>
  typeof value === 'string' && Buffer.byteLength(value) <= LONGEST_ID_BYTES

export const isUserId = (value: unknown): value is MatrixUserId => fits(value) && USER_ID.test(value)
export const isRoomId = (value: unknown): value is MatrixRoomId => fits(value) && ROOM_ID.test(value)
export const isEventId = (value: unknown): value is MatrixEventId => fits(value) && EVENT_ID.test(value)

/** Reads one event of a transaction. Total: whatever the homeserver sent gives an event or words about what is wrong. */
export function readEvent(json: unknown): RawEvent | { bad: string } {
  if (!isObject(json)) return { bad: 'the event is not an object' }
  const id = valueAt(json, 'event_id')
  const type = valueAt(json, 'type')
  const room = valueAt(json, 'room_id')
  const sender = valueAt(json, 'sender')
  const content = valueAt(json, 'content')
  const stateKey = valueAt(json, 'state_key')
  const redacts = valueAt(json, 'redacts')
  const unsigned = valueAt(json, 'unsigned')
  if (!isEventId(id)) return { bad: 'event_id is missing or malformed' }
  if (!fits(type) || type === '') return { bad: 'type is missing, too long or not a string' }
  if (!isRoomId(room)) return { bad: 'room_id is missing or malformed' }
  if (!isUserId(sender)) return { bad: 'sender is missing or malformed' }
  if (!isObject(content)) return { bad: 'content is not an object' }
  if (stateKey !== undefined && !fits(stateKey)) return { bad: 'state_key is too long or not a string' }
  return {
    event_id: matrixEventId(id),
    type,
    room_id: matrixRoomId(room),
    sender: matrixUserId(sender),
    origin_server_ts: time(numberAt(json, 'origin_server_ts')),
    content,
    ...(stateKey === undefined ? {} : { state_key: stateKey }),
    ...(isEventId(redacts) ? { redacts } : {}),
    ...(isObject(unsigned) ? { unsigned } : {}),
  }
}

/** A time that a `Date` can hold; anything else is the beginning of time and never a reason to drop an event. */
function time(ms: number | undefined): number {
  return ms === undefined || ms < 0 || ms > 8.64e15 ? 0 : Math.trunc(ms)
}
