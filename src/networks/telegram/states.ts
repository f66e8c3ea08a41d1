import type { SessionStore } from '../../model/network.ts'
import { Lru } from '../shared/lru.ts'

const KEPT = 2_000
const PREFIX = 'state:'
/** What was last changed longer ago than this is let go. */
const OLD_MS = 60 * 86_400_000
/** States kept of one account at most. */
const MOST = 20_000

type Stored = { t: number; v: unknown }

/**
 * What the bridge has shown of things that Telegram reports as states, not as events: reactions, polls, the content of
 * messages. Kept with the login, so that changes made while the bridge was down are told.
 */
export class States {
  readonly #session: SessionStore
  readonly #kept = new Lru<string, Stored>(KEPT)
  #changed: Record<string, string | undefined> = {}

  constructor(session: SessionStore) {
    this.#session = session
  }

  async get<T>(key: string): Promise<T | undefined> {
    const kept = this.#kept.get(key) ?? this.#read(await this.#session.get(PREFIX + key))
    if (kept === undefined) return undefined
    this.#kept.set(key, kept)
    return kept.v as T
  }

  /** Counts at once for whoever asks; written by `save`. */
  set(key: string, value: unknown, now: Date): void {
    const stored: Stored = { t: now.getTime(), v: value }
    this.#kept.set(key, stored)
    this.#changed[PREFIX + key] = JSON.stringify(stored)
  }

  /** Keeps it in memory only: it saves some work, and can be done without. */
  remember(key: string, value: unknown, now: Date): void {
    if (this.#kept.get(key) === undefined) this.#kept.set(key, { t: now.getTime(), v: value })
  }

  /** Writes what was set. What was told of it must be in the ledger already, or a crash would leave it untold. */
  async save(): Promise<void> {
    const changed = this.#changed
    this.#changed = {}
    if (Object.keys(changed).length === 0) return
    try {
      await this.#session.setMany(changed)
    } catch (error) {
      this.#changed = { ...changed, ...this.#changed }
      throw error
    }
  }

  /** Lets go what is old, and the oldest of too much. */
  async prune(now: Date): Promise<void> {
    const all = Object.entries(await this.#session.all())
      .filter(([key]) => key.startsWith(PREFIX))
      .map(([key, text]) => ({ key, t: this.#read(text)?.t ?? 0 }))
      .toSorted((a, b) => b.t - a.t)
    const gone = all.filter(({ t }, at) => at >= MOST || t < now.getTime() - OLD_MS)
    await this.#session.setMany(Object.fromEntries(gone.map(({ key }) => [key, undefined])))
  }

  #read(text: string | undefined): Stored | undefined {
    return text === undefined ? undefined : (JSON.parse(text) as Stored)
  }
}
