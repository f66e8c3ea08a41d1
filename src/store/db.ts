import { randomBytes } from 'node:crypto'
import { Client, Pool, types } from 'pg'
import type { ClientConfig, CustomTypesConfig, PoolClient } from 'pg'
import { ViaductError } from '../model/errors.ts'
import { Listener } from './listener.ts'
import { together } from './together.ts'
import type { Statement } from './together.ts'
import { isRefusal } from './pg-errors.ts'
import { READ_GRACE_MS, RolledBack, passing, retried, run, runTx } from './run.ts'

/** A row as the driver gives it: int8 is a safe number, timestamptz a Date, bytea a Buffer. */
export type Row = Record<string, unknown>

/** What both a `Database` and a `Tx` can do; functions over tables take this. */
export type Queryable = {
  /** Runs one statement (without values: also several, the rows are the last one's). */
  query<T extends Row = Row>(text: string, values?: unknown[]): Promise<T[]>
}

/** One open transaction; unusable once its function has returned. */
export type Tx = Queryable & { readonly kind: 'tx' }

/** Where a server is, in parts; `host` beginning with `/` is the folder of its Unix socket. */
export type ConnectionParts = {
  host: string
  port: number
  user: string
  database: string
  password?: string
}

/** Either `url` (`postgresql:///name?host=/folder&port=5432&user=me` reaches a socket) or `connection`. */
export type DatabaseConfig = {
  url?: string
  connection?: ConnectionParts
  /** Connections at most, 10 if not given. */
  poolSize?: number
  /** For a connection, from the pool or new: 3,000 ms if not given. */
  connectTimeoutMs?: number
  /** For one statement: 30,000 ms if not given. */
  statementTimeoutMs?: number
  /** Connections of a process that is to be the only one that delivers: they have a name of their own. */
  owner?: boolean
  log?: (line: string) => void
}

export type TxOptions = {
  /** For one statement of this transaction, instead of the database's; 0 is no limit. */
  statementTimeoutMs?: number
}

const BAD_URL =
  'database.url cannot be understood, it must look like postgresql://user:password@host:5432/name:'
const OLDEST_SERVER = 140_000
/** How often it is looked whether the connections of an earlier owner are gone. */
const FENCE_LOOK_MS = 20

/** A pool of connections to one PostgreSQL. It survives the server: calls fail fast and work again when it is back. */
export class Database implements Queryable {
  readonly #pool: Pool
  readonly #client: ClientConfig
  readonly #listener: Listener
  #closed: Promise<void> | undefined

  private constructor(client: ClientConfig, config: DatabaseConfig) {
    const log = config.log ?? (() => {})
    this.#client = client
    this.#pool = new Pool({ ...client, max: config.poolSize ?? 10, idleTimeoutMillis: 30_000 })
    this.#pool.on('error', (error) => log(`database: idle connection lost: ${error.message}`))
    // A connection that dies while it is checked out and idle would otherwise end the process.
    this.#pool.on('connect', (connection) => connection.on('error', () => {}))
    this.#listener = new Listener(client, log)
  }

  /**
   * Connects once to prove that the server can be used.
   * @throws ViaductError `database_down` when it cannot be reached, `bad_config` when it is not one that can be used.
   */
  static async open(config: DatabaseConfig): Promise<Database> {
    const db = new Database(clientConfig(config), config)
    try {
      const [server] = await db.query<{ version: number; encoding: string }>(
        `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`,
      )
      if (server === undefined) throw new ViaductError('database_down', 'The database gave an empty answer.')
      if (server.version < OLDEST_SERVER || server.encoding !== 'UTF8') {
        const found = `version ${server.version}, encoding ${server.encoding}`
        throw new ViaductError(
          'bad_config',
          `PostgreSQL 14 or newer with encoding UTF8 is needed; this is ${found}.`,
        )
      }
      return db
    } catch (error) {
      await db.close()
      // The driver's own error for a bad URL holds the URL with its password.
      if (error instanceof TypeError) throw new ViaductError('bad_config', `${BAD_URL} ${error.message}`)
      throw error
    }
  }

  /**
   * Runs one statement on any connection.
   * @throws ViaductError `database_down` or `database_full` for what passes, else the driver's error; `pgErrorKind` says what
   * to do with either
   */
  async query<T extends Row = Row>(text: string, values?: unknown[]): Promise<T[]> {
    return this.#withClient((client) => run<T>(client, text, values))
  }

