import type { DeliveryKind, DeliveryState, Direction, ParkReason } from '../model/delivery.ts'
import type { DeliveryId } from '../model/ids.ts'
import type { Queryable } from './db.ts'

/** The head of a lane that does not get through, and how much stands behind it. */
export type WaitingHead = {
  id: DeliveryId
  network: string
  direction: Direction
  roomId: string | null
  chatId: string
  kind: DeliveryKind
  sender: string
  state: DeliveryState
  attempts: number
  notBefore: Date | null
  waitsFor: ParkReason | null
  errorCode: string | null
  errorText: string | null
  createdAt: Date
  /** Counted up to `MOST_BEHIND`. */
  behind: number
}

export const MOST_BEHIND = 1000
const MOST_LANES = 1000

/**
 * Heads that wait, the oldest first; one that was queued just now and never failed is on its way and left out. Both
 * scans are bounded: a person looks at this when much is waiting.
 */
export function waitingHeads(db: Queryable, limit: number): Promise<WaitingHead[]> {
  return db.query<WaitingHead>(
    `with recursive lane as (
       (select direction, portal_id from delivery where state in ('queued', 'sending', 'parked')
        order by direction, portal_id limit 1)
       union all
       select next.direction, next.portal_id from lane, lateral (
         select direction, portal_id from delivery
         where state in ('queued', 'sending', 'parked') and (direction, portal_id) > (lane.direction, lane.portal_id)
         order by direction, portal_id limit 1) next
     ), head as (
       select d.* from (select * from lane limit $2) l, lateral (
         select id, direction, portal_id, kind, sender, state, attempts, not_before, waits_for, error_code, error_text,
           created_at
         from delivery where direction = l.direction and portal_id = l.portal_id and state in ('queued', 'sending', 'parked')
         order by direction, portal_id, id limit 1) d
       where d.state = 'parked' or d.error_code is not null or d.created_at < now() - interval '5 seconds'
       order by d.created_at, d.id limit $1
     )
     select h.id, p.network, h.direction, p.room_id as "roomId", p.chat_id as "chatId", h.kind, h.sender, h.state,
       h.attempts, h.not_before as "notBefore", h.waits_for as "waitsFor", h.error_code as "errorCode",
       h.error_text as "errorText", h.created_at as "createdAt",
       (select count(*)::int from (
          select 1 from delivery b where b.direction = h.direction and b.portal_id = h.portal_id and b.id > h.id
            and b.state in ('queued', 'sending', 'parked') limit $3) behind) as behind
     from head h join portal p on p.id = h.portal_id order by h.created_at, h.id`,
    [limit, MOST_LANES, MOST_BEHIND],
  )
}

export type Latency = { network: string; direction: Direction; count: number; p50Ms: number; p95Ms: number }

/** From the ledger until delivered, over the newest thousand endings of the last hour. */
export function recentLatency(db: Queryable): Promise<Latency[]> {
  return db.query<Latency>(
    `select network, direction, count(*)::int as count,
       percentile_cont(0.5) within group (order by ms) as "p50Ms",
       percentile_cont(0.95) within group (order by ms) as "p95Ms"
     from (
       select p.network, d.direction, d.state,
         greatest(0, extract(epoch from d.finished_at - d.created_at))::float8 * 1000 as ms
       from (
         select portal_id, direction, state, created_at, finished_at from delivery
         where finished_at > now() - interval '1 hour' order by finished_at desc limit 1000) d
       join portal p on p.id = d.portal_id) recent
     where state = 'delivered' group by 1, 2 order by 1, 2`,
  )
}
