import type { ConnectionStatus } from '../model/network.ts'
import type { LedgerStatus } from './deliveries.ts'
import type { OutageKind, Outages } from './outages.ts'
import type { Side, SideId } from './side.ts'
import type { World } from './world.ts'

/** The strip at the top of the page. */
export type Status = LedgerStatus & {
  database: string
  /** Absent: removed when the demo ends. */
  keptIn?: string
  homeserver: { ok: boolean; why?: string }
  connections: { side: SideId; label: string; state: string; why?: string }[]
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
    connections: world.sides.flatMap((side) =>
      // Nobody hears that a wire is cut before they say something on it.
      side.connector.status().map(outages.isDown(side.id) ? cutOff(side) : stateOf(side)),
    ),
    outages: outages.until,
  }
}

type Connection = Status['connections'][number]

const stateOf =
  ({ id }: Side) =>
  ({ label, state, text }: ConnectionStatus): Connection => ({
    side: id,
    label,
    state,
    ...(text !== undefined && { why: text }),
  })

const cutOff =
  ({ id }: Side) =>
  ({ label }: ConnectionStatus): Connection => ({ side: id, label, state: 'cut', why: 'on purpose' })
