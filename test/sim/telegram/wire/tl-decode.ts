import type { TlObject, TlValue } from '../contract.ts'
import type { Entry, Schema, Shape } from './schema.ts'
import { ByteReader } from './tl-bytes.ts'

const VECTOR = 0x1cb5c415
const TRUE = 0x997275b5
const FALSE = 0xbc799737

export class TlDecodeError extends Error {
  override readonly name = 'TlDecodeError'
}

const hex = (id: number) => id.toString(16).padStart(8, '0')

class Decoder {
  private readonly schema: Schema
  private readonly input: ByteReader

  constructor(schema: Schema, input: ByteReader) {
    this.schema = schema
    this.input = input
  }

  value(shape: Shape): TlValue {
    if (shape.vector === 'no') return this.single(shape)
    if (shape.vector === 'boxed') {
      const id = this.input.uint()
      if (id !== VECTOR)
        throw new TlDecodeError(`TL decode: ${hex(id)} where a vector of ${shape.type} should be`)
    }
    const count = this.input.int()
    if (count < 0 || count > this.input.left) throw new TlDecodeError(`TL decode: a vector of ${count}`)
    const bare = shape.vector === 'bare' ? this.bareEntry(shape) : undefined
    return Array.from({ length: count }, () => (bare === undefined ? this.single(shape) : this.fields(bare)))
  }

  fields(entry: Entry): TlObject {
    const object: Record<string, TlValue> = {}
    const words = new Map<string, number>()
    for (const field of entry.fields) {
      if (field.kind === 'flags') words.set(field.name, this.input.uint())
      else if (field.flag !== undefined && ((words.get(field.flag.word) ?? 0) & (1 << field.flag.bit)) === 0)
        continue
      else object[field.name] = field.kind === 'true' ? true : this.value(field)
    }
    return { ...object, _: entry.name }
  }

  private bareEntry(shape: Shape): Entry | undefined {
    return shape.kind === 'object'
      ? [...this.schema.classes.values()].find(
          (entry) => entry.name === shape.type || entry.result.type === shape.type,
        )
      : undefined
  }

  private single(shape: Shape): TlValue {
    switch (shape.kind) {
      case 'int':
      case 'flags':
        return this.input.int()
      case 'long':
        return this.input.long()
      case 'double':
        return this.input.double()
      case 'string':
        return this.input.bytes().toString('utf8')
      case 'bytes':
        return this.input.bytes()
      case 'int128':
        return this.input.raw(16)
      case 'int256':
        return this.input.raw(32)
      case 'true':
        return true
      case 'Bool':
        return this.bool()
      case 'object':
      case 'any':
        return this.object(shape)
    }
  }

  private bool(): boolean {
    const id = this.input.uint()
    if (id !== TRUE && id !== FALSE) throw new TlDecodeError(`TL decode: ${hex(id)} where a Bool should be`)
    return id === TRUE
  }

  private object(shape: Shape): TlObject {
    const id = this.input.uint()
    const entry = this.schema.byId(id)
    if (entry === undefined)
      throw new TlDecodeError(`TL decode: layer ${this.schema.layer} has no ${hex(id)}`)
    if (shape.kind === 'object' && entry.result.type !== shape.type)
      throw new TlDecodeError(`TL decode: ${entry.name} where ${shape.type} should be`)
    return this.fields(entry)
  }
}

/** Reads a value of that shape and requires that nothing is left. Throws TlDecodeError or RangeError. */
export function decodeValue(schema: Schema, shape: Shape, bytes: Uint8Array): TlValue {
  const input = new ByteReader(bytes)
  const value = new Decoder(schema, input).value(shape)
  if (input.left > 0) throw new TlDecodeError(`TL decode: ${input.left} bytes too many`)
  return value
}

/** Reads one object or request, constructor id first. Bytes behind it are allowed (paddings of key exchange). */
export function decodeObject(schema: Schema, bytes: Uint8Array): TlObject {
  const input = new ByteReader(bytes)
  const entry = schema.byId(input.uint())
  if (entry === undefined)
    throw new TlDecodeError(
      `TL decode: layer ${schema.layer} has no ${hex(Buffer.from(bytes).readUInt32LE(0))}`,
    )
  return new Decoder(schema, input).fields(entry)
}
