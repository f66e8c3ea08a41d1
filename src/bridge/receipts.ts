import { sleep, systemClock } from '../model/clock.ts'
import type { Clock } from '../model/clock.ts'
import type { MatrixEventId, MatrixRoomId } from '../model/ids.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { BridgeSettings } from './settings.ts'

/**
 * How long a room's receipt stands before the next. Each costs the homeserver a write, news for everybody in the room
 * and a transaction to us; in lively rooms that would be more than the messages themselves cost.
 */
const PAUSE_MS = 1_000

/** The bot's read receipt on what was delivered: the first at once, then the newest of a room each second. */
export class Receipts {
  readonly #matrix: MatrixSide
  readonly #settings: BridgeSettings
  readonly #clock: Clock
  readonly #pending = new Map<MatrixRoomId, MatrixEventId | undefined>()

  constructor(matrix: MatrixSide, settings: BridgeSettings, clock: Clock = systemClock) {
    this.#clock = clock
    this.#matrix = matrix
    this.#settings = settings
  }

  delivered(room: MatrixRoomId, event: MatrixEventId): void {
    if (!this.#settings.deliveryReceipts) return
    const busy = this.#pending.has(room)
    this.#pending.set(room, event)
    if (!busy) void this.#drain(room)
  }

  async #drain(room: MatrixRoomId): Promise<void> {
    for (;;) {
      const event = this.#pending.get(room)
      if (event === undefined) break
      this.#pending.set(room, undefined)
      try {
        await this.#matrix.hints.receipt(room, event, this.#settings.bot)
      } catch {
        // A receipt is a courtesy: the next one says the same.
      }
      await sleep(this.#clock, PAUSE_MS)
    }
    this.#pending.delete(room)
  }
}