  /**
   * Runs `fn` in one transaction and resolves after COMMIT. It runs again, up to 5 times in all, when it lost a
   * race with another one, so it must have no effect outside of the database. A connection lost during COMMIT
   * rejects although the rows may be there.
   */
  async tx<T>(fn: (tx: Tx) => Promise<T>, options: TxOptions = {}): Promise<T> {
    return retried(() => this.#withClient((client) => runTx(client, fn, options)))
  }

  /**
   * Runs statements that change rows as one, and again when it lost a race, like `tx`. Resolves after COMMIT with the
   * rows of the last.
   */
  async once<T extends Row>(statements: readonly Statement[]): Promise<T[]> {
    const statement = together(statements)
    if (statement === undefined) return []
    return retried(() => this.query<T>(statement.text, statement.values))
  }

  /**
   * Calls `cb` for every notification on `channel`, and without a payload each time the connection is back after it
   * was lost: a notification is a hint to look, never the only news. Resolves when listening, or when the server is
   * away (it is then tried until it answers). The result stops it.
   */
  async listen(channel: string, cb: (payload?: string) => void): Promise<() => void> {
    return this.#listener.add(channel, cb)
  }

  /**
   * Takes the advisory lock `key` on a connection of its own, so that it is freed when this process dies, however it
   * dies. `onLost` is called when that connection breaks.
   * @returns a function that frees it, or undefined while somebody else has it
   */
  async hold(key: number, onLost: () => void): Promise<(() => Promise<void>) | undefined> {
    const client = new Client(this.#client)
    let held = false
    client.on('error', () => {})
    client.on('end', () => {
      if (held) onLost()
      held = false
    })
    await client.connect()
    try {
      const { rows } = await client.query<{ ok: boolean }>('select pg_try_advisory_lock($1) as ok', [key])
      held = rows[0]?.ok === true
    } finally {
      if (!held) await client.end()
    }
    if (!held) return undefined
    return async () => {
      held = false
      await client.end()
    }
  }

  /**
   * Ends connections of earlier owners, which a process that was killed leaves for a moment: what it had sent is still
   * being committed, and must not be after something else was read. Those that end by themselves get `graceMs` for it.
   */
  async fence(graceMs: number): Promise<void> {
    const from = `from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
      and application_name ~ '^viaduct [0-9]+[.]' and application_name <> $1`
    const own = [this.#client.application_name ?? '']
    const end = Date.now() + graceMs
    while ((await this.query(`select 1 ${from}`, own)).length > 0) {
      if (Date.now() > end) await this.query(`select pg_terminate_backend(pid) ${from}`, own)
      await new Promise((resolve) => setTimeout(resolve, FENCE_LOOK_MS))
    }
  }

  /** Ends every connection, after the running statements. */
  async close(): Promise<void> {
    this.#closed ??= Promise.all([this.#listener.close(), this.#pool.end()]).then(() => {})
    return this.#closed
  }

  async #withClient<T>(fn: (client: PoolClient) => Promise<T>): Promise<T> {
    try {
      return await this.#onClient(fn)
    } catch (error) {
      throw passing(error)
    }
  }

  async #onClient<T>(fn: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect()
    let broken = true
    try {
      const result = await fn(client)
      broken = false
      return result
    } catch (error) {
      broken = !(isRefusal(error) || error instanceof RolledBack)
      throw error instanceof RolledBack ? error.cause : error
    } finally {
      client.release(broken)
    }
  }
}

function clientConfig(config: DatabaseConfig): ClientConfig {
  const statementMs = config.statementTimeoutMs ?? 30_000
  return {
    ...(config.url !== undefined ? { connectionString: config.url } : config.connection),
    application_name:
      config.owner === true ? `viaduct ${process.pid}.${randomBytes(4).toString('hex')}` : 'viaduct',
    connectionTimeoutMillis: config.connectTimeoutMs ?? 3_000,
    statement_timeout: statementMs,
    query_timeout: statementMs + READ_GRACE_MS,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  }
}

const INT8 = types.builtins.INT8
const getTypeParser: CustomTypesConfig['getTypeParser'] = (oid, format) =>
  oid === INT8 && format !== 'binary' ? parseInt8 : types.getTypeParser(oid, format)

function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 beyond the safe integers: ${text}`)
  return value
}
