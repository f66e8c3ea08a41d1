import type { Direction } from '../model/delivery.ts'
import type { Clock } from '../model/clock.ts'
import type { PortalId } from '../model/ids.ts'
import type { Database, Tx } from '../store/db.ts'
import { changeStates, insertDeliveries } from '../store/delivery.ts'
import type { Lane, NewDelivery, StateChange } from '../store/delivery.ts'
import { GroupCommit } from '../store/group-commit.ts'
import { insertMessages } from '../store/message.ts'
import type { NewMessage } from '../store/message.ts'

/** What came of a delivery, as data: all of it is committed together, or none. */
export type Settlement = {
  change: StateChange
  messages?: NewMessage[]
  /** Deliveries that follow from this one, such as words to the sender. */
  deliveries?: NewDelivery[]
  /** Rows of other tables that belong to the outcome. */
  apply?: (tx: Tx) => Promise<void>
}

/** Writes outcomes; those that are ready at the same time share one commit. */
export class Settler {
  readonly #commits: GroupCommit<Settlement, Lane[]>

  constructor(db: Database, clock: Clock, wake: (direction: Direction, portal: PortalId) => void) {
    this.#commits = new GroupCommit({
      maxBatch: 200,
      async run(batch) {
        const lanes = await db.tx(async (tx) => {
          await changeStates(
            tx,
            batch.map((s) => s.change),
            clock.now(),
          )
          await insertMessages(
            tx,
            batch.flatMap((s) => s.messages ?? []),
          )
          for (const settlement of batch) await settlement.apply?.(tx)
          return insertDeliveries(
            tx,
            batch.flatMap((s) => s.deliveries ?? []),
          )
        })
        for (const lane of lanes) wake(lane.direction, lane.portal)
        return batch.map(() => lanes)
      },
    })
  }

  /** Resolves after COMMIT. */
  async settle(settlement: Settlement): Promise<void> {
    await this.#commits.push(settlement)
  }
}
