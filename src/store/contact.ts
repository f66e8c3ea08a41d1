import type { LoginId } from '../model/ids.ts'
import type { Queryable } from './db.ts'
import { pgText } from './text.ts'

/** What a login's address book calls somebody: the name, and the one that their room shows now. */
export type Contact = { name: string | null; shown: string | null }

/** Keeps the name of an address book; without a name the person is in it no more. */
export async function setContactName(
  db: Queryable,
  login: LoginId,
  ghost: number,
  name: string | null,
): Promise<void> {
  await db.query(
    `insert into contact (login_id, ghost_id, name) values ($1, $2, $3)
     on conflict (login_id, ghost_id) do update set name = excluded.name`,
    [login, ghost, name === null ? null : pgText(name)],
  )
}

export async function contactOf(db: Queryable, login: LoginId, ghost: number): Promise<Contact | undefined> {
  const [row] = await db.query<Contact>(
    'select name, shown from contact where login_id = $1 and ghost_id = $2',
    [login, ghost],
  )
  return row
}

/** The room of the login with the person shows the name. */
export async function markContact(
  db: Queryable,
  login: LoginId,
  ghost: number,
  shown: string | null,
): Promise<void> {
  await db.query('update contact set shown = $3 where login_id = $1 and ghost_id = $2', [
    login,
    ghost,
    shown === null ? null : pgText(shown),
  ])
}
