import type { Connection, Session } from '../wire/connection.ts'
import type { FailureReason } from '../wire/faults.ts'

const TEMPORARY_BAN_SECONDS = 3600

/** The connection of a login that is refused: it is told why, and closed. */
export class RefusedSession implements Session {
  readonly who = undefined
  readonly #connection: Connection
  readonly #reason: FailureReason

  constructor(connection: Connection, reason: FailureReason) {
    this.#connection = connection
    this.#reason = reason
  }

  started(): void {
    const ban = this.#reason === 402 ? { code: '101', expire: String(TEMPORARY_BAN_SECONDS) } : {}
    const attrs = { reason: String(this.#reason), location: 'sim', ...ban }
    this.#connection.end({ tag: 'failure', attrs })
  }

  received(): boolean {
    return false
  }

  closed(): void {}
}
