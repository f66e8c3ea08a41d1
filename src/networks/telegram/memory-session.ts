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

  async all(): Promise<Record<string, string>> {
    return Object.fromEntries(this.#values)
  }
}

/** The part of a session under a prefix, as a session of its own. */
export function scoped(session: SessionStore, prefix: string): SessionStore {
  return {
    get: (key) => session.get(prefix + key),
    set: (key, value) => session.set(prefix + key, value),
    setMany: (values) =>
      session.setMany(
        Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + key, value])),
      ),
    delete: (key) => session.delete(prefix + key),
    async all() {
      const all = Object.entries(await session.all())
      return Object.fromEntries(
        all
          .filter(([key]) => key.startsWith(prefix))
          .map(([key, value]) => [key.slice(prefix.length), value]),
      )
    },
  }
}
