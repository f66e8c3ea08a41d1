export interface WaitOptions {
  /** Items before this index do not count; `watch.all.length` means "from now on". */
  readonly from?: number
  readonly timeoutMs?: number
}

interface Waiter<T> {
  readonly wanted: (item: T) => boolean
  readonly resolve: (item: T) => void
}

const defaultTimeoutMs = 60_000

/** A growing list on which a test can wait for an item that is there already or will come. */
export class Watch<T> {
  readonly #items: T[] = []
  readonly #waiters = new Set<Waiter<T>>()

  get all(): readonly T[] {
    return this.#items
  }

  push(...items: readonly T[]): void {
    for (const item of items) {
      this.#items.push(item)
      for (const waiter of this.#waiters) if (waiter.wanted(item)) waiter.resolve(item)
    }
  }

  /** The first item, past or to come, that satisfies `wanted`. Rejects, with the last items, when none comes. */
  async waitFor(wanted: (item: T) => boolean, options: WaitOptions = {}): Promise<T> {
    const found = this.#items.slice(options.from ?? 0).find(wanted)
    if (found !== undefined) return found
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs
    const timedOut = new Error(`nothing matched within ${timeoutMs} ms: ${wanted.toString()}`)
    return new Promise<T>((resolve, reject) => {
      const waiter: Waiter<T> = {
        wanted,
        resolve: (item) => {
          clearTimeout(timer)
          this.#waiters.delete(waiter)
          resolve(item)
        },
      }
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        timedOut.message += `\nlast items:${this.#items
          .slice(-10)
          .map((item) => `\n  ${JSON.stringify(item)}`)
          .join('')}`
        reject(timedOut)
      }, timeoutMs)
      this.#waiters.add(waiter)
    })
  }
}
