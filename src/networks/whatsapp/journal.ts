import { createHash } from 'node:crypto'
import { BufferJSON } from '@whiskeysockets/baileys'
import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Clock } from '../../model/clock.ts'
import type { Values, Vault } from './vault.ts'

/** The server may send a message again whose receipt was lost; what it said is kept for so long. */
const KEPT_MS = 3 * 24 * 60 * 60 * 1000
/** What could not be taken in after so many connections never will be. */
const MOST_REPLAYS = 20
const PREFIX = 'inbox/'

type Entry = {
  /** Orders what is replayed. */
  n: number
  /** Unix milliseconds */
  at: number
  /** base64 */
  plaintext: string
  /** Absent: what it said is in the ledger. */
  stanza?: BinaryNode
  replays?: number
}

/**
 * What was decrypted, by the hash of its ciphertext: a ratchet opens each message once, and the server is told that it
 * arrived before Baileys hands it over.
 */
export class Journal {
  readonly #vault: Vault
  readonly #clock: Clock
  #present: { stanza: BinaryNode; hashes: string[] } | undefined
  #last: number

  constructor(vault: Vault, clock: Clock) {
    this.#vault = vault
    this.#clock = clock
    this.#last = Math.max(0, ...this.#all().map(([, { n }]) => n))
  }

  /** The stanza that is decrypted from now on. */
  begin(stanza: BinaryNode): void {
    this.#present = { stanza, hashes: [] }
  }

  /** Nothing is decrypted any more. @returns what of the stanza was, for `confirm` */
  end(): string[] {
    const { hashes = [] } = this.#present ?? {}
    this.#present = undefined
    return hashes
  }

  /** What a ciphertext said, if it was opened before. */
  known(ciphertext: Uint8Array): Uint8Array | undefined {
    const hash = hashOf(ciphertext)
    const text = this.#vault.get(PREFIX + hash)
    if (text === undefined) return undefined
    this.#present?.hashes.push(hash)
    return Buffer.from(read(text).plaintext, 'base64')
  }

  /** What has to be committed together with the ratchet that opened it. */
  opened(ciphertext: Uint8Array, plaintext: Uint8Array): Values {
    const hash = hashOf(ciphertext)
    const stanza = this.#present?.stanza
    this.#present?.hashes.push(hash)
    return {
      [PREFIX + hash]: written({
        n: ++this.#last,
        at: this.#clock.now().getTime(),
        plaintext: Buffer.from(plaintext).toString('base64'),
        ...(stanza && { stanza }),
      }),
    }
  }

  /** What these said is in the ledger. @throws when it is not kept, so that it is replayed once more */
  async confirm(hashes: readonly string[]): Promise<void> {
    const values: Record<string, string> = {}
    for (const hash of hashes) {
      const text = this.#vault.get(PREFIX + hash)
      if (text === undefined) continue
      const { stanza, ...entry } = read(text)
      if (stanza !== undefined) values[PREFIX + hash] = written(entry)
    }
    await this.#vault.set(values)
  }

  /** The stanzas that were opened and are not in the ledger, in the order in which they came. Counts as one more try. */
  async unconfirmed(): Promise<BinaryNode[]> {
    const waiting = this.#all()
      .filter(([, { stanza }]) => stanza !== undefined)
      .toSorted(([, a], [, b]) => a.n - b.n)
    const values: Record<string, string> = {}
    const stanzas = new Map<string, BinaryNode>()
    for (const [key, { stanza, replays = 0, ...entry }] of waiting) {
      if (stanza === undefined) continue
      const again = replays < MOST_REPLAYS
      values[key] = written({ ...entry, ...(again && { stanza, replays: replays + 1 }) })
      // A stanza of a group holds two ciphertexts.
      if (again)
        stanzas.set(
          JSON.stringify([stanza.attrs['from'], stanza.attrs['participant'], stanza.attrs['id']]),
          stanza,
        )
    }
    await this.#vault.set(values)
    return [...stanzas.values()]
  }

  /** Forgets what is in the ledger for long. */
  async prune(): Promise<void> {
    const before = this.#clock.now().getTime() - KEPT_MS
    const old = this.#all().filter(([, { at, stanza }]) => stanza === undefined && at < before)
    await this.#vault.set(Object.fromEntries(old.map(([key]) => [key, undefined])))
  }

  #all(): [string, Entry][] {
    return this.#vault.keys(PREFIX).map((key) => [key, read(this.#vault.get(key) ?? '')])
  }
}

const hashOf = (ciphertext: Uint8Array) => createHash('sha256').update(ciphertext).digest('base64url')
const written = (entry: Entry) => JSON.stringify(entry, BufferJSON.replacer)
const read = (text: string) => JSON.parse(text, BufferJSON.reviver) as Entry
