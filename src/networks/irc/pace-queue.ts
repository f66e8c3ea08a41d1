import type { Clock } from '../../model/clock.ts'
import { PACES, Pacer } from './pace.ts'
import type { Pace } from './pace.ts'

/** In order: PONG and QUIT, which never wait; fences; JOIN and authentication; messages; typing, which goes stale. */
export const PRIORITIES = ['urgent', 'fence', 'control', 'message', 'hint'] as const
export type Priority = (typeof PRIORITIES)[number]

const STALE_HINT_MS = 3_000

type Waiting = { write: () => void; drop: () => void; cost: number; at: number }

/** Lines of one connection on their way to the socket, in order within a priority and at the pace of a `Pacer`. */
export class PaceQueue {
  readonly pacer: Pacer
  readonly #clock: Clock
  readonly #waiting: Record<Priority, Waiting[]> = {
    urgent: [],
    fence: [],
    control: [],
    message: [],
    hint: [],
  }
  #cancel: (() => void) | undefined
  #closed = false

  constructor(clock: Clock, pace: Pace = PACES.unknown, learned?: Pace) {
    this.#clock = clock
    this.pacer = new Pacer(clock.now(), pace, learned)
  }

  /** Lines that wait. */
  get length(): number {
    return PRIORITIES.reduce((sum, priority) => sum + this.#waiting[priority].length, 0)
  }

  /**
   * Calls `write` when it is the line's turn, at once if it may go now. `drop` is called instead when it goes stale or
   * the queue is closed: then it was surely not written.
   */
  push(priority: Priority, write: () => void, o: { cost?: number; drop?: () => void } = {}): void {
    const drop = o.drop ?? (() => {})
    if (this.#closed) return drop()
    this.#waiting[priority].push({ write, drop, cost: o.cost ?? 1, at: this.#clock.now().getTime() })
    this.#pump()
  }

  /** Drops everything that waits, and all that comes after. */
  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#cancel = undefined
    for (const priority of PRIORITIES) for (const item of this.#waiting[priority].splice(0)) item.drop()
  }

  #pump(): void {
    this.#cancel?.()
    this.#cancel = undefined
    for (;;) {
      const now = this.#clock.now()
      this.#dropStale(now.getTime())
      const priority = PRIORITIES.find((each) => this.#waiting[each].length > 0)
      const item = priority === undefined ? undefined : this.#waiting[priority][0]
      if (priority === undefined || item === undefined) return
      if (priority === 'urgent') {
        this.pacer.force(item.cost, now)
      } else {
        const wait = this.pacer.take(item.cost, now)
        if (wait > 0) {
          this.#cancel = this.#clock.after(wait, () => this.#pump())
          return
        }
      }
      this.#waiting[priority].shift()
      item.write()
    }
  }

  #dropStale(now: number): void {
    const hints = this.#waiting.hint
    while (hints[0] !== undefined && now - hints[0].at > STALE_HINT_MS) hints.shift()?.drop()
  }
}
