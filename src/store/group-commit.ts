import { pgErrorKind } from './pg-errors.ts'

type Waiting<In, Out> = { item: In; resolve: (out: Out) => void; reject: (error: unknown) => void }

export type GroupCommitOptions<In, Out> = {
  /** Items in one run, at most. */
  maxBatch: number
  /** Stores the items in one transaction and answers one result each, in their order. */
  run(batch: In[]): Promise<Out[]>
}

/**
 * Puts the items that arrive while a run is under way together in the next one, so that many sources share one COMMIT
 * and one waits for nobody. There is one run at a time.
 */
export class GroupCommit<In, Out> {
  readonly #options: GroupCommitOptions<In, Out>
  #waiting: Waiting<In, Out>[] = []
  #running = false

  constructor(options: GroupCommitOptions<In, Out>) {
    this.#options = options
  }

  /**
   * Resolves when the item's run has committed. A run that fails because of its data is repeated item by item, so
   * that one bad item fails alone; any other failure rejects every item of the run.
   */
  push(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (this.#running) return
      this.#running = true
      // What is pushed in the same turn belongs together.
      queueMicrotask(() => void this.#drain())
    })
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#runBatch(this.#waiting.splice(0, this.#options.maxBatch))
    this.#running = false
  }

  async #runBatch(batch: Waiting<In, Out>[]): Promise<void> {
    try {
      await this.#runTogether(batch)
    } catch (error) {
      if (batch.length > 1 && pgErrorKind(error) === 'bug') await this.#runEach(batch)
      else for (const { reject } of batch) reject(error)
    }
  }

  async #runTogether(batch: Waiting<In, Out>[]): Promise<void> {
    const results = await this.#options.run(batch.map(({ item }) => item))
    if (results.length !== batch.length) throw new Error('group commit answered another number of results')
    results.forEach((result, index) => batch[index]?.resolve(result))
  }

  async #runEach(batch: Waiting<In, Out>[]): Promise<void> {
    for (const [index, waiting] of batch.entries()) {
      try {
        await this.#runTogether([waiting])
      } catch (error) {
        waiting.reject(error)
        if (pgErrorKind(error) === 'bug') continue
        // The database went away: each of the others would only wait for the same answer.
        for (const { reject } of batch.slice(index + 1)) reject(error)
        return
      }
    }
  }
}
