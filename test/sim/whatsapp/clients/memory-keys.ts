import type { SignalDataSet, SignalDataTypeMap, SignalKeyStore } from '@whiskeysockets/baileys'

type Family = keyof SignalDataTypeMap

/** Signal keys in memory. They are kept as they are given, as a database would, not as what the client changes later. */
export class MemoryKeys implements SignalKeyStore {
  readonly #values = new Map<string, unknown>()

  get<T extends Family>(type: T, ids: string[]): { [id: string]: SignalDataTypeMap[T] } {
    const found: { [id: string]: SignalDataTypeMap[T] } = {}
    for (const id of ids) {
      const value = this.#values.get(`${type} ${id}`)
      if (value !== undefined) found[id] = copied(value) as SignalDataTypeMap[T]
    }
    return found
  }

  set(data: SignalDataSet): void {
    for (const [type, entries] of Object.entries(data))
      for (const [id, value] of Object.entries(entries ?? {}))
        if (value === null || value === undefined) this.#values.delete(`${type} ${id}`)
        else this.#values.set(`${type} ${id}`, copied(value))
  }

  clear(): void {
    this.#values.clear()
  }
}

/** A deep copy in which bytes are Buffers again: libsignal takes no other. */
function copied(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (Array.isArray(value)) return value.map(copied)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copied(one)]))
}
