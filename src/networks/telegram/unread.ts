import { createHash } from 'node:crypto'
import { Long, PeersIndex, RawUpdateInfo } from '@mtcute/core'
import type { tl } from '@mtcute/core'
import {
  deserializeObjectWithCompat,
  deserializePeersIndexWithCompat,
  serializeObject,
  serializePeersIndex,
} from '@mtcute/core/utils.js'
import { messageOf } from '../../model/errors.ts'
import type { SessionStore } from '../../model/network.ts'
import { VERSION } from '../../telemetry/index.ts'

const PREFIX = 'unread:'
/** Kept of one account at most; the oldest make room. */
const MOST = 200
const MOST_TEXT = 64 * 1024

/** `text`: of an object that cannot even be written as bytes. */
type Kept = {
  at: string
  version: string
  kind: string
  error: string
  bytes?: string
  peers?: string
  text?: string
}

export type Unread = { key: string; kind: string; info: RawUpdateInfo }

/** Updates that the bridge could not understand, byte for byte, sealed with the login until a version understands them. */
export class UnreadUpdates {
  readonly #session: SessionStore

  constructor(session: SessionStore) {
    this.#session = session
  }

  /** Resolves when it is durable. The same update again takes the place of the first. @throws when it is not */
  async keep(info: RawUpdateInfo, error: unknown, now: Date): Promise<void> {
    const { update, peers } = info
    const base = { at: now.toISOString(), version: VERSION, kind: update._, error: messageOf(error) }
    const what = written(update, peers)
    const all = await this.#all()
    const same = all.find(([, kept]) => kept.bytes === what.bytes && kept.text === what.text)
    const key = same?.[0] ?? `${PREFIX}${base.at}.${all.length}`
    const gone = all.slice(0, Math.max(0, all.length + 1 - MOST)).map(([old]) => [old, undefined] as const)
    await this.#session.setMany({ ...Object.fromEntries(gone), [key]: JSON.stringify({ ...base, ...what }) })
  }

  /** Those that another version of the program has kept, oldest first. */
  async toReadAgain(): Promise<Unread[]> {
    return (await this.#all()).flatMap(([key, kept]) => {
      const info = kept.version === VERSION ? undefined : readBack(kept)
      return info === undefined ? [] : [{ key, kind: kept.kind, info }]
    })
  }

  /** This version does not understand it either. */
  async keepOn(key: string): Promise<void> {
    const text = await this.#session.get(key)
    if (text === undefined) return
    await this.#session.set(key, JSON.stringify({ ...(JSON.parse(text) as Kept), version: VERSION }))
  }

  async drop(key: string): Promise<void> {
    await this.#session.delete(key)
  }

  async #all(): Promise<[string, Kept][]> {
    return Object.entries(await this.#session.all())
      .filter(([key]) => key.startsWith(PREFIX))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, text]) => [key, JSON.parse(text) as Kept])
  }
}

function written(update: tl.TypeUpdate, peers: PeersIndex): Pick<Kept, 'bytes' | 'peers' | 'text'> {
  try {
    return { bytes: base64(serializeObject(update)), peers: base64(serializePeersIndex(peers)) }
  } catch {
    return { text: JSON.stringify(update, plainly).slice(0, MOST_TEXT) }
  }
}

function readBack({ bytes, peers }: Kept): RawUpdateInfo | undefined {
  if (bytes === undefined || peers === undefined) return undefined
  try {
    return new RawUpdateInfo(
      deserializeObjectWithCompat(Buffer.from(bytes, 'base64')) as tl.TypeUpdate,
      deserializePeersIndexWithCompat(Buffer.from(peers, 'base64')),
    )
  } catch {
    // Of a kind that this version's schema does not have: a later one may.
    return undefined
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

const plainly = (_: string, value: unknown): unknown =>
  Long.isLong(value) ? value.toString() : value instanceof Uint8Array ? base64(value) : value

/** Names an update by what is in it: the same when it comes again. */
export const hashOfUpdate = (update: tl.TypeUpdate): string =>
  createHash('sha256').update(JSON.stringify(update, plainly)).digest('base64url').slice(0, 22)
