import { parse } from 'yaml'
import { ViaductError } from '../model/errors.ts'
import { isRecord } from './document.ts'
import type { Path } from './document.ts'
import { allKeys, formatPath, placeAt } from './keys.ts'
import type { Place } from './keys.ts'
import { nearest } from './nearest.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const PREFIX = 'VIADUCT__'

/**
 * Lays variables like `VIADUCT__HOMESERVER__URL` or `VIADUCT__IRC__NETWORKS__0__NAME` over the values of the file. A text
 * is taken as it is, anything else is read as YAML.
 * @returns the values, and which variable each changed place comes from
 * @throws ViaductError `bad_config` for a variable that names no key
 */
export function overlay(
  values: Record<string, unknown>,
  env: Environment,
): { values: Record<string, unknown>; sources: Map<string, string> } {
  const result = structuredClone(values)
  const sources = new Map<string, string>()
  for (const [variable, value] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!variable.startsWith(PREFIX) || value === undefined || value === '') continue
    const path = pathOf(variable)
    const place = placeAt(path)
    if (place === undefined) throw unknownVariable(variable)
    put(result, path, read(value, place, variable), variable)
    sources.set(formatPath(path), variable)
  }
  return { values: result, sources }
}

const pathOf = (variable: string): Path =>
  variable
    .slice(PREFIX.length)
    .split('__')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.toLowerCase()))

function read(value: string, place: Place, variable: string): unknown {
  if (place.type === 'string') return value
  try {
    return parse(value)
  } catch {
    throw new ViaductError('bad_config', `environment, ${variable}: not valid YAML; ${example(place)}`)
  }
}

const example = (place: Place) =>
  place.type === 'array' ? 'write a list as [one, two].' : 'write several keys as {one: 1, two: 2}.'

/** Sets a value, making what is missing on the way; a list grows only at its end. */
function put(target: Record<string, unknown>, path: Path, value: unknown, variable: string): void {
  let at: unknown = target
  for (const [index, part] of path.entries()) {
    if (typeof part === 'number' && (!Array.isArray(at) || part > at.length)) {
      throw new ViaductError(
        'bad_config',
        `environment, ${variable}: there is no entry before number ${part}.`,
      )
    }
    if (!isRecord(at) && !Array.isArray(at)) {
      throw new ViaductError(
        'bad_config',
        `environment, ${variable}: the file has something else in its place.`,
      )
    }
    const holder = at as Record<string | number, unknown>
    if (index === path.length - 1) holder[part] = value
    else holder[part] ??= typeof path[index + 1] === 'number' ? [] : {}
    at = holder[part]
  }
}

function unknownVariable(variable: string): ViaductError {
  const known = allKeys().map(
    (key) => PREFIX + key.toUpperCase().replaceAll('[]', '__0').replaceAll('.', '__'),
  )
  const meant = nearest(variable.replaceAll(/__\d+/g, '__0'), known)
  const advice =
    meant === undefined ? 'config/viaduct.example.yaml lists all keys.' : `Did you mean ${meant}?`
  return new ViaductError(
    'bad_config',
    `environment, ${variable}: names no key of the configuration. ${advice}`,
  )
}
