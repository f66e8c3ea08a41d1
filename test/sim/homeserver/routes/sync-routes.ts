import type { Core } from '../core.ts'
import { forbidden, internal, notFound } from '../errors.ts'
import type { Router } from '../router.ts'
import type { Content } from '../types.ts'
import { isContent, text } from '../types.ts'

/** /sync and what goes with it: filters, typing, receipts, presence. */
export function syncRoutes(router: Router, core: Core): void {
  const filters: Content[] = []
  router.client('POST', '/user/:userId/filter', (call) => ({
    filter_id: String(filters.push(call.json()) - 1),
  }))
  router.client('GET', '/user/:userId/filter/:filterId', (call) => {
    const filter = filters[Number(call.param('filterId'))]
    if (filter === undefined) throw notFound('No such filter')
    return filter
  })
  router.client('GET', '/sync', (call, requester) => {
    // Synapse has no sync for the user that is the appservice itself: NotImplementedError.
    if (requester.appservice?.senderId === requester.userId) throw internal()
    const given = call.query.get('filter') ?? '{}'
    const filter: unknown = given.startsWith('{') ? JSON.parse(given) : filters[Number(given)]
    return core.sync.poll(requester, call.query, isContent(filter) ? filter : {}, core.signal)
  })
  router.client('PUT', '/rooms/:roomId/typing/:userId', (call, requester) => {
    if (call.param('userId') !== requester.userId) throw forbidden("Cannot set another user's typing state")
    const { typing, timeout } = call.json()
    const timeoutMs = typeof timeout === 'number' ? timeout : undefined
    core.ephemeral.setTyping(requester, call.param('roomId'), typing === true, timeoutMs)
    return {}
  })
  router.client('POST', '/rooms/:roomId/receipt/:type/:eventId', (call, requester) => {
    const type = call.param('type')
    if (type === 'm.fully_read') {
      const content = { event_id: call.param('eventId') }
      core.accountData.set(requester.userId, call.param('roomId'), type, content)
    } else {
      core.ephemeral.setReceipt(requester, call.param('roomId'), type, call.param('eventId'))
    }
    return {}
  })
  router.client('POST', '/rooms/:roomId/read_markers', (call, requester) => {
    const body = call.json()
    for (const type of ['m.read', 'm.read.private']) {
      const eventId = text(body, type)
      if (eventId !== undefined) core.ephemeral.setReceipt(requester, call.param('roomId'), type, eventId)
    }
    const fullyRead = text(body, 'm.fully_read')
    if (fullyRead !== undefined) {
      core.accountData.set(requester.userId, call.param('roomId'), 'm.fully_read', { event_id: fullyRead })
    }
    return {}
  })
  router.client('PUT', '/presence/:userId/status', (call, requester) => {
    core.ephemeral.setPresence(requester.userId, call.json())
    return {}
  })
}
