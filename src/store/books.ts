import type { MatrixUserId, MxcUri } from '../model/ids.ts'
import type { Queryable } from './db.ts'
import { pgText } from './text.ts'

/** Matrix devices that exist, by sender. */
export const deviceBook = (db: Queryable) => ({
  async createdAt(user: MatrixUserId): Promise<Date | undefined> {
    const [row] = await db.query<{ at: Date }>('select created_at as at from device where user_id = $1', [
      user,
    ])
    return row?.at
  },
  async record(user: MatrixUserId, at: Date): Promise<void> {
    await db.query(
      `insert into device (user_id, created_at) values ($1, $2)
       on conflict (user_id) do update set created_at = excluded.created_at`,
      [user, at],
    )
  },
  async forget(user: MatrixUserId): Promise<void> {
    await db.query('delete from device where user_id = $1', [user])
  },
})

/** Ghosts, and the bot, that are registered on the homeserver. */
export const ghostBook = (db: Queryable) => ({
  async isRegistered(user: MatrixUserId): Promise<boolean> {
    const [row] = await db.query('select 1 from registered where user_id = $1', [user])
    return row !== undefined
  },
  async registered(user: MatrixUserId): Promise<void> {
    await db.query('insert into registered (user_id) values ($1) on conflict do nothing', [user])
  },
})

/** Media on the homeserver by a stable key: the id is kept before the bytes go up, so that a repeat finds it. */
export const mediaBook = (db: Queryable) => ({
  async find(key: string): Promise<{ mxc: MxcUri; uploaded: boolean } | undefined> {
    const [row] = await db.query<{ mxc: MxcUri; uploaded: boolean }>(
      `select mxc, uploaded_at is not null as uploaded from media
       where key = $1 and (uploaded_at is not null or created_at > now() - interval '20 hours')`,
      [pgText(key)],
    )
    return row
  },
  async reserve(key: string, mxc: MxcUri): Promise<void> {
    await db.query(
      `insert into media (key, mxc) values ($1, $2)
       on conflict (key) do update set mxc = excluded.mxc, uploaded_at = null, created_at = now()`,
      [pgText(key), mxc],
    )
  },
  async uploaded(key: string): Promise<void> {
    await db.query('update media set uploaded_at = now() where key = $1', [pgText(key)])
  },
})
