import type { MatrixUserId, NetworkName, RemoteUserId } from '../model/ids.ts'
import type { Queryable } from './db.ts'
import { pgText, pgTextOrNull } from './text.ts'

export type Ghost = {
  id: number
  network: NetworkName
  remoteId: RemoteUserId
  userId: MatrixUserId
  /** The public name that the network gives. */
  name: string | null
  /** What they can be found by, where it is no name. */
  handle: string | null
  /** The network's id of the picture last written to the homeserver. */
  avatar: string | null
  /** The name last written to the homeserver. */
  syncedName: string | null
  registeredAt: Date | null
}

const COLUMNS = `id, network, remote_id as "remoteId", user_id as "userId", name, handle, avatar, synced_name as "syncedName",
  registered_at as "registeredAt"`

/** The ghost of a person under any of their ids, made when they are new. One person is one ghost. */
export async function upsertGhost(
  db: Queryable,
  ghost: {
    network: NetworkName
    remoteId: RemoteUserId
    aliases?: RemoteUserId[]
    userId: MatrixUserId
    name?: string
    handle?: string
  },
): Promise<Ghost> {
  const ids = [ghost.remoteId, ...(ghost.aliases ?? [])].map(pgText)
  const found = await ghostOfAny(db, ghost.network, ids)
  if (!found) {
    await db.query(
      `insert into ghost (network, remote_id, user_id, name) values ($1, $2, $3, $4) on conflict do nothing`,
      [ghost.network, pgText(ghost.remoteId), ghost.userId, pgTextOrNull(ghost.name)],
    )
  }
  const stored = found ?? (await ghostOfAny(db, ghost.network, ids))
  if (!stored) throw new Error('ghost vanished after its insert: user id taken by another')
  await db.query(
    `insert into ghost_alias (network, alias_id, ghost_id) select $1, unnest($2::text[]), $3 on conflict do nothing`,
    [ghost.network, ids, stored.id],
  )
  const { name = stored.name, handle = stored.handle } = ghost
  if (name !== stored.name || handle !== stored.handle) {
    const values = [name, handle].map((value) => pgTextOrNull(value ?? undefined))
    await db.query('update ghost set name = $2, handle = $3 where id = $1', [stored.id, ...values])
    Object.assign(stored, { name, handle })
  }
  return stored
}

/** The ghost of a person under any of their ids, if they were ever seen. */
export const findGhost = (
  db: Queryable,
  network: NetworkName,
  id: RemoteUserId,
): Promise<Ghost | undefined> => ghostOfAny(db, network, [pgText(id)])

async function ghostOfAny(db: Queryable, network: NetworkName, ids: string[]): Promise<Ghost | undefined> {
  const [row] = await db.query<Ghost>(
    `select ${COLUMNS} from ghost where network = $1 and remote_id = any($2::text[])
     union
     select ${COLUMNS.split(',')
       .map((column) => `g.${column.trim()}`)
       .join(', ')} from ghost g join ghost_alias a on a.ghost_id = g.id
     where a.network = $1 and a.alias_id = any($2::text[]) order by id limit 1`,
    [network, ids],
  )
  return row
}

export async function ghostOfUser(db: Queryable, user: MatrixUserId): Promise<Ghost | undefined> {
  const [row] = await db.query<Ghost>(`select ${COLUMNS} from ghost where user_id = $1`, [user])
  return row
}

export async function markGhost(
  db: Queryable,
  user: MatrixUserId,
  change: { registeredAt?: Date; syncedName?: string },
): Promise<void> {
  await db.query(
    `update ghost set registered_at = coalesce($2, registered_at), synced_name = coalesce($3, synced_name)
     where user_id = $1`,
    [user, change.registeredAt ?? null, pgTextOrNull(change.syncedName)],
  )
}

/** The ghost has this picture now; null: none. */
export async function markAvatar(db: Queryable, ghost: number, avatar: string | null): Promise<void> {
  await db.query('update ghost set avatar = $2 where id = $1', [
    ghost,
    avatar === null ? null : pgText(avatar),
  ])
}
