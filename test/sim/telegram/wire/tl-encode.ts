import type { TlObject, TlValue } from '../contract.ts'
import type { Entry, Field, Schema, Shape } from './schema.ts'
import { ByteWriter } from './tl-bytes.ts'

const VECTOR = 0x1cb5c415
const TRUE = 0x997275b5
const FALSE = 0xbc799737

export class TlEncodeError extends Error {
  override readonly name = 'TlEncodeError'
}

export const isObject = (value: TlValue): value is TlObject =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array)

export const isVector = (value: TlValue): value is readonly TlValue[] => Array.isArray(value)

function fail(where: string, wanted: string, value: TlValue): never {
  const shown = isObject(value) ? value._ : typeof value
  throw new TlEncodeError(`TL encode: ${where} wants ${wanted}, not ${shown}`)
}

const present = (field: Field, value: TlValue) =>
  value !== undefined && !(field.kind === 'true' && value === false)

/** Which bits are set, after every group of fields that share a bit was found complete or absent. */
function flagsWord(entry: Entry, word: string, object: TlObject): number {
  let bits = 0
  for (const { flag, name } of entry.fields.filter(
    (field) => field.flag?.word === word && present(field, object[field.name]),
  )) {
    if (flag === undefined) continue
    bits |= 1 << flag.bit
    const missing = entry.fields.find(
      (other) =>
        other.flag?.word === word &&
        other.flag.bit === flag.bit &&
        other.kind !== 'true' &&
        object[other.name] === undefined,
    )
    if (missing !== undefined)
      throw new TlEncodeError(
        `TL encode: ${entry.name}.${name} and ${missing.name} share a flag, one is missing`,
      )
  }
  return bits
}

/** Writes values in one layer, strictly: an unknown field, a missing field or a wrong type throws TlEncodeError. */
class Encoder {
  readonly out = new ByteWriter()
  private readonly schema: Schema

  constructor(schema: Schema) {
    this.schema = schema
  }

  value(shape: Shape, value: TlValue, where: string): void {
    if (shape.vector === 'no') return this.single(shape, value, where)
    if (!isVector(value)) return fail(where, 'a vector', value)
    if (shape.vector === 'boxed') this.out.int(VECTOR)
    this.out.int(value.length)
    for (const item of value) {
      if (shape.vector === 'bare' && isObject(item)) this.fields(this.entry(item, where), item)
      else this.single(shape, item, where)
    }
  }

  fields(entry: Entry, object: TlObject): void {
    const known = new Set(entry.fields.filter(({ kind }) => kind !== 'flags').map(({ name }) => name))
    const unknown = Object.keys(object).find(
      (name) => name !== '_' && !known.has(name) && object[name] !== undefined,
    )
    if (unknown !== undefined) throw new TlEncodeError(`TL encode: ${entry.name} has no ${unknown}`)
    for (const field of entry.fields) {
      const value = object[field.name]
      const where = `${entry.name}.${field.name}`
      if (field.kind === 'flags') this.out.int(flagsWord(entry, field.name, object))
      else if (field.flag !== undefined && !present(field, value)) continue
      else if (field.kind !== 'true') this.value(field, value, where)
      else if (value !== true) fail(where, 'true', value)
    }
  }

  private entry(object: TlObject, where: string): Entry {
    const entry = this.schema.classes.get(object._) ?? this.schema.methods.get(object._)
    if (entry === undefined)
      throw new TlEncodeError(`TL encode: ${where}: layer ${this.schema.layer} has no ${object._}`)
    return entry
  }

  private single(shape: Shape, value: TlValue, where: string): void {
    if (shape.kind === 'object' || shape.kind === 'any') return this.object(shape, value, where)
    if (shape.kind === 'Bool' && typeof value === 'boolean') return this.out.int(value ? TRUE : FALSE)
    if (typeof value === 'number') return this.number(shape, value, where)
    if (shape.kind === 'long' && typeof value === 'bigint') return this.out.long(value)
    if (shape.kind === 'string' && typeof value === 'string') return this.out.bytes(Buffer.from(value))
    if (!(value instanceof Uint8Array)) return fail(where, shape.type, value)
    if (shape.kind === 'bytes') return this.out.bytes(value)
    const length = shape.kind === 'int128' ? 16 : shape.kind === 'int256' ? 32 : -1
    if (value.length !== length) return fail(where, shape.type, value)
    this.out.raw(value)
  }

  private number(shape: Shape, value: number, where: string): void {
    if (shape.kind === 'double') return this.out.double(value)
    const fits = Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31
    if (shape.kind !== 'int' || !fits) return fail(where, shape.type, value)
    this.out.int(value)
  }

  private object(shape: Shape, value: TlValue, where: string): void {
    if (!isObject(value)) return fail(where, shape.type, value)
    const entry = this.entry(value, where)
    if (shape.kind === 'object' && entry.result.type !== shape.type) return fail(where, shape.type, value)
    this.out.int(entry.id)
    this.fields(entry, value)
  }
}

/** The bytes of a value of that shape. Throws TlEncodeError. */
export function encodeValue(schema: Schema, shape: Shape, value: TlValue): Buffer {
  const encoder = new Encoder(schema)
  encoder.value(shape, value, 'result')
  return encoder.out.result()
}

const ANY: Shape = { kind: 'any', type: 'X', vector: 'no' }

/** The bytes of an object of any type, constructor id first. Throws TlEncodeError. */
export const encodeObject = (schema: Schema, object: TlObject): Buffer => encodeValue(schema, ANY, object)
