import { badJson, forbidden, notFound } from './errors.ts'
import type { EventLog } from './event-log.ts'
import type { Room } from './room.ts'
import type { StoredEvent } from './stored-event.ts'
import { clientForm } from './stored-event.ts'
import type { Content, Requester, SimEvent } from './types.ts'
import { isContent } from './types.ts'

const MAX_EVENTS = 1000

/** Reads from a room's past. Tokens are `t<index>` (before that event) or `s<position>` from /sync. */
export class History {
  readonly #log: EventLog

  constructor(log: EventLog) {
    this.#log = log
  }

  /** `GET /rooms/{roomId}/messages` */
  messages(requester: Requester, roomId: string, query: URLSearchParams): Content {
    const room = this.#visible(requester, roomId)
    const backwards = query.get('dir') !== 'f'
    const limit = Math.min(Number(query.get('limit') ?? 10), MAX_EVENTS)
    const wanted = eventFilter(query.get('filter'))
    const from = place(room, query.get('from')) ?? (backwards ? room.timeline.length : 0)
    const to = place(room, query.get('to')) ?? (backwards ? 0 : room.timeline.length)
    const chunk: SimEvent[] = []
    let at = from
    while (chunk.length < limit && (backwards ? at > to : at < to)) {
      const event = room.timeline[backwards ? at - 1 : at]
      at += backwards ? -1 : 1
      if (event !== undefined && wanted(event)) chunk.push(clientForm(event, requester))
    }
    return { start: `t${from}`, chunk, ...(at === to ? {} : { end: `t${at}` }) }
  }

  event(requester: Requester, roomId: string, eventId: string): SimEvent {
    return clientForm(this.#find(this.#visible(requester, roomId), eventId), requester)
  }

  context(requester: Requester, roomId: string, eventId: string, limit: number): Content {
    const room = this.#visible(requester, roomId)
    const event = this.#find(room, eventId)
    const half = Math.floor(limit / 2)
    const [start, end] = [Math.max(0, event.index - half), event.index + 1 + half]
    const view = (found: StoredEvent): SimEvent => clientForm(found, requester)
    return {
      start: `t${start}`,
      end: `t${Math.min(end, room.timeline.length)}`,
      event: view(event),
      events_before: room.timeline.slice(start, event.index).map(view).reverse(),
      events_after: room.timeline.slice(event.index + 1, end).map(view),
      state: [...room.stateEvents()].map(view),
    }
  }

  /** The room, if the requester is or was in it. */
  #visible(requester: Requester, roomId: string): Room {
    const room = this.#log.rooms.get(roomId)
    if (room === undefined || !['join', 'leave', 'ban'].includes(room.membership(requester.userId) ?? '')) {
      throw forbidden(`User ${requester.userId} not in room ${roomId}, and room previews are disabled`)
    }
    return room
  }

  #find(room: Room, eventId: string): StoredEvent {
    const event = this.#log.event(eventId)
    if (event?.roomId !== room.id) throw notFound('Event not found.')
    return event
  }
}

function place(room: Room, token: string | null): number | undefined {
  if (token === null || token === '') return undefined
  const value = Number(token.slice(1))
  if (!/^[st]\d+$/.test(token)) throw badJson('Invalid token')
  return token.startsWith('s') ? room.indexAt(value) : Math.min(value, room.timeline.length)
}

/** Understands senders, not_senders, types and not_types of a RoomEventFilter, with `*` in types. */
function eventFilter(json: string | null): (event: StoredEvent) => boolean {
  if (json === null) return () => true
  const filter: unknown = JSON.parse(json)
  if (!isContent(filter)) throw badJson('Invalid filter')
  const senders = patterns(filter['senders'])
  const types = patterns(filter['types'])
  const notSenders = patterns(filter['not_senders'])
  const notTypes = patterns(filter['not_types'])
  return ({ sender, type }) =>
    (senders?.some((is) => is.test(sender)) ?? true) &&
    (types?.some((is) => is.test(type)) ?? true) &&
    !(notSenders?.some((is) => is.test(sender)) ?? false) &&
    !(notTypes?.some((is) => is.test(type)) ?? false)
}

function patterns(value: unknown): RegExp[] | undefined {
  if (!Array.isArray(value)) return undefined
  const escaped = (text: unknown): string => String(text).replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  return value.map((item) => new RegExp(`^${escaped(item).replaceAll('*', '.*')}$`))
}
