import type { BaseTelegramClient } from '@mtcute/core/client.js'
import type { tl } from '@mtcute/core'
import type { SessionStore } from '../../model/network.ts'
import type { Gate } from './gate.ts'
import { EPOCH } from './login-client.ts'
import { scoped } from '../shared/scoped-session.ts'
import { ENDINGS } from './session-ending.ts'
import type { SessionStorage } from './storage.ts'

/** One client of mtcute, from its start to its end; a new one is built after every failure. */
export type Connection = {
  client: BaseTelegramClient
  storage: SessionStorage
  /** What is kept of this login. */
  session: SessionStore
  gate: Gate
  /** Aborted when the connection has ended. */
  signal: AbortSignal
  /** Ends the connection; a new one begins from the storage. */
  fail(error: unknown): void
}

const SELF_MS = 60_000

/** What the present login keeps, and its epoch. @throws when nothing is kept */
export async function presentSession(
  session: SessionStore,
): Promise<{ epoch: string; session: SessionStore }> {
  const epoch = await session.get(EPOCH)
  if (epoch === undefined) throw new Error('nothing is kept of this login')
  await forgetOthers(session, epoch)
  return { epoch, session: scoped(session, `${epoch}/`) }
}

/** Proves that the account is logged in. @throws tl.RpcError when it is not */
export async function whoWeAre(client: BaseTelegramClient): Promise<tl.RawUser> {
  const [self] = await client.call(
    { _: 'users.getUsers', id: [{ _: 'inputUserSelf' }] },
    { timeout: SELF_MS },
  )
  if (self?._ !== 'user') throw new Error('Telegram does not say who we are')
  return self
}

/** A login that was brought from elsewhere has no cursor: updates count from now. */
export async function beginUpdates({ client, storage }: Connection): Promise<void> {
  if (client.updates === undefined || client.updates.pts !== undefined) return
  const { pts, qts, date, seq } = await client.call({ _: 'updates.getState' }, { timeout: SELF_MS })
  await storage.beginAt({ pts, qts, date, seq })
  Object.assign(client.updates, { pts, qts, date, seq })
}

/**
 * Where the box of each channel stands is known before the first update comes: mtcute takes the first one of a channel as
 * it is when it does not know, and whatever was missed before it is missed for good.
 */
export async function rememberChannels({ client, storage }: Connection): Promise<void> {
  for (const [channel, pts] of await storage.channelCursors()) client.updates?.cpts.set(channel, pts)
}

/** More than this is found by the difference, as what is missing shows by its count. */
const MOST_EARLY = 10_000

/**
 * Keeps the updates that come before they are read: mtcute lets them go, and of a channel that the account is new in the
 * difference tells nothing, since the server did send it. @returns how to have them read after all
 */
export function keepEarly({ client }: Pick<Connection, 'client'>): () => void {
  const early: tl.TypeUpdates[] = []
  const keep = (updates: tl.TypeUpdates) => {
    if (early.length < MOST_EARLY) early.push(updates)
  }
  client.onServerUpdate.add(keep)
  return () => {
    client.onServerUpdate.remove(keep)
    for (const updates of early.splice(0)) client.handleClientUpdate(updates, false)
  }
}

/** What earlier logins of the account left is no good any more: hashes and keys belong to one login. */
async function forgetOthers(session: SessionStore, epoch: string): Promise<void> {
  if ((await session.get('cleared')) === epoch) return
  const others = Object.keys(await session.all()).filter(
    (key) => key !== EPOCH && !key.startsWith(`${epoch}/`),
  )
  await session.setMany({ ...Object.fromEntries(others.map((key) => [key, undefined])), cleared: epoch })
}

/**
 * The name of an error by which the server ends a login; undefined for every other answer. Code 401 stands for this
 * whatever the name is (https://core.telegram.org/api/errors): a new connection finds out.
 */
export function refusedLogin(result: unknown): string | undefined {
  if (typeof result !== 'object' || result === null) return undefined
  const { _: kind, errorCode, errorMessage } = result as Partial<Record<string, unknown>>
  if (kind !== 'mt_rpc_error' || typeof errorMessage !== 'string') return undefined
  return errorCode === 401 || Object.hasOwn(ENDINGS, errorMessage) ? errorMessage : undefined
}
