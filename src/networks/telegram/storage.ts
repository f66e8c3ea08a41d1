import type {
  IAuthKeysRepository,
  IKeyValueRepository,
  IPeersRepository,
  IReferenceMessagesRepository,
  IStorageDriver,
  ITelegramStorageProvider,
} from '@mtcute/core'
import type { SessionStore } from '../../model/network.ts'
import { Gate } from './gate.ts'
import { PeerStorage } from './peer-storage.ts'
import { WriteBatch } from './write-batch.ts'

/** The cursor of the common box. mtcute takes it for absent, and begins at "now", when one of the four is missing. */
const CURSOR = ['updates_pts', 'updates_qts', 'updates_date', 'updates_seq'] as const
const CURSOR_PREFIX = 'updates_'
const CHANNEL_PREFIX = 'updates_channel:'

/**
 * mtcute's storage on the encrypted key-value table of a login. Keys of the connection are written at once, all else is
 * collected and committed together by `save`. The cursor of updates waits for the gate.
 */
export class SessionStorage implements ITelegramStorageProvider {
  readonly driver: IStorageDriver
  readonly kv: IKeyValueRepository
  readonly authKeys: IAuthKeysRepository
  readonly peers: IPeersRepository
  readonly refMessages: IReferenceMessagesRepository
  readonly #batch: WriteBatch

  constructor(session: SessionStore, gate = new Gate()) {
    const batch = new WriteBatch(session)
    this.#batch = batch
    const peers = new PeerStorage(batch)
    this.peers = peers
    this.refMessages = peers.references
    this.driver = { save: () => batch.save() }
    this.kv = {
      async set(key, value) {
        if (key.startsWith(CURSOR_PREFIX)) await gate.pass()
        batch.set(`kv:${key}`, toText(value))
      },
      get: async (key) => toBytes(await batch.get(`kv:${key}`)),
      delete: (key) => batch.set(`kv:${key}`, undefined),
      deleteAll: () => batch.deleteNow('kv:'),
    }
    batch.together(CURSOR.map((key) => `kv:${key}`))
    this.authKeys = {
      set: (dc, key) => batch.writeNow(`auth:${dc}`, key === null ? undefined : toText(key)),
      get: async (dc) => toBytes(await batch.get(`auth:${dc}`)),
      setTemp: (dc, index, key, expires) =>
        batch.writeNow(`temp:${dc}:${index}`, key === null ? undefined : `${expires} ${toText(key)}`),
      async getTemp(dc, index, now) {
        const [expires, key] = (await batch.get(`temp:${dc}:${index}`))?.split(' ') ?? []
        return Number(expires) > now ? toBytes(key) : null
      },
      async deleteByDc(dc) {
        await batch.writeNow(`auth:${dc}`, undefined)
        await batch.deleteNow(`temp:${dc}:`)
      },
      async deleteAll() {
        await batch.deleteNow('auth:')
        await batch.deleteNow('temp:')
      },
    }
  }

  /**
   * Reads what the connection itself needs, so that mtcute's beginning cannot fail for want of the database: it leaves
   * such a failure unhandled. @throws when it cannot be read
   */
  preload(): Promise<void> {
    return this.#batch.preload(['kv:', 'auth:', 'temp:'])
  }

  /** Where the box of each channel stands, by the channel's number. */
  async channelCursors(): Promise<Map<number, number>> {
    const all = await this.#batch.all(`kv:${CHANNEL_PREFIX}`)
    return new Map(
      Object.entries(all).map(([key, value]) => [
        Number(key.slice(`kv:${CHANNEL_PREFIX}`.length)),
        Buffer.from(value, 'base64').readUInt32LE(0),
      ]),
    )
  }

  /** Begins the boxes of channels where they stand now, each with its number. @throws when it cannot be written */
  async beginChannels(channels: readonly (readonly [number, number])[]): Promise<void> {
    for (const [id, pts] of channels) {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(pts)
      this.#batch.set(`kv:${CHANNEL_PREFIX}${id}`, toText(bytes))
    }
    await this.#batch.save()
  }

  /** The server's time when the cursor was last stored. */
  async cursorDate(): Promise<Date> {
    const bytes = await this.kv.get('updates_date')
    return new Date(bytes === null ? 0 : Buffer.from(bytes).readInt32LE(0) * 1000)
  }

  /** Begins the common box where the account stands now. @throws when it cannot be written */
  async beginAt(state: { pts: number; qts: number; date: number; seq: number }): Promise<void> {
    const values = [state.pts, state.qts, state.date, state.seq]
    CURSOR.forEach((key, at) => {
      const bytes = Buffer.alloc(4)
      bytes.writeInt32LE(values[at] ?? 0)
      this.#batch.set(`kv:${key}`, toText(bytes))
    })
    await this.#batch.save()
  }
}

const toText = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const toBytes = (text: string | undefined) => (text === undefined ? null : Buffer.from(text, 'base64'))
