import type { Clock } from '../model/clock.ts'
import type { Direction } from '../model/delivery.ts'
import type { PortalId } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { Database } from '../store/db.ts'
import { lanesWithWork, peekLane } from '../store/delivery.ts'
import type { Delivery } from '../store/delivery.ts'
import { LaneRunner } from './lane.ts'
import type { Deliverer, LaneContext } from './lane.ts'
import { Semaphore } from './semaphore.ts'
import type { Settlement, Settler } from './settlement.ts'

export type LanesOptions = {
  /** Lanes of one direction at work at a time; the others wait their turn with nothing in memory. */
  active: number
  /** Rows of a lane in memory at a time. */
  windowRows: number
  backoff: { baseMs: number; capMs: number }
}

export const DEFAULT_LANES: LanesOptions = {
  active: 128,
  windowRows: 20,
  backoff: { baseMs: 500, capMs: 60_000 },
}

/** A slow look at the ledger for lanes that nobody woke. */
const SWEEP_MS = 30_000

export type LaneEvents = {
  ended: (row: Delivery, settlement: Settlement) => void
  retried: (row: Delivery, code: string) => void
}

/** All lanes of this process: each is a short-lived view of the ledger, which holds the truth. */
export class Lanes {
  readonly #lanes = new Map<string, LaneRunner>()
  readonly #contexts: Record<Direction, LaneContext>
  readonly #db: Database
  readonly #clock: Clock
  #open = false
  #stopping = false
  #cancelSweep: (() => void) | undefined
  #inheritedUpTo = 0

  constructor(
    deps: { db: Database; clock: Clock; log: Logger; settler: Settler; events: LaneEvents },
    deliverers: Record<Direction, Deliverer>,
    options: LanesOptions = DEFAULT_LANES,
  ) {
    this.#db = deps.db
    this.#clock = deps.clock
    const context = (direction: Direction): LaneContext => ({
      peek: (lane, limit) => peekLane(deps.db, lane, limit),
      settle: (settlement) => deps.settler.settle(settlement),
      deliverer: deliverers[direction],
      clock: deps.clock,
      log: deps.log.child({ direction }),
      slots: new Semaphore(options.active),
      backoff: options.backoff,
      windowRows: options.windowRows,
      inherited: (row) => row.id <= this.#inheritedUpTo,
      onEnd: deps.events.ended,
      onRetry: deps.events.retried,
    })
    this.#contexts = { to_remote: context('to_remote'), to_matrix: context('to_matrix') }
  }

  /** Learns which rows an earlier process may have tried. Comes before anything new is taken in. */
  async prepare(): Promise<void> {
    const [row] = await this.#db.query<{ max: number | null }>('select max(id) as max from delivery')
    this.#inheritedUpTo = row?.max ?? 0
  }

  /** Takes up whatever the ledger holds. */
  async start(): Promise<void> {
    await this.prepare()
    await this.open()
  }

  /** Begins to deliver. What woke a lane before, while the networks were not ready to be asked, is found in the ledger. */
  async open(): Promise<void> {
    this.#open = true
    await this.sweep()
  }

  /** The lane may have work. */
  wake(direction: Direction, portal: PortalId): void {
    if (!this.#open || this.#stopping) return
    const name = `${direction}:${portal}`
    let lane = this.#lanes.get(name)
    if (!lane) {
      lane = new LaneRunner({ direction, portal }, this.#contexts[direction])
      this.#lanes.set(name, lane)
    }
    const runner = lane
    void runner.run().finally(() => {
      if (!runner.active && this.#lanes.get(name) === runner) this.#lanes.delete(name)
    })
  }

  /** Ends the wait of lanes whose head waits; without portals: of all. */
  nudge(direction: Direction, portals?: Iterable<PortalId>): void {
    if (portals) {
      for (const portal of portals) this.#lanes.get(`${direction}:${portal}`)?.nudge()
      return
    }
    for (const [name, lane] of this.#lanes) if (name.startsWith(direction)) lane.nudge()
  }

  /** Whether the lane has, or may have, something to deliver. */
  busy(direction: Direction, portal: PortalId): boolean {
    return this.#lanes.has(`${direction}:${portal}`)
  }

  get count(): number {
    return this.#lanes.size
  }

  /** Starts nothing more and waits for attempts under way; the ledger keeps the rest. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#cancelSweep?.()
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop()))
  }

  /** Wakes every lane that has work. */
  async sweep(): Promise<void> {
    this.#cancelSweep?.()
    try {
      for (const lane of await lanesWithWork(this.#db)) this.wake(lane.direction, lane.portal)
    } finally {
      if (!this.#stopping) {
        this.#cancelSweep = this.#clock.after(SWEEP_MS, () => void this.sweep().catch(() => {}))
      }
    }
  }
}
