import { createHash } from 'node:crypto'
import { BufferJSON } from '@whiskeysockets/baileys'
import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Clock } from '../../model/clock.ts'
import type { Values, Vault } from './vault.ts'

/** The server may send a message again whose receipt was lost: for so long at least it is known that it was taken in. */
const KEPT_MS = 3 * 24 * 60 * 60 * 1000
/**
 * What could not be taken in after so many connections, and for so long, never will be. Many alone say nothing: a bridge that is
 * restarted again and again may not live long enough to take in anything.
 */
const MOST_REPLAYS = 20
const LONGEST_MS = 60 * 60 * 1000
/** What was opened and is not in the ledger yet. */
const PREFIX = 'inbox/'
/** What is in the ledger: nothing but the hash of its ciphertext, under the number of a period of `KEPT_MS`. */
const SEEN = 'seen/'
/** A message that says nothing, padded as WhatsApp does. */
const NOTHING = Buffer.from([1])

type Entry = {
  /** Orders what is replayed. */
  n: number
  /** Unix milliseconds */
  at: number
  /** base64 */
  plaintext: string
  stanza?: BinaryNode
  replays?: number
}

/** What became of a stanza. `repeated`: all that could be opened of it is in the ledger. */
export type Opened = { hashes: string[]; repeated: boolean }

/**
 * What was decrypted, by the hash of its ciphertext: a ratchet opens each message once, and the server is told that it
 * arrived before Baileys hands it over.
 */
export class Journal {
  readonly #vault: Vault
  readonly #clock: Clock
  #present: { stanza: BinaryNode; hashes: string[]; repeats: number } | undefined
  #last: number

  constructor(vault: Vault, clock: Clock) {
    this.#vault = vault
    this.#clock = clock
    this.#last = Math.max(0, ...this.#all().map(([, { n }]) => n))
  }

  /** The stanza that is decrypted at the moment. */
  get present(): BinaryNode | undefined {
    return this.#present?.stanza
  }

  /** The stanza that is decrypted from now on. */
  begin(stanza: BinaryNode): void {
    this.#present = { stanza, hashes: [], repeats: 0 }
  }

  /** Nothing is decrypted any more. @returns what of the stanza was, for `confirm` */
  end(): Opened {
    const { hashes, repeats } = this.#present ?? { hashes: [], repeats: 0 }
    this.#present = undefined
    return { hashes, repeated: repeats > 0 && hashes.length === 0 }
  }

  /** What a ciphertext said that was opened before and is not in the ledger. */
  known(ciphertext: Uint8Array): Uint8Array | undefined {
    const hash = hashOf(ciphertext)
    const [plaintext] = this.saidBy([hash])
    if (plaintext !== undefined) this.#present?.hashes.push(hash)
    return plaintext
  }

  /**
   * Something that says nothing, in place of what is in the ledger: its sender hears once more that it arrived.
   * @throws when it can't be looked up
   */
  async repeated(ciphertext: Uint8Array): Promise<Uint8Array | undefined> {
    const hash = hashOf(ciphertext)
    for (const period of [this.#period, this.#period - 1]) {
      if ((await this.#vault.read(seenKey(period, hash))) === undefined) continue
      if (this.#present !== undefined) this.#present.repeats++
      return NOTHING
    }
    return undefined
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

  /** What these said, as long as it is not in the ledger. */
  saidBy(hashes: readonly string[]): Uint8Array[] {
    return hashes.flatMap((hash) => {
      const text = this.#vault.get(PREFIX + hash)
      return text === undefined ? [] : [Buffer.from(read(text).plaintext, 'base64')]
    })
  }

  /** What these said is in the ledger. @throws when it is not kept, so that it is replayed once more */
  async confirm(hashes: readonly string[]): Promise<void> {
    const here = hashes.filter((hash) => this.#vault.get(PREFIX + hash) !== undefined)
    await this.#vault.set(Object.fromEntries(here.flatMap((hash) => this.#done(hash))))
  }

  /**
   * The stanzas that were opened and are not in the ledger, in the order in which they came. Counts as one more try.
   * `givenUp`: those that have been tried too often, and are forgotten now.
   */
  async unconfirmed(): Promise<{ waiting: BinaryNode[]; givenUp: BinaryNode[] }> {
    const values: Record<string, string | undefined> = {}
    const waiting = new Map<string, BinaryNode>()
    const givenUp = new Map<string, BinaryNode>()
    const now = this.#clock.now().getTime()
    for (const [hash, entry] of this.#all().toSorted(([, a], [, b]) => a.n - b.n)) {
      const { stanza, at, replays = 0 } = entry
      const again = stanza !== undefined && (replays < MOST_REPLAYS || at > now - LONGEST_MS)
      if (again) values[PREFIX + hash] = written({ ...entry, replays: replays + 1 })
      else Object.assign(values, Object.fromEntries(this.#done(hash)))
      // A stanza of a group holds two ciphertexts.
      if (stanza !== undefined) (again ? waiting : givenUp).set(nameOf(stanza), stanza)
    }
    await this.#vault.set(values)
    return { waiting: [...waiting.values()], givenUp: [...givenUp.values()] }
  }

  /** Forgets what is in the ledger for long. @throws when it can't be looked up */
  async prune(): Promise<void> {
    const names = await this.#vault.namesOf(SEEN)
    const isOld = (name: string) => Number(name.split('/')[1]) < this.#period - 1
    await this.#vault.set(Object.fromEntries(names.filter(isOld).map((name) => [name, undefined])))
  }

  get #period(): number {
    return Math.floor(this.#clock.now().getTime() / KEPT_MS)
  }

  #done(hash: string): [string, string | undefined][] {
    return [
      [PREFIX + hash, undefined],
      [seenKey(this.#period, hash), ''],
    ]
  }

  #all(): [string, Entry][] {
    return this.#vault.keys(PREFIX).map((key) => [key.slice(PREFIX.length), read(this.#vault.get(key) ?? '')])
  }
}

const seenKey = (period: number, hash: string) => `${SEEN}${period}/${hash}`
const nameOf = ({ attrs: { from, participant, id } }: BinaryNode) => JSON.stringify([from, participant, id])
const hashOf = (ciphertext: Uint8Array) => createHash('sha256').update(ciphertext).digest('base64url')
const written = (entry: Entry) => JSON.stringify(entry, BufferJSON.replacer)
const read = (text: string) => JSON.parse(text, BufferJSON.reviver) as Entry
