import { createHash } from 'node:crypto'
import type { Database } from './db.ts'
import { GroupCommit } from './group-commit.ts'
import type { Statement } from './together.ts'
import { pgText } from './text.ts'

export type InboxRow = { id: number; txnId: string; raw: Buffer; receivedAt: Date }

type Arrival = { txnId: string; raw: Buffer }

/** Homeserver transactions as they came. A row is the promise that stands behind a 200. */
export class Inbox {
  readonly #db: Database
  readonly #commits: GroupCommit<Arrival, boolean>

  constructor(db: Database) {
    this.#db = db
    this.#commits = new GroupCommit({ maxBatch: 100, run: (batch) => insert(db, batch) })
  }

  /** Resolves after COMMIT: true for a new transaction, false for one that was stored before with the same bytes. */
  store(txnId: string, raw: Buffer): Promise<boolean> {
    return this.#commits.push({ txnId, raw })
  }

  /** The oldest transactions that have not been routed. */
  unrouted(limit: number): Promise<InboxRow[]> {
    return this.#db.query<InboxRow>(
      `select id, txn_id as "txnId", raw, received_at as "receivedAt" from inbox
       where routed_at is null order by id limit $1`,
      [limit],
    )
  }

  async lag(): Promise<{ waiting: number; oldest: Date | undefined }> {
    const [row] = await this.#db.query<{ waiting: number; oldest: Date | null }>(
      'select count(*)::int as waiting, min(received_at) as oldest from inbox where routed_at is null',
    )
    return { waiting: row?.waiting ?? 0, oldest: row?.oldest ?? undefined }
  }

  /** Clears bodies routed before `bodiesBefore` and forgets transactions routed before `rowsBefore`, a batch at a time. */
  async purge(bodiesBefore: Date, rowsBefore: Date): Promise<void> {
    await this.#db.query(
      `update inbox set raw = '' where id in (
         select id from inbox where routed_at < $1 and raw <> '' order by routed_at limit 5000)`,
      [bodiesBefore],
    )
    await this.#db.query(
      'delete from inbox where id in (select id from inbox where routed_at < $1 order by routed_at limit 5000)',
      [rowsBefore],
    )
  }
}

/** Marks transactions as routed; part of the routing commit. */
export function routedUpdate(ids: number[], at: Date): Statement {
  return {
    text: 'update inbox set routed_at = $2 where id = any($1::bigint[])',
    values: [ids, at],
  }
}

async function insert(db: Database, batch: Arrival[]): Promise<boolean[]> {
  const hashes = batch.map((item) => createHash('sha256').update(item.raw).digest())
  const rows = await db.query<{ txnId: string; hash: string }>(
    `insert into inbox (txn_id, sha256, raw)
     select * from unnest($1::text[], $2::bytea[], $3::bytea[])
     on conflict (txn_id, sha256) do nothing
     returning txn_id as "txnId", encode(sha256, 'hex') as hash`,
    [batch.map((item) => pgText(item.txnId)), hashes, batch.map((item) => item.raw)],
  )
  const stored = new Set(rows.map((row) => `${row.hash} ${row.txnId}`))
  return batch.map((item, i) => stored.has(`${hashes[i]?.toString('hex')} ${pgText(item.txnId)}`))
}
