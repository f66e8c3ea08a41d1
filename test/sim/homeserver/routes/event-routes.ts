import type { Core } from '../core.ts'
import { forbidden, notFound } from '../errors.ts'
import type { Room } from '../room.ts'
import type { Call, Router } from '../router.ts'
import { clientForm } from '../stored-event.ts'
import type { Content, Requester } from '../types.ts'

/** Sending and reading events. */
export function eventRoutes(router: Router, core: Core): void {
  const { posting, httpCache, history } = core
  router.client('PUT', '/rooms/:roomId/send/:type/:txnId', (call, requester) =>
    httpCache.answer(call.path, requester, () => {
      const options = { txnId: call.param('txnId'), timestampMs: call.timestampMs(requester) }
      return {
        event_id: posting.send(requester, call.param('roomId'), call.param('type'), call.json(), options),
      }
    }),
  )
  router.client('PUT', '/rooms/:roomId/redact/:eventId/:txnId', (call, requester) =>
    httpCache.answer(call.path, requester, () => {
      const [roomId, eventId, txnId] = [call.param('roomId'), call.param('eventId'), call.param('txnId')]
      return { event_id: posting.redact(requester, roomId, eventId, call.optionalJson(), txnId) }
    }),
  )
  stateRoutes(router, core)
  router.client('GET', '/rooms/:roomId/messages', (call, requester) =>
    history.messages(requester, call.param('roomId'), call.query),
  )
  router.client('GET', '/rooms/:roomId/event/:eventId', (call, requester) =>
    history.event(requester, call.param('roomId'), call.param('eventId')),
  )
  router.client('GET', '/rooms/:roomId/context/:eventId', (call, requester) => {
    const limit = Number(call.query.get('limit') ?? 10)
    return history.context(requester, call.param('roomId'), call.param('eventId'), limit)
  })
}

function stateRoutes(router: Router, core: Core): void {
  const base = '/rooms/:roomId/state'
  router.client('GET', base, (call, requester) => {
    const room = readable(core, call, requester)
    return [...room.stateEvents()].map((event) => clientForm(event, requester))
  })
  // Without a key, with an empty one after a slash, and with a key.
  for (const [path, hasKey] of [
    [`${base}/:type`, false],
    [`${base}/:type/`, false],
    [`${base}/:type/:key`, true],
  ] as const) {
    const keyOf = (call: Call): string => (hasKey ? call.param('key') : '')
    router.client('GET', path, (call, requester) => {
      const event = readable(core, call, requester).stateEvent(call.param('type'), keyOf(call))
      if (event === undefined) throw notFound('Event not found.')
      return call.query.get('format') === 'event' ? clientForm(event, requester) : event.content
    })
    router.client('PUT', path, (call, requester) => {
      const timestampMs = call.timestampMs(requester)
      return { event_id: putState(core, requester, call, keyOf(call), call.json(), timestampMs) }
    })
  }
}

function putState(
  core: Core,
  requester: Requester,
  call: Call,
  key: string,
  content: Content,
  timestampMs: number | undefined,
): string {
  const [roomId, type] = [call.param('roomId'), call.param('type')]
  if (type === 'm.room.member') return core.memberships.put(requester, roomId, key, content, timestampMs)
  return core.posting.setState(requester, roomId, type, key, content, timestampMs)
}

function readable(core: Core, call: Call, { userId }: Requester): Room {
  const room = core.log.rooms.get(call.param('roomId'))
  if (room === undefined || !['join', 'leave', 'ban'].includes(room.membership(userId) ?? '')) {
    throw forbidden(`User ${userId} not in room ${call.param('roomId')}, and room previews are disabled`)
  }
  return room
}
