import type { LedgerStatus } from './deliveries.ts'
import type { OutageKind, Outages } from './outages.ts'
import type { World } from './world.ts'

/** The strip at the top of the page. */
export type Status = LedgerStatus & {
  database: string
  /** Absent: removed when the demo ends. */
  keptIn?: string
  homeserver: { ok: boolean; why?: string }
  connections: { label: string; state: string; why?: string }[]
  /** What is broken on purpose, and until when (milliseconds since 1970). */
  outages: Partial<Record<OutageKind, number>>
}

export function statusOf(world: World, outages: Outages, ledger: LedgerStatus): Status {
  const down = outages.isDown('homeserver')
  return {
    ...ledger,
    database: 'embedded PostgreSQL',
    ...(world.keptIn !== undefined && { keptIn: world.keptIn }),
    homeserver: down ? { ok: false, why: 'stopped on purpose' } : { ok: true },
    connections: world.connector
      .status()
      .map(({ label, state, text }) => ({ label, state, ...(text !== undefined && { why: text }) })),
    outages: outages.until,
  }
}
