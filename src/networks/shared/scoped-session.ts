import type { SessionStore } from '../../model/network.ts'

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
    async all(except = []) {
      const all = Object.entries(await session.all(except.map((each) => prefix + each)))
      return Object.fromEntries(
        all
          .filter(([key]) => key.startsWith(prefix))
          .map(([key, value]) => [key.slice(prefix.length), value]),
      )
    },
    async keys(within) {
      return (await session.keys(prefix + within)).map((key) => key.slice(prefix.length))
    },
  }
}
