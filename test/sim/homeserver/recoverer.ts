import { MatrixError } from './errors.ts'

/** Delays of retries: `baseMs` doubled each time, at most `maxMs`. Synapse has 2 s and 512 s. */
export type Retry = { baseMs: number; maxMs: number }

/** Repeats `attempt` until it answers 'recovered', with growing pauses after failures. */
export class Recoverer {
  readonly #retry: Retry
  readonly #attempt: () => Promise<'recovered' | 'taken' | 'failed'>
  #failures = 0
  #timer: NodeJS.Timeout | null = null
  #isStopped = false

  constructor(retry: Retry, attempt: () => Promise<'recovered' | 'taken' | 'failed'>) {
    this.#retry = retry
    this.#attempt = attempt
  }

  schedule(): void {
    if (this.#isStopped) return
    const { baseMs, maxMs } = this.#retry
    this.#timer = setTimeout(() => void this.#run(), Math.min(maxMs, baseMs * 2 ** this.#failures))
  }

  /** Retries now. Throws what Synapse's ping answers while a retry runs. */
  force(): void {
    if (this.#timer === null) throw new MatrixError(502, 'M_CONNECTION_FAILED', 'already cancelled')
    clearTimeout(this.#timer)
    void this.#run()
  }

  stop(): void {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  async #run(): Promise<void> {
    this.#timer = null
    while (!this.#isStopped) {
      const outcome = await this.#attempt()
      if (outcome === 'recovered') return
      if (outcome === 'failed') {
        this.#failures++
        this.schedule()
        return
      }
      this.#failures = 0
    }
  }
}
