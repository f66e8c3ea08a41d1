import type { SessionStore } from '../../model/network.ts'

/** A session that is not kept: for a login that is not done yet. */
export class MemorySession implements SessionStore {
  readonly #values = new Map<string, string>()

  async get(key: string): Promise<string | undefined> {
    return this.#values.get(key)
  }

  async set(key: string, value: string): Promise<void> {
    this.#values.set(key, value)
  }

  async setMany(values: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) this.#values.delete(key)
      else this.#values.set(key, value)
    }
  }

  async delete(key: string): Promise<void> {
    this.#values.delete(key)
  }

  async all(except: readonly string[] = []): Promise<Record<string, string>> {
    return Object.fromEntries(
      [...this.#values].filter(([key]) => !except.some((prefix) => key.startsWith(prefix))),
    )
  }

  async keys(prefix: string): Promise<string[]> {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix))
  }
}
