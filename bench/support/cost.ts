import { startEmbedded } from '../../src/store/embedded/start.ts'
import { Database } from '../../src/store/db.ts'
import { figure } from './figures.ts'
import { cpuMs } from './process.ts'
import type { Viaduct } from './viaduct.ts'

type Spent = { bridgeMs: number; databaseMs: number; commits: number; syncs: number }

/**
 * What messages cost the bridge and its database: figures that a busy machine changes little. Commits are those of
 * statements that only read as well.
 */
export class CostMeter {
  readonly #bridge: Viaduct
  readonly #db: Database
  readonly #stop: () => Promise<void>

  private constructor(bridge: Viaduct, db: Database, stop: () => Promise<void>) {
    this.#bridge = bridge
    this.#db = db
    this.#stop = stop
  }

  /** Uses the database that the bridge runs. */
  static async open(bridge: Viaduct): Promise<CostMeter> {
    const server = await startEmbedded({ dataDir: bridge.databaseFolder })
    const db = await Database.open({ connection: server.connection, poolSize: 1 })
    return new CostMeter(bridge, db, async () => {
      await db.close()
      await server.stop()
    })
  }

  /** Runs `fn`, waits until its traces are written, and prints what each of its `count` messages cost. */
  async measure(what: string, count: number, fn: () => Promise<void>): Promise<void> {
    const before = await this.#spent()
    await fn()
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    const after = await this.#spent()
    const each = (name: keyof Spent) => ((after[name] - before[name]) / count).toFixed(1)
    figure(
      `  ${what}: cost of each`,
      `CPU ${each('bridgeMs')} ms bridge, ${each('databaseMs')} ms PostgreSQL; ` +
        `${each('commits')} commits, ${each('syncs')} syncs of the disk`,
    )
  }

  close(): Promise<void> {
    return this.#stop()
  }

  async #spent(): Promise<Spent> {
    const [row] = await this.#db.query<{ commits: number; syncs: number }>(
      `select (select sum(xact_commit) from pg_stat_database)::int as commits,
              (select sum(fsyncs) from pg_stat_io where object = 'wal')::int as syncs`,
    )
    return {
      bridgeMs: cpuMs(this.#bridge.pid),
      databaseMs: this.#bridge.databasePids.reduce((sum, pid) => sum + cpuMs(pid), 0),
      commits: row?.commits ?? Number.NaN,
      syncs: row?.syncs ?? Number.NaN,
    }
  }
}

/** Servers write their statistics about once a second. */
const SETTLE_MS = 1_500
