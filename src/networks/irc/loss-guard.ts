const WINDOW_MS = 5_000
const SHARE = 0.3
/** In a smaller channel a third is soon gone. */
const FEWEST = 10

/** Doubts that many people leave a channel at once: a server that loses its peers without saying so looks like that. */
export class LossGuard {
  #left: number[] = []

  /** Somebody has left a channel that now has `size` members. @returns whether too many have to be believed */
  doubts(size: number, now: Date): boolean {
    this.#left = this.#left.filter((at) => now.getTime() - at < WINDOW_MS)
    this.#left.push(now.getTime())
    const before = size + this.#left.length
    return before >= FEWEST && this.#left.length > SHARE * before
  }
}
