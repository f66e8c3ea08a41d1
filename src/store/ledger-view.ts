import type { DeliveryState, Direction } from '../model/delivery.ts'
import type { DeliveryId } from '../model/ids.ts'
import type { Queryable } from './db.ts'
import { DELIVERY_COLUMNS } from './delivery.ts'
import type { Delivery, Lane } from './delivery.ts'

export type LedgerFilter = {
  states?: DeliveryState[]
  direction?: Direction
  room?: string
  sender?: string
  limit: number
}

export type LedgerLine = Omit<Delivery, 'body' | 'progress'> & {
  roomId: string | null
  chatId: string
  network: string
}

const LINE = `select d.id, d.direction, d.portal_id as portal, d.source_id as "sourceId", d.part, d.kind, d.sender, d.state,
  d.attempts, d.not_before as "notBefore", d.waits_for as "waitsFor", d.target_id as "targetId",
  d.error_code as "errorCode", d.error_text as "errorText", d.told, d.at, d.created_at as "createdAt",
  d.first_attempt_at as "firstAttemptAt", d.finished_at as "finishedAt",
  p.room_id as "roomId", p.chat_id as "chatId", p.network
  from delivery d join portal p on p.id = d.portal_id`

/** Rows for a person to read, newest first. */
export function listDeliveries(db: Queryable, filter: LedgerFilter): Promise<LedgerLine[]> {
  return db.query<LedgerLine>(
    `${LINE}
     where ($1::text[] is null or d.state = any($1)) and ($2::text is null or d.direction = $2)
       and ($3::text is null or p.room_id = $3) and ($4::text is null or d.sender = $4)
     order by d.id desc limit $5`,
    [
      filter.states ?? null,
      filter.direction ?? null,
      filter.room ?? null,
      filter.sender ?? null,
      filter.limit,
    ],
  )
}

export async function showDelivery(db: Queryable, id: DeliveryId): Promise<Delivery | undefined> {
  const [row] = await db.query<Delivery>(`select ${DELIVERY_COLUMNS} from delivery where id = $1`, [id])
  return row
}

/** The failed delivery of a Matrix event, newest first. */
export async function failedBySource(db: Queryable, sourceId: string): Promise<Delivery | undefined> {
  const [row] = await db.query<Delivery>(
    `select ${DELIVERY_COLUMNS} from delivery
     where source_id = $1 and state in ('rejected', 'unknown', 'expired') order by id desc limit 1`,
    [sourceId],
  )
  return row
}

/**
 * Queues failed rows again, with a clean slate. A row whose body was cleared can't come back.
 * @returns the lanes that have work now
 */
export function requeue(db: Queryable, ids: DeliveryId[]): Promise<Lane[]> {
  return db.query<Lane>(
    `update delivery set state = 'queued', not_before = null, waits_for = null, progress = null, finished_at = null,
       error_code = null, error_text = null, created_at = now()
     where id = any($1::bigint[]) and state in ('rejected', 'unknown', 'expired') and body <> ''
     returning direction, portal_id as portal`,
    [ids],
  )
}

/** Ends unfinished rows on somebody's word. */
export function discard(db: Queryable, ids: DeliveryId[], why: string): Promise<Lane[]> {
  return db.query<Lane>(
    `update delivery set state = 'rejected', error_code = 'discarded', error_text = $2, finished_at = now()
     where id = any($1::bigint[]) and state in ('queued', 'sending', 'parked')
     returning direction, portal_id as portal`,
    [ids, why],
  )
}

export type LedgerDepth = {
  network: string
  direction: Direction
  state: DeliveryState
  count: number
  oldest: Date
}

/** How much is unfinished, by network, direction and state, and since when. */
export function depth(db: Queryable): Promise<LedgerDepth[]> {
  return db.query<LedgerDepth>(
    `select p.network, d.direction, d.state, count(*)::int as count, min(d.created_at) as oldest
     from delivery d join portal p on p.id = d.portal_id
     where d.state in ('queued', 'sending', 'parked') group by 1, 2, 3`,
  )
}
