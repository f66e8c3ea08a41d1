import type { MatrixEventId, MatrixRoomId } from '../model/ids.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { BridgeSettings } from './settings.ts'

/** The bot's read receipt on what was delivered: the newest of a room wins, one request at a time per room. */
export class Receipts {
  readonly #matrix: MatrixSide
  readonly #settings: BridgeSettings
  readonly #pending = new Map<MatrixRoomId, MatrixEventId | undefined>()

  constructor(matrix: MatrixSide, settings: BridgeSettings) {
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
        await this.#matrix.receipt(room, event, this.#settings.bot)
      } catch {
        // A receipt is a courtesy: the next one says the same.
      }
    }
    this.#pending.delete(room)
  }
}
