import type { SessionStore } from '../../model/network.ts'

/** Writes to a session that are read as done at once and committed together. */
export class WriteBatch {
  readonly #session: SessionStore
  /** Set since the last commit; undefined: to be deleted. */
  #staged = new Map<string, string | undefined>()
  /** On their way to the database. */
  readonly #writing = new Map<string, string | undefined>()
  #together: readonly string[] = []
  /** What begins with one of these was read at the beginning and is kept. */
  #prefixes: readonly string[] = []
  readonly #kept = new Map<string, string>()
  #saved = Promise.resolve()

  constructor(session: SessionStore) {
    this.#session = session
  }

  /** Reads all that begins so; later reads of it ask nobody, and cannot fail. @throws when it cannot be read */
  async preload(prefixes: readonly string[]): Promise<void> {
    for (const [key, value] of Object.entries(await this.#session.all())) {
      if (prefixes.some((prefix) => key.startsWith(prefix))) this.#kept.set(key, value)
    }
    this.#prefixes = prefixes
  }

  /** These keys are first written when all of them have a value: without one the others mean nothing. */
  together(keys: readonly string[]): void {
    this.#together = keys
  }

  async get(key: string): Promise<string | undefined> {
    for (const level of [this.#staged, this.#writing]) if (level.has(key)) return level.get(key)
    return this.#isKept(key) ? this.#kept.get(key) : this.#session.get(key)
  }

  set(key: string, value: string | undefined): void {
    this.#staged.set(key, value)
  }

  /** All keys that begin so, without what is not saved yet. */
  async all(prefix: string): Promise<Record<string, string>> {
    const all = await this.#session.all()
    return Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith(prefix)))
  }

  async writeNow(key: string, value: string | undefined): Promise<void> {
    this.#staged.delete(key)
    await this.#session.setMany({ [key]: value })
    this.#keep(key, value)
  }

  async deleteNow(prefix: string): Promise<void> {
    for (const key of this.#staged.keys()) if (key.startsWith(prefix)) this.#staged.delete(key)
    const gone = Object.keys(await this.all(prefix)).map((key) => [key, undefined])
    await this.#session.setMany(Object.fromEntries(gone) as Record<string, undefined>)
    for (const key of this.#kept.keys()) if (key.startsWith(prefix)) this.#kept.delete(key)
  }

  /** Commits what was set, in one transaction, after what is being committed. What cannot be written stays set. */
  save(): Promise<void> {
    const saved = this.#saved.catch(() => undefined).then(() => this.#commit())
    this.#saved = saved
    saved.catch(() => undefined)
    return saved
  }

  async #commit(): Promise<void> {
    const held = await this.#heldBack()
    const ready = new Map([...this.#staged].filter(([key]) => !held.has(key)))
    if (ready.size === 0) return
    this.#staged = new Map([...this.#staged].filter(([key]) => held.has(key)))
    for (const [key, value] of ready) this.#writing.set(key, value)
    try {
      await this.#session.setMany(Object.fromEntries(ready))
      for (const [key, value] of ready) this.#keep(key, value)
    } catch (error) {
      this.#staged = new Map([...ready, ...this.#staged])
      throw error
    } finally {
      this.#writing.clear()
    }
  }

  #isKept(key: string): boolean {
    return this.#prefixes.some((prefix) => key.startsWith(prefix))
  }

  #keep(key: string, value: string | undefined): void {
    if (!this.#isKept(key)) return
    if (value === undefined) this.#kept.delete(key)
    else this.#kept.set(key, value)
  }

  async #heldBack(): Promise<Set<string>> {
    if (!this.#together.some((key) => this.#staged.has(key))) return new Set()
    for (const key of this.#together) {
      if ((await this.get(key)) === undefined) return new Set(this.#together)
    }
    return new Set()
  }
}
