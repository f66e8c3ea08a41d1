import type { MxcUri } from '../model/ids.ts'

/** An object of JSON that came from outside: any key, any value. */
export type Json = Record<string, unknown>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Text that every later stage can store and send: PostgreSQL refuses U+0000, UTF-8 has no lone surrogates. */
export const cleanText = (value: string): string => value.replaceAll('\0', '\uFFFD').toWellFormed()

/** The string at `key`, cleaned; undefined for every other type. Reads own keys only. */
export function stringAt(json: Json, key: string): string | undefined {
  const value = valueAt(json, key)
  return typeof value === 'string' ? cleanText(value) : undefined
}

/** The finite number at `key`; undefined for every other type. */
export function numberAt(json: Json, key: string): number | undefined {
  const value = valueAt(json, key)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** A size or a duration: a whole number that is not negative. */
export function countAt(json: Json, key: string): number | undefined {
  const value = numberAt(json, key)
  return value === undefined || value < 0 || value > Number.MAX_SAFE_INTEGER ? undefined : Math.round(value)
}

export function objectAt(json: Json, key: string): Json | undefined {
  const value = valueAt(json, key)
  return isObject(value) ? value : undefined
}

/** The array at `key`; empty for every other type. */
export function arrayAt(json: Json, key: string): unknown[] {
  const value = valueAt(json, key)
  return Array.isArray(value) ? value : []
}

export function valueAt(json: Json, key: string): unknown {
  return Object.hasOwn(json, key) ? json[key] : undefined
}

const MXC = /^mxc:\/\/[A-Za-z0-9.:[\]-]{1,255}\/[A-Za-z0-9_-]{1,255}$/

/** Whether the value names media; both its parts are plain, so that they can go into a path. */
export const isMxc = (value: unknown): value is MxcUri => typeof value === 'string' && MXC.test(value)
