import { messageOf } from '../../model/errors.ts'
import { sleep } from '../../model/clock.ts'
import type { Session } from './session.ts'

/** A login that was ended elsewhere is noticed within so long, also while nobody writes. */
const EVERY_MS = 60_000
const ASK_MS = 20_000

/**
 * Asks something small when nothing else was asked for a while. The server tells a login that was ended only when it calls
 * something: pings belong to the connection, and are answered all the same (https://core.telegram.org/mtproto/service_messages).
 */
export class Pulse {
  readonly #session: Session
  #answeredAt = 0

  constructor(session: Session) {
    this.#session = session
  }

  /** The server has answered a call; what it says of the login is for others to read. */
  answered(): void {
    this.#answeredAt = this.#session.host.clock.now().getTime()
  }

  /** Until the signal is aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#session.host
    for (;;) {
      const dueMs = this.#answeredAt + EVERY_MS - clock.now().getTime()
      await sleep(clock, dueMs > 0 ? dueMs : EVERY_MS, signal)
      if (signal.aborted) return
      if (clock.now().getTime() - this.#answeredAt >= EVERY_MS) await this.#ask()
    }
  }

  /** What is told of the account itself may have changed as well. */
  async #ask(): Promise<void> {
    const { live, view, host } = this.#session
    try {
      const users = await live?.call(
        { _: 'users.getUsers', id: [{ _: 'inputUserSelf' }] },
        { timeout: ASK_MS },
      )
      if (users !== undefined) view.learn({ users, chats: [] })
    } catch (error) {
      host.log.debug({ error: messageOf(error) }, 'telegram: no answer to a pulse')
    }
  }
}
