const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789 -_.:;,<>&"\'/\\#@'

/** Numbers that look random and are the same for the same seed (mulberry32), so that a failure can be had again. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 <= x < 1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T {
    const item = list[this.below(list.length)]
    if (item === undefined) throw new Error('picked from an empty list')
    return item
  }

  letters(most: number): string {
    return Array.from({ length: this.below(most) }, () => LETTERS[this.below(LETTERS.length)]).join('')
  }

  bytes(most: number): Buffer {
    return Buffer.from(Array.from({ length: this.below(most) }, () => this.below(256)))
  }
}
