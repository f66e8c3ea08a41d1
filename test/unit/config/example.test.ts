import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { configFrom } from '../../../src/config/from-file.ts'
import { allKeys, placeAt } from '../../../src/config/keys.ts'
import type { Path } from '../../../src/config/document.ts'
import { fileSchema } from '../../../src/config/schema.ts'

const PATH = new URL('../../../config/viaduct.example.yaml', import.meta.url).pathname
const text = readFileSync(PATH, 'utf8')

/** Switches on what stands behind `#` without a space, and the examples of empty lists and mappings. */
const complete = text
  .replaceAll(/^(\s*)#(?=[a-z])/gm, '$1')
  .replaceAll(/^( *)#(  .*)$/gm, (line, indent: string, rest: string) =>
    /^ +(?:-? ?["a-z@*][^ ]*: |# )/.test(rest) ? `${indent}${rest.slice(1)}` : line,
  )
  .replace('permissions: {}', 'permissions:')
  .replace('channels: []\n      ', 'channels:\n      ')

/** Every key that a document has, with entries of lists as `[]`; the keys of mappings with free keys left out. */
function keysOf(value: unknown, path: Path = [], name = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => keysOf(item, [...path, index], `${name}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    if (placeAt(path)?.properties?.[key] === undefined) return []
    const full = name === '' ? key : `${name}.${key}`
    return [full, ...keysOf(inner, [...path, key], full)]
  })
}

test('every key of the schema is in the example, and no other', () => {
  const values: unknown = parse(complete)
  expect(fileSchema.safeParse(values).error?.issues).toBeUndefined()
  expect([...new Set(keysOf(values))].toSorted()).toEqual(allKeys().toSorted())
})

test('what the example sets is what counts without it', () => {
  const example = fileSchema.parse(parse(text))
  const [network] = example.irc.networks
  const minimal = fileSchema.parse({
    homeserver: { url: 'http://127.0.0.1:8008', server_name: 'example.org' },
    irc: { networks: [{ id: 'libera', name: network?.name, servers: [{ host: 'irc.libera.chat' }] }] },
  })
  expect(configFrom(example, PATH)).toEqual(configFrom(minimal, PATH))
})

test('the example with everything switched on can be used', () => {
  const file = fileSchema.parse(parse(complete))
  const [network] = file.irc.networks
  delete network?.servers[0]?.ca
  const config = configFrom(file, PATH)
  expect(config.permissions).toEqual({ '@you:example.org': 'admin', 'example.org': 'user', '*': 'relay' })
  expect(config.irc.networks[0]?.channels).toEqual([{ name: '#viaduct', key: 'secret', relay: true }])
  expect(config.irc.identd).toEqual({ host: '0.0.0.0', port: 113 })
})
