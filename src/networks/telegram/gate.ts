/**
 * Keeps the cursor of updates behind the ledger: it may be stored only when everything that was handed over before is
 * durable. A failure is final, for the next batch would move the cursor past what was lost; the client has to be built
 * again from its storage, and the network gives back what is missing.
 */
export class Gate {
  readonly #pending = new Set<Promise<void>>()
  readonly #beforePass: () => void
  #failed: { error: unknown } | undefined

  /** @param beforePass called when the network's batch is complete, before it is waited for */
  constructor(beforePass: () => void = () => undefined) {
    this.#beforePass = beforePass
  }

  get failed(): boolean {
    return this.#failed !== undefined
  }

  /** Something is on its way into the ledger; its failure closes the gate for good. */
  hold(work: Promise<void>): void {
    this.#pending.add(work)
    work.then(
      () => this.#pending.delete(work),
      (error: unknown) => {
        this.#pending.delete(work)
        this.fail(error)
      },
    )
  }

  fail(error: unknown): void {
    this.#failed ??= { error }
  }

  /** Resolves when all that was held is durable. @throws what went wrong first, now and ever after */
  async pass(): Promise<void> {
    this.#beforePass()
    while (this.#pending.size > 0 && this.#failed === undefined) await Promise.allSettled(this.#pending)
    if (this.#failed !== undefined) throw this.#failed.error
  }
}
