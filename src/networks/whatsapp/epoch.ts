import { randomBytes } from 'node:crypto'
import type { SessionStore } from '../../model/network.ts'

/** Under this key a session says under which prefix the rest of it is: keys of an earlier login are good for nothing. */
const EPOCH = 'epoch'

/** What a login leaves, under a prefix of its own. */
export function withEpoch(values: Readonly<Record<string, string>>): Record<string, string> {
  const epoch = randomBytes(6).toString('hex')
  const kept = Object.entries(values).map(([key, value]) => [`${epoch}/${key}`, value])
  return { ...Object.fromEntries(kept), [EPOCH]: epoch }
}

/** What the present login keeps: its epoch, its part of the session, and its values. @throws when nothing is kept */
export async function openEpoch(
  session: SessionStore,
): Promise<{ epoch: string; session: SessionStore; values: Map<string, string> }> {
  const all = Object.entries(await session.all())
  const epoch = all.find(([key]) => key === EPOCH)?.[1]
  if (epoch === undefined) throw new Error('nothing is kept of this login')
  const prefix = `${epoch}/`
  const isOwn = (key: string) => key.startsWith(prefix)
  const others = all.filter(([key]) => key !== EPOCH && !isOwn(key)).map(([key]) => [key, undefined])
  if (others.length > 0) await session.setMany(Object.fromEntries(others))
  const values = new Map(
    all.filter(([key]) => isOwn(key)).map(([key, value]) => [key.slice(prefix.length), value]),
  )
  return { epoch, session: scoped(session, prefix), values }
}

/** The part of a session under a prefix, as a session of its own. */
function scoped(session: SessionStore, prefix: string): SessionStore {
  return {
    get: (key) => session.get(prefix + key),
    set: (key, value) => session.set(prefix + key, value),
    setMany: (values) =>
      session.setMany(
        Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + key, value])),
      ),
    delete: (key) => session.delete(prefix + key),
    async all() {
      const own = Object.entries(await session.all()).filter(([key]) => key.startsWith(prefix))
      return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]))
    },
  }
}
