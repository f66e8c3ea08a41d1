import type { PoolClient, QueryResult } from 'pg'
import { ViaductError } from '../model/errors.ts'
import type { Row, Tx, TxOptions } from './db.ts'
import { isFull, isRetryable, isUnavailable } from './pg-errors.ts'

const MAX_TX_RUNS = 5
const NO_LIMIT_MS = 2 ** 31 - 1
/** How much longer than the server the client waits, so that the server's own answer comes first. */
export const READ_GRACE_MS = 2_000

/** What is the database's fault and passes, in a form that those who know nothing of PostgreSQL can tell from a mistake. */
export function passing(error: unknown): unknown {
  if (!isUnavailable(error) || error instanceof ViaductError) return error
  const why = error instanceof Error && error.message !== '' ? error.message : 'no answer'
  return new ViaductError(
    isFull(error) ? 'database_full' : 'database_down',
    `The database cannot be reached: ${why}`,
    {
      cause: error,
    },
  )
}

/** Runs again, up to 5 times in all, what lost a race with another transaction. */
export async function retried<T>(fn: () => Promise<T>): Promise<T> {
  for (let runs = 1; ; runs++) {
    try {
      return await fn()
    } catch (error) {
      if (runs >= MAX_TX_RUNS || !isRetryable(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** runs))
    }
  }
}

/** Says that the transaction was rolled back in order, so that its connection can be used again. */
export class RolledBack extends Error {}

export async function runTx<T>(
  client: PoolClient,
  fn: (tx: Tx) => Promise<T>,
  options: TxOptions,
): Promise<T> {
  const limitMs = options.statementTimeoutMs
  const readMs = limitMs === undefined ? undefined : limitMs === 0 ? NO_LIMIT_MS : limitMs + READ_GRACE_MS
  let open = true
  const tx: Tx = {
    kind: 'tx',
    query: async (text, values) => {
      if (!open) throw new Error('transaction used after its end')
      return run(client, text, values, readMs)
    },
  }
  await run(
    client,
    limitMs === undefined ? 'begin' : `begin; set local statement_timeout = ${Math.trunc(limitMs)}`,
  )
  let result: T
  try {
    result = await fn(tx)
  } catch (error) {
    open = false
    // A server that is away could only make us wait a second time; it rolls back when it misses us.
    if (isUnavailable(error)) throw error
    await client.query('rollback')
    throw new RolledBack('rolled back', { cause: error })
  }
  open = false
  const end = await client.query('commit')
  // COMMIT of a failed transaction answers ROLLBACK, without an error: `fn` swallowed the failure of a statement.
  if (end.command !== 'COMMIT') {
    throw new RolledBack('rolled back', {
      cause: new Error('transaction committed after a failed statement'),
    })
  }
  return result
}

export async function run<T extends Row>(
  client: PoolClient,
  text: string,
  values?: unknown[],
  readMs?: number,
): Promise<T[]> {
  const query = { text, ...(values && { values }), ...(readMs !== undefined && { query_timeout: readMs }) }
  const result: QueryResult<T> | QueryResult<T>[] = await client.query<T>(query)
  const last = Array.isArray(result) ? result.at(-1) : result
  return last?.rows ?? []
}
