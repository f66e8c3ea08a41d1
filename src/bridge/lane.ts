import type { Clock } from '../model/clock.ts'
import { checkTransition } from '../model/delivery.ts'
import type { ParkReason } from '../model/delivery.ts'
import { ViaductError, messageOf } from '../model/errors.ts'
import type { Logger } from '../model/logger.ts'
import type { Delivery, Lane as LaneKey } from '../store/delivery.ts'
import { isRefusal, isUnavailable } from '../store/pg-errors.ts'
import { backoffMs } from './backoff.ts'
import type { Semaphore } from './semaphore.ts'
import type { Settlement } from './settlement.ts'

/** What an attempt says: it ended, or it has to be made again. */
export type Verdict =
  | { kind: 'end'; settlement: Settlement }
  | { kind: 'wait'; code: string; why: string; afterMs?: number; waitsFor?: ParkReason }

export type Attempt = {
  /** The row was there when the process started: an earlier process may have tried it. */
  inherited: boolean
  /** Failed attempts of this row that this process knows of. */
  failures: number
  /** More of this lane is waiting behind the row. */
  next: Delivery | undefined
  signal: AbortSignal
}

/** One direction: how to try a row, and how to give it up. */
export interface Deliverer {
  attempt(row: Delivery, attempt: Attempt): Promise<Verdict>
  /** The row has been tried for longer than `maxAgeMs`. */
  expire(row: Delivery, why: string): Promise<Settlement>
  /** Milliseconds after which a row that only ever fails is given up; Infinity: never. */
  readonly maxAgeMs: number
}

export type LaneContext = {
  peek: (lane: LaneKey, limit: number) => Promise<Delivery[]>
  settle: (settlement: Settlement) => Promise<void>
  deliverer: Deliverer
  clock: Clock
  log: Logger
  slots: Semaphore
  backoff: { baseMs: number; capMs: number }
  windowRows: number
  /** Rows up to this id were there when the process started. */
  inherited: (row: Delivery) => boolean
  onEnd: (row: Delivery, settlement: Settlement) => void
  onRetry: (row: Delivery, code: string) => void
}

/** How long a parked head sleeps when nobody wakes it: a lost signal costs this much and no more. */
const PARKED_MS = 10_000

/** The deliveries of one portal in one direction, one after the other. A head that must wait holds all behind it. */
export class LaneRunner {
  readonly #key: LaneKey
  readonly #context: LaneContext
  readonly #stop = new AbortController()
  #dirty = false
  #active = false
  #running: Promise<void> = Promise.resolve()
  #wakeUp: (() => void) | undefined
  /** Counts nudges, so that one that comes during an attempt also ends the wait after it. */
  #nudges = 0
  #nudgesSeen = 0
  /** The row at the head that has failed, and how often. */
  #head: { id: number; failures: number } | undefined
  /** An ending that is not written yet. To ask the receiver again would cost its answer, and perhaps send twice. */
  #ending: { row: Delivery; settlement: Settlement } | undefined

  constructor(key: LaneKey, context: LaneContext) {
    this.#key = key
    this.#context = context
  }

  /** There may be new rows. Resolves when the lane is empty or stopped. */
  run(): Promise<void> {
    this.#dirty = true
    if (!this.#active) {
      this.#active = true
      this.#running = this.#drain()
    }
    return this.#running
  }

  get active(): boolean {
    return this.#active
  }

  /** What the head waited for may have come. */
  nudge(): void {
    this.#nudges += 1
    this.#wakeUp?.()
  }

