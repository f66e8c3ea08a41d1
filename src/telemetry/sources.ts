import type { Direction, DeliveryState } from '../model/delivery.ts'
import type { NetworkName } from '../model/ids.ts'
import type { ConnectionStatus } from '../model/network.ts'

export type LedgerDepth = {
  network: string
  direction: Direction
  state: DeliveryState
  count: number
  oldest: Date
}

/** What is looked up when somebody asks for the metrics. Each may fail; the others are still told. */
export type MetricSources = {
  ledger?: () => Promise<LedgerDepth[]>
  inbox?: () => Promise<{ waiting: number; oldest: Date | undefined }>
  /** Current connections of each network. */
  connections?: () => { network: NetworkName; status: ConnectionStatus[] }[]
  /** Lanes with work in memory. */
  lanes?: () => number
}
