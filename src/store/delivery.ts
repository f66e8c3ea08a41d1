import { UNFINISHED } from '../model/delivery.ts'
import type { DeliveryKind, DeliveryState, Direction, ParkReason } from '../model/delivery.ts'
import type { DeliveryId, PortalId } from '../model/ids.ts'
import type { Database, Queryable } from './db.ts'
import type { Statement } from './together.ts'
import { fromJsonBytes, jsonBytes, pgText, pgTextOrNull } from './text.ts'

/** A row to be: what must happen, before anything was tried. */
export type NewDelivery = {
  direction: Direction
  portal: PortalId
  sourceId: string
  part?: number
  kind: DeliveryKind
  sender: string
  body: unknown
  at: Date
}

export type Delivery = {
  id: DeliveryId
  direction: Direction
  portal: PortalId
  sourceId: string
  part: number
  kind: DeliveryKind
  sender: string
  body: Buffer
  state: DeliveryState
  attempts: number
  progress: Buffer | null
  notBefore: Date | null
  waitsFor: ParkReason | null
  targetId: string | null
  errorCode: string | null
  errorText: string | null
  told: boolean
  at: Date
  createdAt: Date
  firstAttemptAt: Date | null
  finishedAt: Date | null
}

export const DELIVERY_COLUMNS = `id, direction, portal_id as portal, source_id as "sourceId", part, kind, sender, body, state,
  attempts, progress, not_before as "notBefore", waits_for as "waitsFor", target_id as "targetId",
  error_code as "errorCode", error_text as "errorText", told, at, created_at as "createdAt",
  first_attempt_at as "firstAttemptAt", finished_at as "finishedAt"`

export type Lane = { direction: Direction; portal: PortalId }

/** Queues deliveries; the same source, part and kind can't be queued twice. Returns the lanes that got something. */
export async function insertDeliveries(tx: Queryable, rows: NewDelivery[]): Promise<Lane[]> {
  if (rows.length === 0) return []
  const { text, values } = deliveriesInsert(rows)
  return tx.query<Lane>(text, values)
}

/** Its rows are the lanes that got something. */
export function deliveriesInsert(rows: NewDelivery[]): Statement {
  return {
    text: `insert into delivery (direction, portal_id, source_id, part, kind, sender, body, at)
     select * from unnest($1::text[], $2::bigint[], $3::text[], $4::int[], $5::text[], $6::text[], $7::bytea[],
                          $8::timestamptz[])
     on conflict (direction, portal_id, source_id, part, kind) do nothing
     returning direction, portal_id as portal`,
    values: [
      rows.map((r) => r.direction),
      rows.map((r) => r.portal),
      rows.map((r) => pgText(r.sourceId)),
      rows.map((r) => r.part ?? 0),
      rows.map((r) => r.kind),
      rows.map((r) => pgText(r.sender)),
      rows.map((r) => jsonBytes(r.body)),
      rows.map((r) => r.at),
    ],
  }
}

/**
 * The head of a lane: its oldest unfinished rows, in order. The row comparisons leave the planner one index that gives
 * this order; with equalities it takes the primary key as well, and by old statistics reads every ended row.
 */
export function peekLane(db: Queryable, lane: Lane, limit: number): Promise<Delivery[]> {
  return db.query<Delivery>(
    `select ${DELIVERY_COLUMNS} from delivery
     where (direction, portal_id, id) > ($1, $2::bigint, 0) and (direction, portal_id, id) < ($1, $2::bigint, $4::bigint)
       and state in ('queued', 'sending', 'parked')
     order by direction, portal_id, id limit $3`,
    [lane.direction, lane.portal, limit, Number.MAX_SAFE_INTEGER],
  )
}

/** Every lane with unfinished rows, by a loose scan of the partial index: the cost is that of lanes, not of rows. */
export function lanesWithWork(db: Queryable): Promise<Lane[]> {
  return db.query<Lane>(
    `with recursive lane as (
       (select direction, portal_id from delivery where state in ('queued', 'sending', 'parked')
        order by direction, portal_id limit 1)
       union all
       select next.direction, next.portal_id from lane, lateral (
         select direction, portal_id from delivery
         where state in ('queued', 'sending', 'parked') and (direction, portal_id) > (lane.direction, lane.portal_id)
         order by direction, portal_id limit 1) next
     )
     select direction, portal_id as portal from lane`,
  )
}

export type ProgressMark = { id: DeliveryId; progress: unknown; at: Date }

