import type { SimHomeserver } from '../sim/homeserver/index.ts'
import type { BridgeProcess } from './bridge-process.ts'
import type { FreshDatabase } from './database.ts'

export type KilledParts = { homeserver: SimHomeserver; bridge: BridgeProcess; database: FreshDatabase }

const PATIENCE_MS = 60_000

/** Asks again and again. @throws what `why` says when it does not come true in time */
async function until(
  isSo: () => Promise<boolean>,
  why: () => Promise<string>,
  timeoutMs = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(await why())
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

/** A bridge in a process of its own between loopback servers that outlive it. */
export class Killed {
  readonly homeserver: SimHomeserver
  readonly bridge: BridgeProcess
  readonly database: FreshDatabase

  protected constructor({ homeserver, bridge, database }: KilledParts) {
    this.homeserver = homeserver
    this.bridge = bridge
    this.database = database
  }

  /** Resolves when so much of what somebody said is in the ledger. */
  arrived(sender: string, count: number): Promise<void> {
    return until(
      async () => (await this.ledger(`sender = '${sender}'`)).length >= count,
      async () => `only this came of ${sender}: ${JSON.stringify(await this.ledger(`sender = '${sender}'`))}`,
    )
  }

  /** Resolves when these events are in the ledger, or known not to belong there. */
  routed(ids: string[]): Promise<void> {
    const known = () => this.database.db.query('select 1 from event where event_id = any($1)', [ids])
    return until(
      async () => (await known()).length >= ids.length,
      async () => `only ${(await known()).length} of ${ids.length} events are routed`,
    )
  }

  /** Resolves when the ledger has nothing left to do. */
  settled(timeoutMs = PATIENCE_MS): Promise<void> {
    const open = () => this.ledger(`state in ('queued', 'sending', 'parked')`)
    return until(
      async () => (await open()).length === 0,
      async () => `still open: ${JSON.stringify((await open()).slice(0, 20))}`,
      timeoutMs,
    )
  }

  /** Rows for which a condition holds, shortened to what a person would want to see of them. */
  ledger(where: string): Promise<unknown[]> {
    return this.database.db.query(
      `select id, direction, kind, source_id, state, waits_for, attempts, error_text from delivery
       where ${where} order by id`,
    )
  }
}
