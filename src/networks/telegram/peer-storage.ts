import type { IPeersRepository, IReferenceMessagesRepository } from '@mtcute/core'
import { readPeer, isSamePeer, writePeer } from './stored-peers.ts'
import type { StoredPeer } from './stored-peers.ts'
import type { WriteBatch } from './write-batch.ts'

/** Peers kept in memory, so that an update that names somebody again writes nothing. */
const KEPT = 2_000

const keyOf = (id: number) => `peer:${id}`

/** Whom an account knows, with the access hash that is its own. One row for each, under mtcute's marked id. */
export class PeerStorage implements IPeersRepository {
  readonly references: IReferenceMessagesRepository
  readonly #batch: WriteBatch
  readonly #kept = new Map<number, StoredPeer>()

  constructor(batch: WriteBatch) {
    this.#batch = batch
    this.references = {
      store: (id, chat, message) => this.#refer(id, { chat, message }),
      getByPeer: async (id) => {
        const { seen } = (await this.#read(id)) ?? {}
        return seen === undefined ? null : [seen.chat, seen.message]
      },
      // A reference to a message that is gone fails like an unknown peer does, and the next message brings another.
      delete: () => undefined,
      // Whoever is stored in full is stored without a reference.
      deleteByPeer: () => undefined,
      deleteAll: () => undefined,
    }
  }

  async store(info: IPeersRepository.PeerInfo): Promise<void> {
    const known = await this.#read(info.id)
    // The hash of a peer seen in passing opens nothing but its picture.
    if (info.isMin && known?.info !== undefined && !known.info.isMin) return
    if (known?.info !== undefined && isSamePeer(known.info, info) && (info.isMin || known.seen === undefined))
      return
    const stored: StoredPeer = { info, ...(info.isMin && known?.seen && { seen: known.seen }) }
    this.#keep(info.id, stored)
    this.#batch.set(keyOf(info.id), writePeer(stored))
    if (info.isMin) return
    for (const name of info.usernames) this.#batch.set(`name:${name.toLowerCase()}`, String(info.id))
    if (info.phone !== undefined) this.#batch.set(`phone:${info.phone}`, String(info.id))
  }

  async getById(id: number): Promise<IPeersRepository.PeerInfo | null> {
    return (await this.#read(id))?.info ?? null
  }

  async getByUsername(username: string): Promise<IPeersRepository.PeerInfo | null> {
    const info = await this.#indexed(`name:${username.toLowerCase()}`)
    return info?.usernames.some((name) => name.toLowerCase() === username.toLowerCase()) === true
      ? info
      : null
  }

  async getByPhone(phone: string): Promise<IPeersRepository.PeerInfo | null> {
    const info = await this.#indexed(`phone:${phone}`)
    return info?.phone === phone ? info : null
  }

  async deleteAll(): Promise<void> {
    this.#kept.clear()
    for (const prefix of ['peer:', 'name:', 'phone:']) await this.#batch.deleteNow(prefix)
  }

  async #indexed(key: string): Promise<IPeersRepository.PeerInfo | undefined> {
    const id = await this.#batch.get(key)
    const info = id === undefined ? undefined : (await this.#read(Number(id)))?.info
    return info?.isMin === false ? info : undefined
  }

  async #refer(id: number, seen: { chat: number; message: number }): Promise<void> {
    const known = await this.#read(id)
    if (known?.info?.isMin === false) return
    const stored = { ...known, seen }
    this.#keep(id, stored)
    this.#batch.set(keyOf(id), writePeer(stored))
  }

  async #read(id: number): Promise<StoredPeer | undefined> {
    const kept = this.#kept.get(id)
    if (kept !== undefined) {
      this.#keep(id, kept)
      return kept
    }
    const text = await this.#batch.get(keyOf(id))
    if (text === undefined) return undefined
    const stored = readPeer(text)
    this.#keep(id, stored)
    return stored
  }

  /** The one used longest ago makes room. */
  #keep(id: number, stored: StoredPeer): void {
    this.#kept.delete(id)
    this.#kept.set(id, stored)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }
}
