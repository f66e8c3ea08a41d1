import type { Direction } from '../model/delivery.ts'
import type { Clock } from '../model/clock.ts'
import type { PortalId } from '../model/ids.ts'
import type { Database, Tx } from '../store/db.ts'
import { changeStates, deliveriesInsert, insertDeliveries, statesUpdate } from '../store/delivery.ts'
import type { Lane, NewDelivery, StateChange } from '../store/delivery.ts'
import { GroupCommit } from '../store/group-commit.ts'
import { insertMessages, messagesInsert } from '../store/message.ts'
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
        const changes = batch.map((s) => s.change)
        const messages = batch.flatMap((s) => s.messages ?? [])
        const deliveries = batch.flatMap((s) => s.deliveries ?? [])
        const applies = batch.flatMap((s) => s.apply ?? [])
        const at = clock.now()
        // The usual outcome, one row and what it maps to, is one statement.
        const lanes =
          applies.length === 0
            ? await writeOnce(db, changes, messages, deliveries, at)
            : await db.tx(async (tx) => {
                await changeStates(tx, changes, at)
                await insertMessages(tx, messages)
                for (const apply of applies) await apply(tx)
                return insertDeliveries(tx, deliveries)
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

async function writeOnce(
  db: Database,
  changes: StateChange[],
  messages: NewMessage[],
  deliveries: NewDelivery[],
  at: Date,
): Promise<Lane[]> {
  const lanes = await db.once<Lane>([
    ...(messages.length > 0 ? [messagesInsert(messages)] : []),
    statesUpdate(changes, at),
    ...(deliveries.length > 0 ? [deliveriesInsert(deliveries)] : []),
  ])
  return deliveries.length > 0 ? lanes : []
}
