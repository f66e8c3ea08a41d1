import type { MatrixRoomId } from '../model/ids.ts'
import type { Queryable } from './db.ts'
import { pgText } from './text.ts'

/** The room of a space that is no conversation, by what it is for. */
export async function spaceOf(db: Queryable, key: string): Promise<MatrixRoomId | undefined> {
  const [row] = await db.query<{ room: MatrixRoomId }>('select room_id as room from space where key = $1', [
    pgText(key),
  ])
  return row?.room
}

export async function insertSpace(db: Queryable, key: string, room: MatrixRoomId): Promise<void> {
  await db.query(
    'insert into space (key, room_id) values ($1, $2) on conflict (key) do update set room_id = excluded.room_id',
    [pgText(key), room],
  )
}
