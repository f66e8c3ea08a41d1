import type { SessionStore } from '../../model/network.ts'

export type Values = Readonly<Record<string, string | undefined>>

type Batch = { values: (() => Values)[]; written: Promise<void> }

/** What there is ever more of, and is seldom looked at: it is read when it is needed. */
export const ON_DISK: readonly string[] = ['seen/', 'reaction/', 'poll/']

/**
 * The kept values of a login, held in memory as well but for what is `ON_DISK`: what is read is what was committed last, and
 * commits happen in the order in which they were asked for.
 */
export class Vault {
  readonly #session: SessionStore
  readonly #values: Map<string, string>
  readonly #onBroken: (error: unknown) => void
  #writing: Promise<void> = Promise.resolve()
  /** What is committed after the present commit. */
  #next: Batch | undefined

  /** @param onBroken hears of a commit that failed, before who asked for it does */
  constructor(session: SessionStore, values: Map<string, string>, onBroken: (error: unknown) => void) {
    this.#session = session
    this.#values = values
    this.#onBroken = onBroken
  }

  get(key: string): string | undefined {
    return this.#values.get(key)
  }

  /** A value that is `ON_DISK`. @throws when it can't be read */
  read(key: string): Promise<string | undefined> {
    return this.#session.get(key)
  }

  /** The names of values that are `ON_DISK`. @throws when they can't be read */
  namesOf(prefix: string): Promise<string[]> {
    return this.#session.keys(prefix)
  }

  keys(prefix: string): string[] {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix))
  }

  /**
   * Commits all of it or nothing; what is asked for while a commit is under way goes into the next one together.
   * `late` is asked for more at the moment of the commit. @throws when it is not kept
   */
  set(values: Values, late: () => Values = () => ({})): Promise<void> {
    const next = (this.#next ??= this.#begin())
    next.values.push(() => values, late)
    return next.written
  }

  #begin(): Batch {
    const values: (() => Values)[] = []
    const written = this.#writing.then(() => {
      this.#next = undefined
      return this.#write(Object.assign({}, ...values.map((each) => each())) as Values)
    })
    this.#writing = written.catch(() => undefined)
    return { values, written }
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
      if (ON_DISK.some((prefix) => key.startsWith(prefix))) continue
      if (value === undefined) this.#values.delete(key)
      else this.#values.set(key, value)
    }
  }
}
