import { BufferJSON, initAuthCreds, proto } from '@whiskeysockets/baileys'
import type {
  AuthenticationCreds,
  SignalDataSet,
  SignalDataTypeMap,
  SignalKeyStore,
} from '@whiskeysockets/baileys'
import type { Values, Vault } from './vault.ts'

const CREDS = 'creds'

type Family = keyof SignalDataTypeMap

/** What else is kept in the same commit as keys: under its own names, as it is. */
export type Beside = { readonly beside?: Values }

/** Something to keep in the same commit as changed keys, and who hears when it is kept. */
export type Alongside = { values: Values; kept(): void }

/**
 * The device's credentials and Signal keys. Credentials that have changed are committed together with the next keys at the
 * latest, so that nothing that depends on them is kept, or leaves, before they are.
 */
export class AuthState {
  readonly creds: AuthenticationCreds
  readonly keys: SignalKeyStore & { set(data: SignalDataSet & Beside): Promise<void> }
  readonly #vault: Vault
  readonly #onMappings: (mappings: Readonly<Record<string, unknown>>) => void
  readonly #alongside: (data: SignalDataSet) => Alongside | undefined
  /** Ratchets as they were kept last: a transaction asks at its end once more for what was committed before. */
  readonly #kept = new Map<string, WeakRef<object>>()
  #isDirty = false

  /**
   * @param onMappings hears of phone numbers and LIDs that belong together, when they are kept
   * @param alongside is asked for what has to be kept together with keys
   */
  constructor(
    vault: Vault,
    onMappings: (mappings: Readonly<Record<string, unknown>>) => void = () => undefined,
    alongside: (data: SignalDataSet) => Alongside | undefined = () => undefined,
  ) {
    this.#vault = vault
    this.#onMappings = onMappings
    this.#alongside = alongside
    const kept = vault.get(CREDS)
    this.creds = kept === undefined ? initAuthCreds() : (fromText(kept) as AuthenticationCreds)
    this.keys = {
      get: (type, ids) => this.#get(type, ids),
      set: (data) => this.#set(data),
    }
  }

  /** The secret by which app state is sealed, by its id in base64. */
  syncKey(id: string): Uint8Array | undefined {
    return this.#get('app-state-sync-key', [id])[id]?.keyData ?? undefined
  }

  /** Keeps what has changed of the credentials. @throws when it is not kept */
  save(): Promise<void> {
    this.#isDirty = true
    return this.#vault.set({}, () => this.#dirtyCreds())
  }

  /** What a finished login leaves. */
  dump(): Record<string, string> {
    const keys = this.#vault.keys(KEY)
    const kept = keys.map((key) => [key, this.#vault.get(key) ?? ''])
    return { ...Object.fromEntries(kept), [CREDS]: toText(this.creds) }
  }

  #get<T extends Family>(type: T, ids: string[]): { [id: string]: SignalDataTypeMap[T] } {
    const found: { [id: string]: SignalDataTypeMap[T] } = {}
    for (const id of ids) {
      const text = this.#vault.get(keyOf(type, id))
      if (text !== undefined) found[id] = revived(type, fromText(text)) as SignalDataTypeMap[T]
    }
    return found
  }

  async #set(data: SignalDataSet & Beside): Promise<void> {
    const values: Record<string, string | undefined> = {}
    const ratchets = new Map<string, WeakRef<object> | undefined>()
    for (const [type, entries] of Object.entries(data)) {
      for (const [id, value] of Object.entries(entries ?? {}) as [string, unknown][]) {
        const key = keyOf(type, id)
        if (type === 'beside') values[id] = typeof value === 'string' ? value : undefined
        else if (isRatchet(type, value) && this.#kept.get(key)?.deref() === value) continue
        else values[key] = value === null || value === undefined ? undefined : toText(value)
        if (RATCHETS.has(type)) ratchets.set(key, isRatchet(type, value) ? new WeakRef(value) : undefined)
      }
    }
    const beside = this.#alongside(data)
    await this.#vault.set({ ...values, ...beside?.values }, () => this.#dirtyCreds())
    for (const [key, kept] of ratchets)
      if (kept === undefined) this.#kept.delete(key)
      else this.#kept.set(key, kept)
    beside?.kept()
    const { 'lid-mapping': mappings } = data
    if (mappings !== undefined) this.#onMappings(mappings)
  }

  #dirtyCreds(): Values {
    if (!this.#isDirty) return {}
    this.#isDirty = false
    return { [CREDS]: toText(this.creds) }
  }
}

/** Baileys makes a new value of these whenever they change. */
const RATCHETS: ReadonlySet<string> = new Set(['session', 'sender-key'])
const isRatchet = (type: string, value: unknown): value is object =>
  RATCHETS.has(type) && typeof value === 'object' && value !== null

const KEY = 'key/'
const keyOf = (type: string, id: string) => `${KEY}${type}/${id}`

const toText = (value: unknown) => JSON.stringify(value, BufferJSON.replacer)
const fromText = (text: string): unknown => JSON.parse(text, BufferJSON.reviver)

/** Baileys asks this one kind for its protobuf, not for its fields. */
const revived = (type: Family, value: unknown): unknown =>
  type === 'app-state-sync-key' && typeof value === 'object' && value !== null
    ? proto.Message.AppStateSyncKeyData.fromObject(value)
    : value
