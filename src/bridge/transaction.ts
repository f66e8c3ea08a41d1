import { readEvent } from '../matrix/event.ts'
import type { LoggedEvent } from '../store/event-log.ts'
import type { InboxRow } from '../store/inbox.ts'

export type ParsedEvent = { event: ReturnType<typeof readEvent>; json: unknown }

/** The events and hints of a stored body. Ingress has checked that it is JSON; of all else nothing is sure. */
export function readTransaction(row: InboxRow): { events: ParsedEvent[]; hints: unknown[] } {
  let body: unknown
  try {
    body = JSON.parse(row.raw.toString('utf8'))
  } catch {
    return { events: [], hints: [] }
  }
  if (typeof body !== 'object' || body === null) return { events: [], hints: [] }
  const { events, ephemeral } = body as { events?: unknown; ephemeral?: unknown }
  const legacy = (body as Record<string, unknown>)['de.sorunome.msc2409.ephemeral']
  const list = (value: unknown) => (Array.isArray(value) ? (value as unknown[]) : [])
  return {
    events: list(events).map((json) => ({ event: readEvent(json), json })),
    hints: ephemeral === undefined ? list(legacy) : list(ephemeral),
  }
}

/** An event that can't be read still gets its line, under its own id where it has one. */
export function quarantined(row: InboxRow, json: unknown, reason: string): LoggedEvent {
  const fields = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name].slice(0, 255) : '')
  const eventId = text('event_id') || `quarantine:${row.id}:${Math.random().toString(36).slice(2)}`
  return {
    eventId,
    roomId: text('room_id'),
    type: text('type'),
    sender: text('sender'),
    outcome: 'quarantined',
    reason,
  }
}