  /** Starts no further attempt; resolves when the present one has ended. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.nudge()
    await this.#running
  }

  async #drain(): Promise<void> {
    while (this.#dirty && !this.#stop.signal.aborted) {
      this.#dirty = false
      await this.#context.slots.acquire()
      let pauseMs: number | undefined
      try {
        pauseMs = await this.#window()
      } catch (error) {
        // The store failed, not the delivery: the same rows come again, or the ending that is known by now.
        this.#context.log.warn({ lane: this.#key, error: messageOf(error) }, 'lane paused: store failed')
        this.#dirty = true
        pauseMs = this.#fail(this.#head?.id ?? 0)
      } finally {
        this.#context.slots.release()
      }
      if (pauseMs !== undefined) {
        this.#dirty = true
        await this.#pause(pauseMs)
      }
    }
    this.#active = false
  }

  /** Delivers one window of rows. @returns milliseconds to wait when the head has to, undefined when all went through */
  async #window(): Promise<number | undefined> {
    const { windowRows } = this.#context
    await this.#write()
    const rows = await this.#context.peek(this.#key, windowRows)
    if (rows.length === windowRows) this.#dirty = true
    for (const [index, row] of rows.entries()) {
      if (this.#stop.signal.aborted) return undefined
      const pauseMs = await this.#deliver(row, rows[index + 1])
      if (pauseMs !== undefined) return pauseMs
    }
    return undefined
  }

  async #deliver(row: Delivery, next: Delivery | undefined): Promise<number | undefined> {
    const { deliverer, clock, settle, inherited, onRetry, log } = this.#context
    const failures = this.#head?.id === row.id ? this.#head.failures : 0
    this.#nudgesSeen = this.#nudges
    let verdict: Verdict
    try {
      verdict = await deliverer.attempt(row, {
        inherited: inherited(row),
        failures,
        next,
        signal: this.#stop.signal,
      })
    } catch (error) {
      const code = error instanceof ViaductError ? error.code : 'internal'
      if (code === 'internal')
        log.error({ delivery: row.id, error: messageOf(error) }, 'attempt failed in the bridge')
      verdict = { kind: 'wait', code, why: messageOf(error) }
    }
    if (verdict.kind === 'wait' && clock.now().getTime() - row.createdAt.getTime() > deliverer.maxAgeMs) {
      verdict = { kind: 'end', settlement: await deliverer.expire(row, verdict.why) }
    }
    if (verdict.kind === 'end') {
      checkTransition(row.state, verdict.settlement.change.state)
      this.#ending = { row, settlement: verdict.settlement }
      await this.#write()
      return undefined
    }
    const parked = verdict.waitsFor
    const pauseMs = verdict.afterMs ?? (parked ? PARKED_MS : this.#fail(row.id))
    if (verdict.afterMs !== undefined || parked) this.#fail(row.id)
    onRetry(row, verdict.code)
    await settle({
      change: {
        id: row.id,
        state: parked ? 'parked' : 'queued',
        errorCode: verdict.code,
        errorText: verdict.why,
        notBefore: new Date(clock.now().getTime() + pauseMs),
        countAttempt: !parked,
        ...(parked && { waitsFor: parked }),
      },
    })
    return pauseMs
  }

  /** Writes the ending that is known; when that fails it is tried again before anything else of the lane. */
  async #write(): Promise<void> {
    if (!this.#ending) return
    const { row, settlement } = this.#ending
    try {
      await this.#context.settle(settlement)
    } catch (error) {
      if (!isRefusal(error) || isUnavailable(error)) throw error
      // The database refuses what belongs to the outcome, and will for ever: the outcome alone lets the lane go on.
      this.#context.log.error(
        { delivery: row.id, error: messageOf(error) },
        'outcome kept without its details',
      )
      await this.#context.settle({ change: settlement.change })
    }
    this.#ending = undefined
    this.#head = undefined
    this.#context.onEnd(row, settlement)
  }

  #fail(id: number): number {
    const failures = (this.#head?.id === id ? this.#head.failures : 0) + 1
    this.#head = { id, failures }
    return backoffMs(failures, this.#context.backoff)
  }

  #pause(ms: number): Promise<void> {
    if (this.#stop.signal.aborted || this.#nudges !== this.#nudgesSeen) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        cancel()
        this.#wakeUp = undefined
        resolve()
      }
      const cancel = this.#context.clock.after(ms, done)
      this.#wakeUp = done
    })
  }
}
