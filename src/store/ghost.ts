import type { MatrixUserId, NetworkName, RemoteUserId } from '../model/ids.ts'
import type { Database, Queryable } from './db.ts'
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

/**
 * The ghost of a person under any of their ids, made when they are new. One person is one ghost: where the ids lead to several,
 * the oldest goes on, and `merged` are those that it replaces from now on.
 */
export async function upsertGhost(
  db: Database,
  ghost: {
    network: NetworkName
    remoteId: RemoteUserId
    aliases?: RemoteUserId[]
    userId: MatrixUserId
    name?: string
    handle?: string
  },
): Promise<{ ghost: Ghost; merged: Ghost[] }> {
  const ids = [ghost.remoteId, ...(ghost.aliases ?? [])].map(pgText)
  const found = await ghostsOf(db, ghost.network, ids)
  if (found.length === 0) {
    await db.query(
      `insert into ghost (network, remote_id, user_id, name) values ($1, $2, $3, $4) on conflict do nothing`,
      [ghost.network, pgText(ghost.remoteId), ghost.userId, pgTextOrNull(ghost.name)],
    )
  }
  const [stored, ...others] = found.length > 0 ? found : await ghostsOf(db, ghost.network, ids)
  if (!stored) throw new Error('ghost vanished after its insert: user id taken by another')
  if (others.length > 0) await mergeGhosts(db, stored, others)
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
  return { ghost: stored, merged: others }
}

/** All ids and all names of address books lead to the one that goes on. */
async function mergeGhosts(db: Database, into: Ghost, others: readonly Ghost[]): Promise<void> {
  const ids = others.map(({ id }) => id)
  await db.tx(async (tx) => {
    await tx.query('update ghost_alias set ghost_id = $1 where ghost_id = any($2::bigint[])', [into.id, ids])
    await tx.query(
      `insert into contact (login_id, ghost_id, name) select login_id, $1, name from contact
       where ghost_id = any($2::bigint[]) on conflict do nothing`,
      [into.id, ids],
    )
    await tx.query('delete from contact where ghost_id = any($1::bigint[])', [ids])
    await tx.query(
      'update ghost set merged_into = $1 where id = any($2::bigint[]) or merged_into = any($2::bigint[])',
      [into.id, ids],
    )
  })
}

/** The ghost of a person under any of their ids, if they were ever seen. */
export async function findGhost(
  db: Queryable,
  network: NetworkName,
  id: RemoteUserId,
): Promise<Ghost | undefined> {
  const [ghost] = await ghostsOf(db, network, [pgText(id)])
  return ghost
}

/** The ghosts to which ids lead, the oldest first. */
function ghostsOf(db: Queryable, network: NetworkName, ids: string[]): Promise<Ghost[]> {
  return db.query<Ghost>(
    `select ${COLUMNS} from ghost where id in (
       select coalesce(merged_into, id) from ghost where network = $1 and remote_id = any($2::text[])
       union select ghost_id from ghost_alias where network = $1 and alias_id = any($2::text[]))
     order by id`,
    [network, ids],
  )
}

/** The person behind a Matrix user; for one who was merged, whoever goes on for them. */
export async function ghostOfUser(db: Queryable, user: MatrixUserId): Promise<Ghost | undefined> {
  const [row] = await db.query<Ghost>(
    `select ${COLUMNS} from ghost where id = (select coalesce(merged_into, id) from ghost where user_id = $1)`,
    [user],
  )
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
