import { randomBytes } from 'node:crypto'
import type { SessionStore } from '../../model/network.ts'
import { scoped } from '../shared/scoped-session.ts'
import { ON_DISK } from './vault.ts'

/** Under this key a session says under which prefix the rest of it is: keys of an earlier login are good for nothing. */
const EPOCH = 'epoch'

/** What a login leaves, under a prefix of its own. */
export function withEpoch(values: Readonly<Record<string, string>>): Record<string, string> {
  const epoch = randomBytes(6).toString('hex')
  const kept = Object.entries(values).map(([key, value]) => [`${epoch}/${key}`, value])
  return { ...Object.fromEntries(kept), [EPOCH]: epoch }
}

/** What the present login keeps: its part of the session, and its values that are read often. @throws when nothing is kept */
export async function openEpoch(
  session: SessionStore,
): Promise<{ session: SessionStore; values: Map<string, string> }> {
  const epoch = await session.get(EPOCH)
  if (epoch === undefined) throw new Error('nothing is kept of this login')
  const prefix = `${epoch}/`
  const others = (await session.keys('')).filter((key) => key !== EPOCH && !key.startsWith(prefix))
  if (others.length > 0) await session.setMany(Object.fromEntries(others.map((key) => [key, undefined])))
  const own = scoped(session, prefix)
  return { session: own, values: new Map(Object.entries(await own.all(ON_DISK))) }
}
