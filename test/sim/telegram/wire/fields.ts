import type { TlObject, TlValue } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import { isObject, isVector } from './tl-encode.ts'

const wrong = (object: TlObject, name: string) => new RpcFault(400, `INPUT_FIELD_INVALID ${object._}.${name}`)

/** A field that must be there with that type; otherwise the request is answered with 400. */
export function intOf(object: TlObject, name: string): number {
  const value = object[name]
  if (typeof value !== 'number') throw wrong(object, name)
  return value
}

export function longOf(object: TlObject, name: string): bigint {
  const value = object[name]
  if (typeof value !== 'bigint') throw wrong(object, name)
  return value
}

export function textOf(object: TlObject, name: string): string {
  const value = object[name]
  if (typeof value !== 'string') throw wrong(object, name)
  return value
}

export function bytesOf(object: TlObject, name: string): Buffer {
  const value = object[name]
  if (!(value instanceof Uint8Array)) throw wrong(object, name)
  return Buffer.from(value)
}

export function objectOf(object: TlObject, name: string): TlObject {
  const value = object[name]
  if (!isObject(value)) throw wrong(object, name)
  return value
}

export function vectorOf(object: TlObject, name: string): readonly TlValue[] {
  const value = object[name]
  if (!isVector(value)) throw wrong(object, name)
  return value
}

export const longsOf = (object: TlObject, name: string): bigint[] =>
  vectorOf(object, name).filter((value) => typeof value === 'bigint')
