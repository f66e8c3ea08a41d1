import { createRequire } from 'node:module'
import { parseSchema } from './schema-text.ts'
import type { Entry, Field } from './schema.ts'
import { Schema, shapeOf } from './schema.ts'

const require = createRequire(import.meta.url)

type JsonArgument = {
  name: string
  type: string
  typeModifiers?: { predicate?: string; isVector?: boolean; isBareVector?: boolean }
}

type JsonEntry = {
  kind: 'class' | 'method'
  name: string
  id: number
  type: string
  arguments: JsonArgument[]
  typeModifiers?: { isVector?: boolean }
}

function fieldOf({ name, type, typeModifiers = {} }: JsonArgument): Field {
  const { predicate, isVector, isBareVector } = typeModifiers
  const [word, bit] = predicate?.split('.') ?? []
  const shape = shapeOf(
    type.replace(/^mt_/, ''),
    isBareVector === true ? 'bare' : isVector === true ? 'boxed' : 'no',
  )
  return { name, ...shape, ...(word === undefined ? {} : { flag: { word, bit: Number(bit) } }) }
}

const entryOf = (entry: JsonEntry): Entry => ({
  id: entry.id,
  name: entry.name.replace(/^mt_/, ''),
  method: entry.kind === 'method',
  fields: entry.arguments.map(fieldOf),
  result: shapeOf(entry.type.replace(/^mt_/, ''), entry.typeModifiers?.isVector === true ? 'boxed' : 'no'),
})

// mtcute has no use for these, the other clients and a server have.
const MTPROTO_TOO = `
p_q_inner_data#83c95aec pq:bytes p:bytes q:bytes nonce:int128 server_nonce:int128 new_nonce:int256 = P_Q_inner_data;
server_DH_params_fail#79cb045d nonce:int128 server_nonce:int128 new_nonce_hash:int128 = Server_DH_Params;
---functions---
req_pq#60469778 nonce:int128 = ResPQ;
`

const newest = require('@mtcute/core/tl/api-schema.json') as { l: number; e: JsonEntry[] }

/** The layer of mtcute, in whose shapes the whole server thinks. */
export const NEWEST = new Schema(newest.l, newest.e.map(entryOf))

/** The service messages below the API (https://core.telegram.org/mtproto/service_messages). */
export const MTPROTO = new Schema(0, [
  ...(require('@mtcute/core/tl/mtp-schema.json') as JsonEntry[]).map(entryOf),
  ...parseSchema(MTPROTO_TOO),
])

let older: Schema | undefined

/** The layer of GramJS, if that package is installed. Read when the first client of an older layer comes. */
export function olderLayer(): Schema {
  if (older !== undefined) return older
  const { LAYER } = require('telegram/tl/AllTLObjects.js') as { LAYER: number }
  const text = require('telegram/tl/apiTl.js') as string
  older = new Schema(LAYER, parseSchema(text))
  return older
}

/** The schema in which a client of that layer is spoken to. */
export const schemaFor = (layer: number): Schema => (layer >= NEWEST.layer ? NEWEST : olderLayer())
