import type { Clock } from '../../model/clock.ts'
import type { Pace } from './pace.ts'
import { PaceQueue } from './pace-queue.ts'
import type { Priority } from './pace-queue.ts'
import type { OutgoingLine } from './wire.ts'

/** Lines of one connection on their way out, at the pace its server takes. */
export class Outbox {
  readonly #queue: PaceQueue
  readonly #write: (line: OutgoingLine) => boolean

  constructor(clock: Clock, write: (line: OutgoingLine) => boolean, pace: Pace, learned?: Pace) {
    this.#queue = new PaceQueue(clock, pace, learned)
    this.#write = write
  }

  get pacer() {
    return this.#queue.pacer
  }

  get length(): number {
    return this.#queue.length
  }

  /**
   * Writes lines that belong together when it is their turn, nothing between them. `before` is awaited directly before
   * the first byte, `written` is called directly after the last.
   * @returns false when surely none was written: the connection is gone, or the lines went stale
   * @throws what `before` throws; then nothing was written
   */
  send(
    lines: OutgoingLine[],
    priority: Priority = 'message',
    before?: () => Promise<void>,
    written?: () => void,
  ): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const write = () => {
        try {
          const sent = lines.map((line) => this.#write(line)).some(Boolean)
          if (sent) written?.()
          resolve(sent)
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      }
      const turn = () => (before === undefined ? write() : void before().then(write, reject))
      this.#queue.push(priority, turn, { cost: lines.length, drop: () => resolve(false) })
    })
  }

  close(): void {
    this.#queue.close()
  }
}
