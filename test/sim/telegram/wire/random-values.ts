import type { TlObject, TlValue } from '../contract.ts'
import type { Entry, Schema, Shape } from './schema.ts'

/** A number from 0 up to 1, as Math.random. */
export type Random = () => number

const DEEPEST = 3

/** Random values of the shapes of one layer: for tests that everything survives the wire. */
export class RandomValues {
  private readonly random: Random
  private readonly schema: Schema
  /** The constructors of a type, those first that need the fewest objects inside. */
  private readonly choices = new Map<string, Entry[]>()

  constructor(schema: Schema, random: Random) {
    this.schema = schema
    this.random = random
    const depths = depthsOf(schema)
    for (const entry of schema.classes.values()) {
      const { type } = entry.result
      this.choices.set(type, [...(this.choices.get(type) ?? []), entry])
    }
    for (const entries of this.choices.values())
      entries.sort((a, b) => depthOf(a, depths) - depthOf(b, depths))
  }

  /** At some depth optional fields are left out and vectors are empty. */
  object(entry: Entry, depth = 0): TlObject {
    const groups = new Map<string, boolean>()
    const fields = entry.fields.flatMap((field): [string, TlValue][] => {
      if (field.kind === 'flags') return []
      const group = field.flag === undefined ? undefined : `${field.flag.word}.${field.flag.bit}`
      const chosen =
        group === undefined || (groups.get(group) ?? (depth < DEEPEST - 1 && this.random() < 0.7))
      if (group !== undefined) groups.set(group, chosen)
      return chosen ? [[field.name, field.kind === 'true' ? true : this.value(field, depth)]] : []
    })
    return { _: entry.name, ...Object.fromEntries(fields) }
  }

  value(shape: Shape, depth = 0): TlValue {
    if (shape.vector === 'no') return this.single(shape, depth)
    const length = depth < DEEPEST - 1 ? 1 + Math.floor(this.random() * 2) : 0
    return Array.from({ length }, () => this.single(shape, depth))
  }

  private bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => Math.floor(this.random() * 256)))
  }

  private single(shape: Shape, depth: number): TlValue {
    switch (shape.kind) {
      case 'int':
      case 'flags':
        return this.bytes(4).readInt32LE(0)
      case 'long':
        // What mtcute takes as a number has no more than 53 bits.
        return shape.type === 'int53'
          ? BigInt(Math.floor(this.random() * 2 ** 52))
          : this.bytes(8).readBigInt64LE(0)
      case 'double':
        return this.random() * 1e9
      case 'string':
        return 'é'.repeat(Math.floor(this.random() ** 4 * 200))
      case 'bytes':
        return this.bytes(Math.floor(this.random() ** 4 * 400))
      case 'int128':
        return this.bytes(16)
      case 'int256':
        return this.bytes(32)
      case 'Bool':
        return this.random() < 0.5
      case 'true':
        return true
      case 'any':
        return { _: 'help.getNearestDc' }
      case 'object':
        return this.ofType(shape, depth)
    }
  }

  private ofType({ type, vector }: Shape, depth: number): TlObject {
    const bare = vector === 'bare' ? this.schema.classes.get(type) : undefined
    const entries = this.choices.get(type) ?? []
    const entry = bare ?? entries[depth < DEEPEST ? Math.floor(this.random() * entries.length) : 0]
    if (entry === undefined) throw new Error(`no constructor of ${type}`)
    return this.object(entry, depth + 1)
  }
}

const FAR = 1000

function depthOf(entry: Entry, depths: ReadonlyMap<string, number>): number {
  const needed = entry.fields.filter(
    ({ kind, flag, vector }) => kind === 'object' && flag === undefined && vector === 'no',
  )
  return Math.max(0, ...needed.map(({ type }) => 1 + (depths.get(type) ?? FAR)))
}

/** How many objects inside one another each type takes at least. */
function depthsOf(schema: Schema): Map<string, number> {
  const depths = new Map<string, number>()
  for (let changed = true; changed;) {
    changed = false
    for (const entry of schema.classes.values()) {
      const depth = depthOf(entry, depths)
      if (depth >= (depths.get(entry.result.type) ?? FAR)) continue
      depths.set(entry.result.type, depth)
      changed = true
    }
  }
  return depths
}
