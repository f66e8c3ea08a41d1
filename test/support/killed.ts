import type { SimHomeserver } from '../sim/homeserver/index.ts'
import type { BridgeProcess } from './bridge-process.ts'
import type { FreshDatabase } from './database.ts'

export type KilledParts = { homeserver: SimHomeserver; bridge: BridgeProcess; database: FreshDatabase }

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

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
  async arrived(sender: string, count: number): Promise<void> {
    while ((await this.ledger(`sender = '${sender}'`)).length < count) await pause(20)
  }

  /** Resolves when these events are in the ledger, or known not to belong there. */
  async routed(ids: string[]): Promise<void> {
    const known = 'select 1 from event where event_id = any($1)'
    while ((await this.database.db.query(known, [ids])).length < ids.length) await pause(20)
  }

  /** Resolves when the ledger has nothing left to do. */
  async settled(timeoutMs = 60_000): Promise<void> {
    const until = Date.now() + timeoutMs
    for (;;) {
      const open = await this.ledger(`state in ('queued', 'sending', 'parked')`)
      if (open.length === 0) return
      if (Date.now() > until) throw new Error(`still open: ${JSON.stringify(open.slice(0, 20))}`)
      await pause(100)
    }
  }

  /** Rows for which a condition holds, shortened to what a person would want to see of them. */
  ledger(where: string): Promise<unknown[]> {
    return this.database.db.query(
      `select id, direction, kind, source_id, state, waits_for, attempts, error_text from delivery
       where ${where} order by id`,
    )
  }
}
