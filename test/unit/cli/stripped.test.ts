import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const BIN = fileURLToPath(new URL('../../../bin', import.meta.url))

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'viaduct-stripped-'))
  cpSync(BIN, join(root, 'bin'), { recursive: true })
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  mkdirSync(join(root, 'src'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const write = (name: string, text: string) => writeFileSync(join(root, 'src', name), text)
const start = () => execFileSync(process.execPath, [join(root, 'bin/viaduct.js')], { encoding: 'utf8' })
const kept = () => readdirSync(join(root, 'node_modules/.cache/viaduct')).toSorted()

test('a start runs the sources, and keeps them without their types', () => {
  write(
    'cli.ts',
    `const file = './word.ts'\nconst { word } = await import(file)\nconst said: string = word\nconsole.log(said)`,
  )
  write('word.ts', `export const word: string = 'one'`)
  expect(start()).toBe('one\n')
  const first = kept()
  expect(first).toHaveLength(2)
  expect(start()).toBe('one\n')
  expect(kept()).toEqual(first)
})

test('a source that was changed is read again, and what it was is forgotten', () => {
  const before = kept()
  write('word.ts', `export const word: string = 'two'`)
  expect(start()).toBe('two\n')
  expect(kept()).toHaveLength(2)
  expect(kept()).not.toEqual(before)
})

test('where nothing can be kept it starts all the same', () => {
  rmSync(join(root, 'node_modules'), { recursive: true })
  writeFileSync(join(root, 'node_modules'), 'no folder')
  expect(start()).toBe('two\n')
})

test('a source with a mistake says where it is', () => {
  write('word.ts', `export const word: string = 'three'\nexport const = 1`)
  expect(() => start()).toThrow('word.ts')
})
