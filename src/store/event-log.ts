import type { Queryable } from './db.ts'
import type { Statement } from './together.ts'
import { pgText, pgTextOrNull } from './text.ts'

export type EventOutcome = 'routed' | 'ignored' | 'quarantined'
export type LoggedEvent = {
  eventId: string
  roomId: string
  type: string
  sender: string
  outcome: EventOutcome
  reason?: string
}

/** Which of the events were routed before; a homeserver may send one again in another transaction. */
export async function seenEvents(db: Queryable, ids: string[]): Promise<Set<string>> {
  const rows = await db.query<{ id: string }>(
    'select event_id as id from event where event_id = any($1::text[])',
    [ids.map(pgText)],
  )
  return new Set(rows.map((row) => row.id))
}

export function eventsInsert(events: LoggedEvent[], at: Date): Statement {
  return {
    text: `insert into event (event_id, room_id, type, sender, outcome, reason, seen_at)
     select *, $7::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
     on conflict (event_id) do nothing`,
    values: [
      events.map((e) => pgText(e.eventId)),
      events.map((e) => pgText(e.roomId)),
      events.map((e) => pgText(e.type)),
      events.map((e) => pgText(e.sender)),
      events.map((e) => e.outcome),
      events.map((e) => pgTextOrNull(e.reason)),
      at,
    ],
  }
}

export async function purgeEvents(db: Queryable, before: Date): Promise<void> {
  await db.query(
    'delete from event where event_id in (select event_id from event where seen_at < $1 order by seen_at limit 5000)',
    [before],
  )
}
