import { Lru } from '../shared/lru.ts'

/** Sends that are remembered, for an update that comes late. */
const REMEMBERED = 5_000

/**
 * Which messages of the account the bridge itself sent. Telegram tells a connection that was cut of every message that
 * went out: what the bridge sent must not come back as if it were from another device.
 *
 * Conversations are named here without topics, since numbers are counted for the whole of them.
 */
export class Outgoing {
  /** Random ids on their way, by conversation. */
  readonly #underWay = new Map<string, Set<string>>()
  readonly #chats = new Lru<string, string>(REMEMBERED)
  readonly #numbers = new Lru<string, number>(REMEMBERED)
  readonly #randomIds = new Lru<string, string>(REMEMBERED)
  readonly #elsewhere = new Lru<string, true>(REMEMBERED)
  readonly #waiting = new Set<() => void>()

  /** A message is about to be sent. */
  begin(chat: string, randomId: string): void {
    this.register(chat, randomId)
    const set = this.#underWay.get(chat) ?? new Set()
    set.add(randomId)
    this.#underWay.set(chat, set)
  }

  /** The attempt is over; `n` is the message's number when it is there. */
  end(chat: string, randomId: string, n?: number): void {
    if (n !== undefined) this.matched(randomId, n)
    const set = this.#underWay.get(chat)
    set?.delete(randomId)
    if (set?.size === 0) this.#underWay.delete(chat)
    this.#wake()
  }

  /** A random id is one of the bridge's, perhaps of an earlier process. */
  register(chat: string, randomId: string): void {
    this.#chats.set(randomId, chat)
    const n = this.#numbers.get(randomId)
    if (n !== undefined) this.#randomIds.set(`${chat} ${n}`, randomId)
  }

  /** The server says which number the message with a random id got. */
  matched(randomId: string, n: number): void {
    this.#numbers.set(randomId, n)
    const chat = this.#chats.get(randomId)
    if (chat !== undefined) this.#randomIds.set(`${chat} ${n}`, randomId)
    this.#wake()
  }

  /** The number that the message with a random id got, if it was heard of. */
  numberOf(randomId: string): number | undefined {
    return this.#numbers.get(randomId)
  }

  /** The account wrote it from elsewhere, and it is in the ledger. */
  wrote(chat: string, n: number): void {
    this.#elsewhere.set(`${chat} ${n}`, true)
    this.#wake()
  }

  /** Whether a message of the account is where it belongs in the order of the conversation. */
  isPlaced(chat: string, n: number): boolean {
    return this.isOurs(chat, n) || this.#elsewhere.get(`${chat} ${n}`) === true
  }

  isOurs(chat: string, n: number): boolean {
    return this.#randomIds.get(`${chat} ${n}`) !== undefined
  }

  /** Whether a send to the conversation is on its way, so that a message may turn out to be it. */
  isBusy(chat: string): boolean {
    return this.#underWay.has(chat)
  }

  /** Something that was waited for may have happened. */
  wake(): void {
    this.#wake()
  }

  /** Resolves at the next change, or after so many milliseconds. */
  changed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      timer.unref()
      this.#waiting.add(done)
    })
  }

  #wake(): void {
    for (const done of this.#waiting) done()
  }
}
