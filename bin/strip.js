// Keeps every source without its types, for `stripped.js`, and nothing else.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDER, nameOf } from './stripped.js'

const SOURCES = fileURLToPath(new URL('../src', import.meta.url))

mkdirSync(FOLDER, { recursive: true })
const names = new Set()
for (const path of readdirSync(SOURCES, { recursive: true })) {
  if (!path.endsWith('.ts')) continue
  const text = readFileSync(join(SOURCES, path), 'utf8')
  const name = nameOf(text)
  names.add(name)
  if (existsSync(join(FOLDER, name))) continue
  const unfinished = join(FOLDER, `${name}.${process.pid}`)
  writeFileSync(unfinished, stripTypeScriptTypes(text))
  // Whole or not at all, also when two start at once.
  renameSync(unfinished, join(FOLDER, name))
}
for (const name of readdirSync(FOLDER)) if (!names.has(name)) rmSync(join(FOLDER, name), { recursive: true })
