import type { Entry, Field, Shape } from './schema.ts'
import { shapeOf } from './schema.ts'

const LINE = /^([\w.]+)#([0-9a-f]+)((?:\s+[^\s=]+)*)\s*=\s*([^;]+?)\s*;/
const FIELD = /^(\w+):(?:(\w+)\.(\d+)\?)?(.+)$/
const BUILT_IN = new Set(['vector', 'true', 'boolTrue', 'boolFalse', 'null'])

function shape(text: string): Shape {
  const [, vector, inner] = /^([Vv]ector)[< ]%?(.+?)>?$/.exec(text) ?? []
  if (inner === undefined) return shapeOf(text, 'no')
  return shapeOf(inner, vector === 'vector' ? 'bare' : 'boxed')
}

function field(text: string): Field {
  const [, name, word, bit, type] = FIELD.exec(text) ?? []
  if (name === undefined || type === undefined) throw new Error(`a field of the type language: ${text}`)
  const flag = word === undefined ? {} : { flag: { word, bit: Number(bit) } }
  return { name, ...shape(type), ...flag }
}

/**
 * Reads the type language as text (https://core.telegram.org/mtproto/TL), one declaration a line, methods after
 * `---functions---`. Lines without an id are left out.
 */
export function parseSchema(text: string): Entry[] {
  const entries: Entry[] = []
  let method = false
  for (const line of text.split('\n')) {
    if (line.startsWith('---')) method = line.includes('functions')
    const [, name, id, fields, result] = LINE.exec(line.trim()) ?? []
    if (name === undefined || id === undefined || result === undefined || BUILT_IN.has(name)) continue
    const parts = (fields ?? '').split(/\s+/).filter((part) => /^\w+:/.test(part))
    entries.push({
      id: Number.parseInt(id, 16),
      name,
      method,
      fields: parts.map(field),
      result: shape(result),
    })
  }
  return entries
}
