import { z } from 'zod'
import type { Path } from './document.ts'
import { fileSchema } from './schema.ts'

/** What JSON Schema says of one place in a file. */
export type Place = {
  type?: string | string[]
  properties?: Record<string, Place>
  items?: Place
  additionalProperties?: Place | false
  required?: string[]
  default?: unknown
}

let root: Place | undefined

/** The configuration file as a tree of places. */
export function places(): Place {
  root ??= placesOf(fileSchema)
  return root
}

export const placesOf = (schema: z.ZodType): Place =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Place

/** What the schema says of a path; undefined where it knows nothing. */
export function placeAt(path: Path, from: Place = places()): Place | undefined {
  let place: Place | undefined = from
  for (const part of path) place = typeof part === 'number' ? place?.items : childOf(place, part)
  return place
}

function childOf(place: Place | undefined, key: string): Place | undefined {
  const named = place?.properties?.[key]
  if (named !== undefined) return named
  const others = place?.additionalProperties
  return others === undefined || others === false ? undefined : others
}

/** Every key of the schema as `irc.networks[].servers[].host`, those of records left out. */
export function allKeys(place: Place = places(), prefix = ''): string[] {
  const own = Object.entries(place.properties ?? {}).flatMap(([key, child]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`
    return [name, ...allKeys(child, name)]
  })
  return place.items === undefined ? own : [...own, ...allKeys(place.items, `${prefix}[]`)]
}

/** `['irc', 'networks', 0, 'id']` as `irc.networks[0].id`. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('')
}
