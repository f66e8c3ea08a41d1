export type Kind =
  | 'int'
  | 'flags'
  | 'long'
  | 'double'
  | 'string'
  | 'bytes'
  | 'int128'
  | 'int256'
  | 'Bool'
  | 'true'
  | 'object'
  | 'any'

/** What stands in one place of the wire: a plain value, an object of a type, or a vector of either. */
export type Shape = {
  readonly kind: Kind
  /** The type's name for objects, e.g. `Peer`. */
  readonly type: string
  /** `bare` vectors have no constructor id, and neither have their elements. */
  readonly vector: 'no' | 'boxed' | 'bare'
}

export type Field = Shape & {
  readonly name: string
  /** Present only if this bit of that flags word is set. */
  readonly flag?: { readonly word: string; readonly bit: number }
}

export type Entry = {
  readonly id: number
  readonly name: string
  readonly method: boolean
  readonly fields: readonly Field[]
  /** The constructor's type, or what the method returns. */
  readonly result: Shape
}

const KINDS: Readonly<Record<string, Kind>> = {
  int: 'int',
  '#': 'flags',
  long: 'long',
  int53: 'long',
  double: 'double',
  string: 'string',
  bytes: 'bytes',
  int128: 'int128',
  int256: 'int256',
  Bool: 'Bool',
  true: 'true',
  X: 'any',
  '!X': 'any',
}

export const shapeOf = (type: string, vector: Shape['vector']): Shape => ({
  kind: KINDS[type] ?? 'object',
  type,
  vector,
})

/** The constructors and methods of one layer of Telegram's type language. */
export class Schema {
  readonly layer: number
  readonly classes: ReadonlyMap<string, Entry>
  readonly methods: ReadonlyMap<string, Entry>
  private readonly ids: ReadonlyMap<number, Entry>

  constructor(layer: number, entries: readonly Entry[]) {
    this.layer = layer
    const named = (method: boolean) =>
      new Map(entries.filter((entry) => entry.method === method).map((entry) => [entry.name, entry]))
    this.classes = named(false)
    this.methods = named(true)
    this.ids = new Map(entries.map((entry) => [entry.id, entry]))
  }

  byId(id: number): Entry | undefined {
    return this.ids.get(id)
  }
}