/** Commits what a connector is about to do for rows, and that it is being done. */
export async function saveProgress(db: Queryable, marks: ProgressMark[]): Promise<void> {
  await db.query(
    `update delivery d set state = 'sending', progress = m.progress, attempts = greatest(d.attempts, 1),
       first_attempt_at = coalesce(d.first_attempt_at, m.at)
     from unnest($1::bigint[], $2::bytea[], $3::timestamptz[]) as m(id, progress, at) where d.id = m.id`,
    [marks.map((m) => m.id), marks.map((m) => jsonBytes(m.progress)), marks.map((m) => m.at)],
  )
}

/** What was saved for a conversation's rows on their way to the network, also of those that have ended, newest first. */
export async function keptProgress(db: Queryable, portal: PortalId, limit: number): Promise<unknown[]> {
  const rows = await db.query<{ progress: Buffer }>(
    `select progress from delivery where direction = 'to_remote' and portal_id = $1 and progress is not null
     order by id desc limit $2`,
    [portal, limit],
  )
  return rows.map(({ progress }) => fromJsonBytes(progress))
}

/** What was saved for a conversation's rows on their way to the network that have not ended, oldest first. */
export async function progressUnderWay(
  db: Queryable,
  portal: PortalId,
): Promise<{ delivery: DeliveryId; progress: unknown }[]> {
  const rows = await db.query<{ id: DeliveryId; progress: Buffer }>(
    `select id, progress from delivery where direction = 'to_remote' and portal_id = $1 and progress is not null
       and state = any($2) order by id`,
    [portal, UNFINISHED],
  )
  return rows.map(({ id, progress }) => ({ delivery: id, progress: fromJsonBytes(progress) }))
}

/** What the ledger shall say about a row from now on. */
export type StateChange = {
  id: DeliveryId
  state: DeliveryState
  targetId?: string
  errorCode?: string
  errorText?: string
  notBefore?: Date
  waitsFor?: ParkReason
  /** One more attempt has failed. */
  countAttempt?: boolean
  /** The sender is being shown this outcome. */
  told?: boolean
  /** The body held a secret and is cleared at once. */
  clearBody?: boolean
}

const END_STATES: readonly DeliveryState[] = ['delivered', 'rejected', 'unknown', 'expired']

/**
 * Writes the outcomes of a group of rows in one statement. What has ended meanwhile, on somebody's word, stays so; only
 * a delivery can still turn out to have been refused.
 */
export async function changeStates(tx: Queryable, changes: StateChange[], at: Date): Promise<void> {
  if (changes.length === 0) return
  const { text, values } = statesUpdate(changes, at)
  await tx.query(text, values)
}

export function statesUpdate(changes: StateChange[], at: Date): Statement {
  return {
    text: `update delivery d set state = c.state, target_id = coalesce(c.target, d.target_id), error_code = c.code,
       error_text = c.text, not_before = c.not_before, waits_for = c.waits_for,
       attempts = d.attempts + c.count, told = d.told or c.told,
       body = case when c.clear then '' else d.body end,
       finished_at = case when c.finished then $9::timestamptz else null end
     from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
                 $8::int[], $10::boolean[], $11::boolean[], $12::boolean[])
       as c(id, state, target, code, text, not_before, waits_for, count, finished, told, clear)
     where d.id = c.id and (d.finished_at is null or d.state = 'delivered' and c.state = 'rejected')`,
    values: [
      changes.map((c) => c.id),
      changes.map((c) => c.state),
      changes.map((c) => pgTextOrNull(c.targetId)),
      changes.map((c) => pgTextOrNull(c.errorCode)),
      changes.map((c) => pgTextOrNull(c.errorText)),
      changes.map((c) => c.notBefore ?? null),
      changes.map((c) => c.waitsFor ?? null),
      changes.map((c) => (c.countAttempt === true ? 1 : 0)),
      at,
      changes.map((c) => END_STATES.includes(c.state)),
      changes.map((c) => c.told === true),
      changes.map((c) => c.clearBody === true),
    ],
  }
}

/** Clears the bodies of delivered rows finished before `bodiesBefore`, and forgets rows finished before `rowsBefore`. */
export async function purgeDeliveries(db: Database, bodiesBefore: Date, rowsBefore: Date): Promise<void> {
  await db.query(
    `update delivery set body = '', progress = null where id in (
       select id from delivery where finished_at < $1 and state = 'delivered' and body <> ''
       order by finished_at limit 5000)`,
    [bodiesBefore],
  )
  await db.query(
    'delete from delivery where id in (select id from delivery where finished_at < $1 order by finished_at limit 5000)',
    [rowsBefore],
  )
}
