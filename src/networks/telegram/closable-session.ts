import type { SessionStore } from '../../model/network.ts'

export type ClosableSession = SessionStore & {
  /** Resolves when what was being written is; nothing is written afterwards. */
  close(): Promise<void>
}

/**
 * A session that can be closed: whatever a connection still does when it has ended must not write into what was deleted, or
 * into what its successor has.
 */
export function closable(session: SessionStore): ClosableSession {
  const writing = new Set<Promise<void>>()
  let closed = false
  const write = async (run: () => Promise<void>): Promise<void> => {
    if (closed) throw new Error('the connection has ended')
    const written = run()
    writing.add(written)
    try {
      await written
    } finally {
      writing.delete(written)
    }
  }
  return {
    get: (key) => session.get(key),
    all: (except) => session.all(except),
    keys: (prefix) => session.keys(prefix),
    set: (key, value) => write(() => session.set(key, value)),
    setMany: (values) => write(() => session.setMany(values)),
    delete: (key) => write(() => session.delete(key)),
    async close() {
      closed = true
      await Promise.allSettled(writing)
    },
  }
}
