type Waiter = { check: () => void; notBefore: number }

/** How often conditions that depend on other programs are looked at, besides at each event and request. */
const POLL_MS = 100
const COSTLY_MS = 1

/** Promises that resolve when a condition holds. */
export class Waiting {
  readonly #waiters = new Set<Waiter>()

  /** Looks at the conditions again. */
  readonly progress = (): void => {
    const now = performance.now()
    for (const waiter of this.#waiters) if (now >= waiter.notBefore) waiter.check()
  }

  /** Rejects with `what` after `timeoutMs`, or with what the predicate throws. */
  until(predicate: () => boolean | undefined, what: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (finish: () => void): void => {
        clearTimeout(timer)
        clearInterval(poll)
        this.#waiters.delete(waiter)
        finish()
      }
      const check = (): void => {
        const startedAt = performance.now()
        try {
          if (predicate() === true) done(resolve)
        } catch (error) {
          done(() => reject(error instanceof Error ? error : new Error(String(error))))
        }
        // A costly condition is left out for a while; the poll looks at it again.
        const now = performance.now()
        waiter.notBefore = now - startedAt > COSTLY_MS ? now + (now - startedAt) * 4 : 0
      }
      const waiter: Waiter = { check, notBefore: 0 }
      const failed = new Error(`waited ${timeoutMs} ms in vain: ${what}`)
      const timer = setTimeout(() => done(() => reject(failed)), timeoutMs)
      const poll = setInterval(check, POLL_MS)
      this.#waiters.add(waiter)
      check()
    })
  }
}
