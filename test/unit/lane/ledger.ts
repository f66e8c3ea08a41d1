import { deliveryId, portalId } from '../../../src/model/ids.ts'
import type { Clock } from '../../../src/model/clock.ts'
import { LaneRunner } from '../../../src/bridge/lane.ts'
import type { Attempt, Deliverer, LaneContext, Verdict } from '../../../src/bridge/lane.ts'
import { Semaphore } from '../../../src/bridge/semaphore.ts'
import type { Settlement } from '../../../src/bridge/settlement.ts'
import type { Delivery, Lane, StateChange } from '../../../src/store/delivery.ts'
import { testLog } from '../../support/settings.ts'

/** A row as the ledger gives it. */
export const delivery = (id: number, portal: number, createdAt: Date): Delivery => ({
  id: deliveryId(id),
  direction: 'to_remote',
  portal: portalId(portal),
  sourceId: `$event-${id}`,
  part: 0,
  kind: 'message',
  sender: '@alice:sim.local',
  body: Buffer.from('{}'),
  state: 'queued',
  attempts: 0,
  progress: null,
  notBefore: null,
  waitsFor: null,
  targetId: null,
  errorCode: null,
  errorText: null,
  told: false,
  at: createdAt,
  createdAt,
  firstAttemptAt: null,
  finishedAt: null,
})

export const end = (row: Delivery, state: StateChange['state'] = 'delivered'): Verdict => ({
  kind: 'end',
  settlement: { change: { id: row.id, state } },
})

export const wait = (why = 'down', more: Partial<Extract<Verdict, { kind: 'wait' }>> = {}): Verdict => ({
  kind: 'wait',
  code: 'network_down',
  why,
  ...more,
})

/** A ledger in memory and a network that answers as a test says: what a lane sees of the world. */
export class FakeLedger {
  readonly rows: Delivery[] = []
  /** Ids in the order in which they were tried. */
  readonly tried: number[] = []
  readonly attempts: { id: number; attempt: Attempt }[] = []
  readonly changes: StateChange[] = []
  readonly peeks: { portal: number; limit: number; given: number }[] = []
  readonly ended: number[] = []
  readonly retried: { id: number; code: string }[] = []
  /** What an attempt answers; everything is delivered unless a test says otherwise. */
  answer: (row: Delivery, attempt: Attempt) => Verdict | Promise<Verdict> = (row) => end(row)
  /** Thrown by the next peeks or settlements, in order. */
  readonly peekFaults: Error[] = []
  readonly settleFaults: Error[] = []
  inheritedUpTo = 0
  maxAgeMs = Number.POSITIVE_INFINITY
  readonly #clock: Clock
  readonly #context: LaneContext
  #ids = 0

  constructor(clock: Clock, options: { slots?: number; windowRows?: number } = {}) {
    this.#clock = clock
    this.#context = {
      peek: (lane, limit) => this.#peek(lane, limit),
      settle: (settlement) => this.#settle(settlement),
      deliverer: this.#deliverer(),
      clock,
      log: testLog,
      slots: new Semaphore(options.slots ?? 8),
      backoff: { baseMs: 1_000, capMs: 60_000 },
      windowRows: options.windowRows ?? 3,
      inherited: (row) => row.id <= this.inheritedUpTo,
      onEnd: (row) => void this.ended.push(row.id),
      onRetry: (row, code) => void this.retried.push({ id: row.id, code }),
    }
  }

  lane(portal = 1): LaneRunner {
    return new LaneRunner({ direction: 'to_remote', portal: portalId(portal) }, this.#context)
  }

  /** Queues rows. @returns their ids */
  add(count: number, portal = 1): number[] {
    return Array.from({ length: count }, () => {
      this.#ids += 1
      this.rows.push(delivery(this.#ids, portal, this.#clock.now()))
      return this.#ids
    })
  }

  stateOf(id: number): string | undefined {
    return this.rows.find((row) => row.id === id)?.state
  }

  #peek(lane: Lane, limit: number): Promise<Delivery[]> {
    const fault = this.peekFaults.shift()
    if (fault) return Promise.reject(fault)
    const open = this.rows.filter(
      (row) => row.portal === lane.portal && ['queued', 'sending', 'parked'].includes(row.state),
    )
    const given = open.slice(0, limit)
    this.peeks.push({ portal: lane.portal, limit, given: given.length })
    return Promise.resolve(given.map((row) => ({ ...row })))
  }

  #settle(settlement: Settlement): Promise<void> {
    const fault = this.settleFaults.shift()
    if (fault) return Promise.reject(fault)
    const { change } = settlement
    this.changes.push(change)
    const row = this.rows.find((candidate) => candidate.id === change.id)
    if (row) row.state = change.state
    return Promise.resolve()
  }

  #deliverer(): Deliverer {
    const attempt: Deliverer['attempt'] = async (row, attempt) => {
      this.tried.push(row.id)
      this.attempts.push({ id: row.id, attempt })
      return this.answer(row, attempt)
    }
    const expire: Deliverer['expire'] = (row, why) =>
      Promise.resolve({ change: { id: row.id, state: 'expired', errorCode: 'too_old', errorText: why } })
    const maxAgeMs = () => this.maxAgeMs
    return {
      attempt,
      expire,
      get maxAgeMs() {
        return maxAgeMs()
      },
    }
  }
}

/** A promise that a test ends. */
export function gate(): { open: () => void; passed: Promise<void> } {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, passed }
}
