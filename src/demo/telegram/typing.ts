import type { Account, Room, WorldEvent } from '../../../test/sim/telegram/world/index.ts'

/** https://core.telegram.org/method/messages.setTyping */
const TYPING_MS = 6_000

/** Who types where, as phones show it. */
export class Typing {
  readonly #until = new Map<Room, Map<Account, number>>()

  take(event: WorldEvent): void {
    if (event.kind === 'posted') this.#until.get(event.post.room)?.delete(event.post.author)
    if (event.kind !== 'typing') return
    const there = this.#until.get(event.room) ?? new Map<Account, number>()
    this.#until.set(event.room, there)
    if (event.action === 'sendMessageCancelAction') there.delete(event.by)
    else there.set(event.by, Date.now() + TYPING_MS)
  }

  /** Those who type in a room, without whoever looks. */
  in(room: Room, viewer: Account): Account[] {
    const now = Date.now()
    return [...(this.#until.get(room) ?? [])]
      .filter(([account, until]) => account !== viewer && until > now)
      .map(([account]) => account)
  }
}
