import type { Queryable } from './db.ts'
import { pgText } from './text.ts'

export async function insertPaste(db: Queryable, id: string, body: string): Promise<void> {
  await db.query('insert into paste (id, body) values ($1, $2) on conflict (id) do nothing', [
    id,
    pgText(body),
  ])
}

export async function readPaste(db: Queryable, id: string): Promise<string | undefined> {
  const [row] = await db.query<{ body: string }>('select body from paste where id = $1', [id])
  return row?.body
}

export async function purgePastes(db: Queryable, before: Date): Promise<void> {
  await db.query('delete from paste where created_at < $1', [before])
}
