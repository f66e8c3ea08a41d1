import { RpcFault } from '../contract.ts'
import type { TlObject, TlValue } from '../contract.ts'

const wrong = (object: TlObject, field: string): RpcFault =>
  new RpcFault(400, `INPUT_FIELD_INVALID_${object._}.${field}`)

/** Reads the fields of a request, or of an object in it, as what the schema says they are. */
export class Args {
  readonly tl: TlObject
  readonly name: string

  constructor(tl: TlObject) {
    this.tl = tl
    this.name = tl._
  }

  has(field: string): boolean {
    return this.tl[field] !== undefined
  }

  flag(field: string): boolean {
    return this.tl[field] === true
  }

  optInt(field: string): number | undefined {
    const value = this.tl[field]
    if (value === undefined || typeof value === 'number') return value
    throw wrong(this.tl, field)
  }

  int(field: string): number {
    return this.need(this.optInt(field), field)
  }

  optLong(field: string): bigint | undefined {
    const value = this.tl[field]
    if (value === undefined || typeof value === 'bigint') return value
    throw wrong(this.tl, field)
  }

  long(field: string): bigint {
    return this.need(this.optLong(field), field)
  }

  optStr(field: string): string | undefined {
    const value = this.tl[field]
    if (value === undefined || typeof value === 'string') return value
    throw wrong(this.tl, field)
  }

  str(field: string): string {
    return this.need(this.optStr(field), field)
  }

  optBytes(field: string): Uint8Array | undefined {
    const value = this.tl[field]
    if (value === undefined || value instanceof Uint8Array) return value
    throw wrong(this.tl, field)
  }

  bytes(field: string): Uint8Array {
    return this.need(this.optBytes(field), field)
  }

  optObj(field: string): Args | undefined {
    const value = this.tl[field]
    if (value === undefined) return undefined
    if (!isObject(value)) throw wrong(this.tl, field)
    return new Args(value)
  }

  obj(field: string): Args {
    return this.need(this.optObj(field), field)
  }

  /** The items of a vector; none when it is left out. */
  list(field: string): readonly TlValue[] {
    const value = this.tl[field]
    if (value === undefined) return []
    if (!isList(value)) throw wrong(this.tl, field)
    return value
  }

  objs(field: string): Args[] {
    return this.list(field).map((item) => {
      if (!isObject(item)) throw wrong(this.tl, field)
      return new Args(item)
    })
  }

  ints(field: string): number[] {
    return this.list(field).filter((item) => typeof item === 'number')
  }

  longs(field: string): bigint[] {
    return this.list(field).filter((item) => typeof item === 'bigint')
  }

  private need<T>(value: T | undefined, field: string): T {
    if (value === undefined) throw wrong(this.tl, field)
    return value
  }
}

export const isList = (value: TlValue): value is readonly TlValue[] => Array.isArray(value)

export const isObject = (value: TlValue): value is TlObject =>
  typeof value === 'object' && !isList(value) && !(value instanceof Uint8Array)
