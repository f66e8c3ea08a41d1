import type { SessionStore } from '../../model/network.ts'

export type Values = Readonly<Record<string, string | undefined>>

/**
 * The kept values of a login, held in memory as well: what is read is what was committed last, and commits happen in the
 * order in which they were asked for.
 */
export class Vault {
  readonly #session: SessionStore
  readonly #values: Map<string, string>
  readonly #onBroken: (error: unknown) => void
  #writing: Promise<void> = Promise.resolve()

  /** @param onBroken hears of a commit that failed, before who asked for it does */
  constructor(session: SessionStore, values: Map<string, string>, onBroken: (error: unknown) => void) {
    this.#session = session
    this.#values = values
    this.#onBroken = onBroken
  }

  get(key: string): string | undefined {
    return this.#values.get(key)
  }

  keys(prefix: string): string[] {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix))
  }

  /** Commits all of it or nothing. `late` is asked for more at the moment of the commit. @throws when it is not kept */
  set(values: Values, late: () => Values = () => ({})): Promise<void> {
    const written = this.#writing.then(() => this.#write({ ...values, ...late() }))
    this.#writing = written.catch(() => undefined)
    return written
  }

  async #write(values: Values): Promise<void> {
    if (Object.keys(values).length === 0) return
    try {
      await this.#session.setMany(values)
    } catch (error) {
      this.#onBroken(error)
      throw error
    }
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) this.#values.delete(key)
      else this.#values.set(key, value)
    }
  }
}
