import type { LoginId, PortalId, RemoteChatId } from '../model/ids.ts'
import type { Queryable } from './db.ts'
import type { PortalNetwork } from './portal.ts'
import { pgText } from './text.ts'

type Key = { network: PortalNetwork; id: RemoteChatId; receiver?: LoginId | null }

/** What a conversation was called before leads to it from now on. */
export async function insertPortalAlias(db: Queryable, key: Key, portal: PortalId): Promise<void> {
  await db.query(
    `insert into portal_alias (network, chat_id, receiver, portal_id) values ($1, $2, $3, $4)
     on conflict (network, chat_id, coalesce(receiver, 0)) do update set portal_id = excluded.portal_id`,
    [key.network, pgText(key.id), key.receiver ?? null, portal],
  )
}

/**
 * Everything of one conversation becomes the other's: what waits, what maps to what, polls, earlier ids. What both have, as
 * where both have told the same event, stays as `to` has it. Afterwards `from` is gone.
 */
export async function mergePortals(tx: Queryable, from: PortalId, to: PortalId): Promise<void> {
  const both = [from, to]
  await tx.query(
    `update poll set portal_id = $2, number = number + (select coalesce(max(number), 0) from poll where portal_id = $2)
     where portal_id = $1`,
    both,
  )
  for (const [table, key] of [
    ['delivery', 'direction, source_id, part, kind'],
    ['message', 'remote_id, part'],
    ['reaction', 'event_id'],
  ]) {
    const same = (key ?? '')
      .split(', ')
      .map((column) => `there.${column} = here.${column}`)
      .join(' and ')
    await tx.query(
      `update ${table} here set portal_id = $2 where portal_id = $1
       and not exists (select 1 from ${table} there where there.portal_id = $2 and ${same})`,
      both,
    )
    await tx.query(`delete from ${table} where portal_id = $1`, [from])
  }
  await tx.query('update portal_alias set portal_id = $2 where portal_id = $1', both)
  await tx.query('delete from portal where id = $1', [from])
}
