import type { DeliveryId, MatrixEventId, MatrixUserId, PortalId } from '../model/ids.ts'
import type { Queryable } from './db.ts'
import { pgText, pgTextOrNull } from './text.ts'

/** A live location that a Matrix user shares, by the event that began it. */
export type LiveLocation = {
  eventId: MatrixEventId
  portal: PortalId
  sender: MatrixUserId
  /** The row that told of it. */
  begunBy: DeliveryId
  until: Date
  name: string | null
  /** The row that is to bring the first place. */
  firstDelivery: DeliveryId | null
  latitude: number | null
  longitude: number | null
}

const COLUMNS = `event_id as "eventId", portal_id as portal, sender, begun_by as "begunBy", until, name, first_delivery as "firstDelivery",
  latitude, longitude`

export async function liveLocationOf(db: Queryable, event: MatrixEventId): Promise<LiveLocation | undefined> {
  const [row] = await db.query<LiveLocation>(`select ${COLUMNS} from live_location where event_id = $1`, [
    pgText(event),
  ])
  return row
}

/** What somebody shares in a conversation as of the row `before`: the newest that began earlier. */
export async function liveLocationBy(
  db: Queryable,
  portal: PortalId,
  sender: MatrixUserId,
  before: DeliveryId,
): Promise<LiveLocation | undefined> {
  const [row] = await db.query<LiveLocation>(
    `select ${COLUMNS} from live_location where portal_id = $1 and sender = $2 and begun_by < $3
     order by begun_by desc limit 1`,
    [portal, pgText(sender), before],
  )
  return row
}

/** Repeats change nothing. */
export async function beginLiveLocation(
  db: Queryable,
  live: Omit<LiveLocation, 'firstDelivery' | 'latitude' | 'longitude'>,
): Promise<void> {
  const { eventId, portal, sender, begunBy, until, name } = live
  await db.query(
    `insert into live_location (event_id, portal_id, sender, begun_by, until, name) values ($1, $2, $3, $4, $5, $6)
     on conflict (event_id) do nothing`,
    [pgText(eventId), portal, pgText(sender), begunBy, until, pgTextOrNull(name ?? undefined)],
  )
}

/** The first row that asks brings the first place. @returns whichever row that is */
export async function claimFirstPlace(
  db: Queryable,
  event: MatrixEventId,
  delivery: DeliveryId,
): Promise<DeliveryId | undefined> {
  const [row] = await db.query<{ first: DeliveryId }>(
    `update live_location set first_delivery = coalesce(first_delivery, $2) where event_id = $1
     returning first_delivery as first`,
    [pgText(event), delivery],
  )
  return row?.first
}

export async function moveLiveLocation(
  tx: Queryable,
  event: MatrixEventId,
  at: { latitude: number; longitude: number },
): Promise<void> {
  await tx.query('update live_location set latitude = $2, longitude = $3 where event_id = $1', [
    pgText(event),
    at.latitude,
    at.longitude,
  ])
}

/** Whatever somebody shared before that row is over. */
export async function endLiveLocation(
  tx: Queryable,
  portal: PortalId,
  sender: MatrixUserId,
  before: DeliveryId,
): Promise<void> {
  await tx.query('delete from live_location where portal_id = $1 and sender = $2 and begun_by < $3', [
    portal,
    pgText(sender),
    before,
  ])
}

/** The message that shows it is deleted. */
export async function forgetLiveLocation(tx: Queryable, event: MatrixEventId): Promise<void> {
  await tx.query('delete from live_location where event_id = $1', [pgText(event)])
}

/** Forgets those that nobody ended before their time was over. */
export async function purgeLiveLocations(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from live_location where until < $1', [before])
}
