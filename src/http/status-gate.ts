import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../model/clock.ts'

/** Wrong tokens from one address in one second. */
const MOST_WRONG = 5

/** Addresses told apart within a second; further ones share a count, so that memory is bounded. */
const MOST_ADDRESSES = 10_000

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/** Whether a request has the administrator's token. Guessing is slow, and how much of a guess is right does not show. */
export class TokenGate {
  readonly #digest: Buffer
  readonly #clock: Clock
  #since = 0
  #wrong = new Map<string, number>()

  constructor(token: string, clock: Clock) {
    this.#digest = sha256(token)
    this.#clock = clock
  }

  /** @param authorization the header; `slow`: too many were wrong, this one is not even looked at */
  check(authorization: string | undefined, address: string): 'open' | 'shut' | 'slow' {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    if (given === undefined) return 'shut'
    const now = this.#clock.now().getTime()
    if (now - this.#since >= 1000 || now < this.#since) {
      this.#since = now
      this.#wrong = new Map()
    }
    const known = this.#wrong.has(address) || this.#wrong.size < MOST_ADDRESSES
    const key = known ? address : ''
    const wrong = this.#wrong.get(key) ?? 0
    if (wrong >= MOST_WRONG) return 'slow'
    if (timingSafeEqual(sha256(given), this.#digest)) return 'open'
    this.#wrong.set(key, wrong + 1)
    return 'shut'
  }
}
