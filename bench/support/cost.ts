import { startEmbedded } from '../../src/store/embedded/start.ts'
import { Database } from '../../src/store/db.ts'
import { figure, milliseconds } from './figures.ts'
import { cpuMs } from './process.ts'
import type { Viaduct } from './viaduct.ts'

type Spent = {
  bridgeMs: number
  databaseMs: number
  commits: number
  syncs: number
  sends: number
  sendMs: number
}

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
    const sends = after.sends - before.sends
    if (sends === 0) return
    const sendMs = (after.sendMs - before.sendMs) / sends
    figure(`  ${what}: the homeserver's part`, `${milliseconds(sendMs)} for each event that the bridge sent`)
  }

  close(): Promise<void> {
    return this.#stop()
  }

  async #spent(): Promise<Spent> {
    const [row] = await this.#db.query<{ commits: number; syncs: number }>(
      `select (select sum(xact_commit) from pg_stat_database)::int as commits,
              (select sum(fsyncs) from pg_stat_io where object = 'wal')::int as syncs`,
    )
    const metrics = await (await fetch(`${this.#bridge.url}/metrics`)).text()
    return {
      ...sendsIn(metrics),
      bridgeMs: cpuMs(this.#bridge.pid),
      databaseMs: this.#bridge.databasePids.reduce((sum, pid) => sum + cpuMs(pid), 0),
      commits: row?.commits ?? Number.NaN,
      syncs: row?.syncs ?? Number.NaN,
    }
  }
}

/** How many events the bridge has sent, and how long it waited for the answers. */
function sendsIn(metrics: string): { sends: number; sendMs: number } {
  const value = (name: string) => {
    const line = metrics
      .split('\n')
      .find(
        (text) => text.startsWith(`viaduct_homeserver_request_seconds_${name}{`) && text.includes('/send/'),
      )
    return Number(line?.split(' ').at(-1) ?? 0)
  }
  return { sends: value('count'), sendMs: value('sum') * 1000 }
}

/** Servers write their statistics about once a second. */
const SETTLE_MS = 1_500
