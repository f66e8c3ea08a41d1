import type { Direction } from '../model/delivery.ts'
import type { MatrixEventId, PortalId, RemoteMessageId } from '../model/ids.ts'
import type { Queryable } from './db.ts'
import type { Statement } from './together.ts'
import { pgText, pgTextOrNull } from './text.ts'

/** One part of a message on both sides. `sender` is a Matrix user id or a network's user id, by direction. */
export type Message = {
  portal: PortalId
  remoteId: RemoteMessageId
  part: number
  eventId: MatrixEventId
  direction: Direction
  sender: string
  at: Date
  excerpt: string | null
}
export type NewMessage = Omit<Message, 'excerpt'> & { excerpt?: string }

const COLUMNS = `portal_id as portal, remote_id as "remoteId", part, event_id as "eventId", direction, sender, at, excerpt`

export async function insertMessages(tx: Queryable, rows: NewMessage[]): Promise<void> {
  if (rows.length === 0) return
  const { text, values } = messagesInsert(rows)
  await tx.query(text, values)
}

export function messagesInsert(rows: NewMessage[]): Statement {
  return {
    text: `insert into message (portal_id, remote_id, part, event_id, direction, sender, at, excerpt)
     select * from unnest($1::bigint[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
                          $8::text[])
     on conflict (portal_id, remote_id, part) do nothing`,
    values: [
      rows.map((r) => r.portal),
      rows.map((r) => pgText(r.remoteId)),
      rows.map((r) => r.part),
      rows.map((r) => pgText(r.eventId)),
      rows.map((r) => r.direction),
      rows.map((r) => pgText(r.sender)),
      rows.map((r) => r.at),
      rows.map((r) => pgTextOrNull(r.excerpt)),
    ],
  }
}

/** All parts of the message that a Matrix event stands for, in order. */
export function messagesOfEvent(db: Queryable, portal: PortalId, event: MatrixEventId): Promise<Message[]> {
  return db.query<Message>(
    `select ${COLUMNS} from message where event_id = $2 and portal_id = $1 order by part, at`,
    [portal, pgText(event)],
  )
}

export async function messageOfRemote(
  db: Queryable,
  portal: PortalId,
  remote: RemoteMessageId,
): Promise<Message | undefined> {
  const [row] = await db.query<Message>(
    `select ${COLUMNS} from message where portal_id = $1 and remote_id = $2 order by part limit 1`,
    [portal, pgText(remote)],
  )
  return row
}

/** The newest message that the network has; what the bridge itself says has keys of its own. */
export async function newestMessage(db: Queryable, portal: PortalId): Promise<Message | undefined> {
  const [row] = await db.query<Message>(
    `select ${COLUMNS} from message
     where portal_id = $1 and remote_id not like 'status:%' and remote_id not like 'tally:%'
       and remote_id not like 'delivery:%' and remote_id not like 'same:%'
     order by at desc limit 1`,
    [portal],
  )
  return row
}

export async function knownRemoteIds(
  db: Queryable,
  portal: PortalId,
  ids: RemoteMessageId[],
): Promise<Set<RemoteMessageId>> {
  const rows = await db.query<{ id: RemoteMessageId }>(
    `select remote_id as id from message where portal_id = $1 and remote_id = any($2::text[])
     union
     select target_id as id from delivery where direction = 'to_remote' and portal_id = $1 and target_id = any($2::text[])
     union
     select source_id as id from delivery where direction = 'to_matrix' and portal_id = $1 and source_id = any($2::text[])`,
    [portal, ids.map(pgText)],
  )
  return new Set(rows.map((row) => row.id))
}

/** All events that stand for something of the other side, in order. */
export function messagesOfRemote(
  db: Queryable,
  portal: PortalId,
  remote: RemoteMessageId,
): Promise<Message[]> {
  return db.query<Message>(
    `select ${COLUMNS} from message where portal_id = $1 and remote_id = $2 order by part`,
    [portal, pgText(remote)],
  )
}

export async function forgetMessages(
  tx: Queryable,
  portal: PortalId,
  remote: RemoteMessageId,
): Promise<void> {
  await tx.query('delete from message where portal_id = $1 and remote_id = $2', [portal, pgText(remote)])
}

/**
 * The newest message of a conversation that stood in its room when the event came in: what somebody has read who has read up
 * to that event. Undefined when the event is not known.
 */
export async function messageAtEvent(
  db: Queryable,
  portal: PortalId,
  event: MatrixEventId,
): Promise<Message | undefined> {
  const [row] = await db.query<Message>(
    `select ${COLUMNS.split(',')
      .map((column) => `m.${column.trim()}`)
      .join(', ')} from message m join event e on e.event_id = m.event_id
     where m.portal_id = $1 and m.remote_id not like 'status:%' and m.remote_id not like 'tally:%'
       and m.remote_id not like 'same:%'
       and e.seen_at <= (select seen_at from event where event_id = $2)
     order by m.at desc, m.part desc limit 1`,
    [portal, pgText(event)],
  )
  return row
}

/** Forgets the words of messages older than `before`; what maps to what stays. */
export async function purgeExcerpts(db: Queryable, before: Date): Promise<void> {
  await db.query('update message set excerpt = null where at < $1 and excerpt is not null', [before])
}
