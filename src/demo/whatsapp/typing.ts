import type { SimAccount } from '../../../test/sim/whatsapp/world/account.ts'

/** A phone that is told no end stops showing it (`PresenceUpdate` of Baileys has none). */
const TYPING_MS = 10_000

/** Who types where, as a phone shows it. */
export class Typing {
  readonly #until = new Map<string, Map<SimAccount, number>>()

  began(chat: string, by: SimAccount): void {
    const there = this.#until.get(chat) ?? new Map<SimAccount, number>()
    this.#until.set(chat, there)
    there.set(by, Date.now() + TYPING_MS)
  }

  ended(chat: string, by: SimAccount): void {
    this.#until.get(chat)?.delete(by)
  }

  in(chat: string): SimAccount[] {
    const now = Date.now()
    return [...(this.#until.get(chat) ?? [])].filter(([, until]) => until > now).map(([account]) => account)
  }
}
