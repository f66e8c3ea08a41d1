import type { RawEvent } from '../../../src/matrix/event.ts'
import { fromEvent } from '../../../src/matrix/from-event.ts'
import type { MatrixAct } from '../../../src/matrix/from-event.ts'
import { matrixEventId, matrixRoomId, matrixUserId } from '../../../src/model/ids.ts'

/** Events and the values that tests of conversion expect of them. */
export const MXC = 'mxc://example.org/abc_-1'
export const TARGET = '$target'

export function event(
  type: string,
  content: Record<string, unknown>,
  more: Partial<RawEvent> = {},
): RawEvent {
  return {
    event_id: matrixEventId('$event'),
    type,
    room_id: matrixRoomId('!room'),
    sender: matrixUserId('@alice:example.org'),
    origin_server_ts: 1,
    content,
    ...more,
  }
}

export const message = (content: Record<string, unknown>): MatrixAct =>
  fromEvent(event('m.room.message', content))

export const text = (body: string, more: Record<string, unknown> = {}) => ({
  msgtype: 'm.text',
  body,
  ...more,
})

export const html = (body: string, formatted: string, more: Record<string, unknown> = {}) =>
  text(body, { format: 'org.matrix.custom.html', formatted_body: formatted, ...more })

export const inReplyTo = { 'm.relates_to': { 'm.in_reply_to': { event_id: TARGET } } }
export const replaces = { 'm.relates_to': { rel_type: 'm.replace', event_id: TARGET } }

export const said = (content: object, body: string, more: object = {}) => ({
  kind: 'message',
  content,
  text: body,
  ...more,
})

export const plain = (body: string, more: object = {}) => ({ kind: 'text', style: 'text', body, ...more })
export const media = (more: object) => ({ kind: 'media', source: { at: 'matrix', mxc: MXC }, ...more })
