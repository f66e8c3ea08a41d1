import type { LoginId, MatrixUserId, NetworkName } from '../model/ids.ts'
import type { LoginState } from '../model/login.ts'
import type { Login } from '../model/network.ts'
import type { Queryable } from './db.ts'
import { pgText, pgTextOrNull } from './text.ts'

export type LoginRow = Login & { state: LoginState; stateText: string | null }

const COLUMNS = 'id, owner, network, account, name, state, state_text as "stateText"'

/** A login of a user; logging in again to the same account renews the one that is there. */
export async function upsertLogin(
  db: Queryable,
  login: { owner: MatrixUserId; network: NetworkName; account: string; name: string },
): Promise<LoginRow> {
  const [row] = await db.query<LoginRow>(
    `insert into login (owner, network, account, name, state) values ($1, $2, $3, $4, 'connecting')
     on conflict (owner, network, account) do update set name = excluded.name, state = 'connecting', state_text = null
     returning ${COLUMNS}`,
    [login.owner, login.network, pgText(login.account), pgText(login.name)],
  )
  if (!row) throw new Error('login upsert returned no row')
  return row
}

export async function setLoginState(
  db: Queryable,
  id: LoginId,
  state: LoginState,
  text?: string,
): Promise<void> {
  await db.query('update login set state = $2, state_text = $3 where id = $1', [
    id,
    state,
    pgTextOrNull(text),
  ])
}

/** Logins that want to be connected. */
export function activeLogins(db: Queryable, network?: NetworkName): Promise<LoginRow[]> {
  return db.query<LoginRow>(
    `select ${COLUMNS} from login where state <> 'logged_out' and ($1::text is null or network = $1) order by id`,
    [network ?? null],
  )
}

export function loginsOf(db: Queryable, owner: MatrixUserId): Promise<LoginRow[]> {
  return db.query<LoginRow>(
    `select ${COLUMNS} from login where owner = $1 and state <> 'logged_out' order by id`,
    [owner],
  )
}

export async function loginById(db: Queryable, id: LoginId): Promise<LoginRow | undefined> {
  const [row] = await db.query<LoginRow>(`select ${COLUMNS} from login where id = $1`, [id])
  return row
}
