import type { MatrixEventId, PortalId, RemoteMessageId } from '../model/ids.ts'
import type { Queryable } from './db.ts'
import { pgText, pgTextOrNull } from './text.ts'

export type Reaction = {
  portal: PortalId
  eventId: MatrixEventId
  targetEventId: MatrixEventId
  sender: string
  key: string
  remoteId: RemoteMessageId | null
}

const COLUMNS = `portal_id as portal, event_id as "eventId", target_event_id as "targetEventId", sender, key,
  remote_id as "remoteId"`

export async function insertReaction(
  tx: Queryable,
  row: Omit<Reaction, 'remoteId'> & { remoteId?: string },
): Promise<void> {
  await tx.query(
    `insert into reaction (portal_id, event_id, target_event_id, sender, key, remote_id)
     values ($1, $2, $3, $4, $5, $6) on conflict (portal_id, event_id) do nothing`,
    [
      row.portal,
      pgText(row.eventId),
      pgText(row.targetEventId),
      pgText(row.sender),
      pgText(row.key),
      pgTextOrNull(row.remoteId),
    ],
  )
}

export async function deleteReaction(tx: Queryable, portal: PortalId, event: MatrixEventId): Promise<void> {
  await tx.query('delete from reaction where portal_id = $1 and event_id = $2', [portal, pgText(event)])
}

export async function reactionOfEvent(
  db: Queryable,
  portal: PortalId,
  event: MatrixEventId,
): Promise<Reaction | undefined> {
  const [row] = await db.query<Reaction>(
    `select ${COLUMNS} from reaction where portal_id = $1 and event_id = $2`,
    [portal, pgText(event)],
  )
  return row
}

export async function reactionBy(
  db: Queryable,
  portal: PortalId,
  target: MatrixEventId,
  sender: string,
  key: string,
): Promise<Reaction | undefined> {
  const [row] = await db.query<Reaction>(
    `select ${COLUMNS} from reaction where portal_id = $1 and target_event_id = $2 and sender = $3 and key = $4`,
    [portal, pgText(target), pgText(sender), pgText(key)],
  )
  return row
}

/** What somebody has put under a message, the oldest first. */
export function reactionsOf(
  db: Queryable,
  portal: PortalId,
  target: MatrixEventId,
  sender: string,
): Promise<Reaction[]> {
  return db.query<Reaction>(
    `select ${COLUMNS} from reaction where portal_id = $1 and target_event_id = $2 and sender = $3 order by at, event_id`,
    [portal, pgText(target), pgText(sender)],
  )
}

export async function reactionOfRemote(
  db: Queryable,
  portal: PortalId,
  remote: RemoteMessageId,
): Promise<Reaction | undefined> {
  const [row] = await db.query<Reaction>(
    `select ${COLUMNS} from reaction where portal_id = $1 and remote_id = $2 limit 1`,
    [portal, pgText(remote)],
  )
  return row
}
