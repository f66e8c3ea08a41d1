import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT, codeOf, cyclesIn, filesBelow, importsOf, textOf } from '../support/source.ts'

const SOURCES = filesBelow('src', /\.ts$/)
const TESTS = [
  ...filesBelow('test', /\.ts$/),
  ...(existsSync(join(ROOT, 'bench')) ? filesBelow('bench', /\.ts$/) : []),
]
const PROGRAM = [...SOURCES, ...TESTS]

const MOST_LINES = 500
const MANY_LINES = 300

/**
 * Which folders of src may import which others, beside themselves. A file that belongs to none of them is on the top
 * floor and may import everything.
 */
const FLOORS: readonly { folder: RegExp; may: readonly RegExp[] }[] = [
  { folder: /^src\/model\//, may: [] },
  { folder: /^src\/(?:store|config|telemetry)\//, may: [/^src\/model\//] },
  { folder: /^src\/networks\/shared\//, may: [/^src\/model\//] },
  { folder: /^src\/matrix\//, may: [/^src\/(?:model|telemetry)\//] },
  { folder: /^src\/networks\/(?!shared\/)[^/]+\//, may: [/^src\/(?:model|telemetry|networks\/shared)\//] },
  { folder: /^src\/bridge\//, may: [/^src\/(?:model|store|matrix|telemetry)\//] },
  { folder: /^src\/http\//, may: [/^src\/(?:model|store|telemetry)\//] },
]

const TOP = /^src\/(?:main|assemble|cli|networks\/index)\.ts$|^src\/(?:cli|demo)\//

/** Packages that only one part of the program knows, so that they can be changed there alone. */
const OWNERS: Readonly<Record<string, RegExp>> = {
  pg: /^src\/store\//,
  pino: /^src\/telemetry\//,
  'prom-client': /^src\/telemetry\//,
  zod: /^src\/(?:config|demo)\//,
  'irc-framework': /^src\/networks\/irc\//,
  '@mtcute/core': /^src\/(?:networks|demo)\/telegram\//,
  '@whiskeysockets/baileys': /^src\/(?:networks|demo)\/whatsapp\//,
  'matrix-appservice-bridge': /^src\/matrix\//,
  '@vector-im/matrix-bot-sdk': /^src\/matrix\//,
  undici: /^src\/(?:matrix|cli\/doctor)\//,
}

const folderOf = (path: string) =>
  FLOORS.map(({ folder }) => folder.exec(path)?.[0]).find((found) => found !== undefined)

/** Whether a file of src may import another one. */
function allowed(from: string, to: string): boolean {
  if (!to.startsWith('src/')) return from.startsWith('src/demo/') && to.startsWith('test/sim/')
  const own = folderOf(from)
  if (own === undefined || to.startsWith(own)) return true
  return FLOORS.some(({ folder, may }) => folder.test(from) && may.some((floor) => floor.test(to)))
}

const numberedLines = (text: string, pattern: RegExp): string[] =>
  text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${i + 1}: ${line.trim()}`] : []))

/** Lines of the program's code, without comments and strings, in which the pattern is found. */
const inCode = (pattern: RegExp, files: readonly string[] = PROGRAM) =>
  files.flatMap((path) => numberedLines(codeOf(textOf(path)), pattern).map((line) => `${path}:${line}`))

describe('the tools of this test', () => {
  test('imports of every form are found, with what they are', () => {
    // Double quotes until here, or these would be imports of this file.
    const text = [
      'import type { A } from "./a.ts"',
      'import { b,\n  c } from "../b/c.ts"',
      'import * as d from "node:fs"',
      'import "./side.ts"',
      'export { e } from "@scope/pkg/deep"',
      'const f = await import("./late.ts")',
      '// import { g } from "./comment.ts"',
      'const h = "a string"',
    ]
      .join('\n')
      .replaceAll('"', "'")
    expect(importsOf('src/x/y.ts', text).map(({ target, typeOnly }) => [target, typeOnly])).toEqual([
      ['src/x/a.ts', true],
      ['src/b/c.ts', false],
      ['node:fs', false],
      ['src/x/side.ts', false],
      ['@scope/pkg', false],
      ['src/x/late.ts', false],
    ])
  })

  test('code is told from comments, strings and regular expressions', () => {
    const text = "const a = 'any!' // any!\nconst b = /any!/.test(x)\nconst c: any = d!.e\n/* any! */ `any!`"
    expect(numberedLines(codeOf(text), /any|!/)).toEqual(['3: const c: any = d!.e'])
  })

  test('a cycle is found', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', []],
      ['d', ['b']],
    ])
    expect(cyclesIn(graph)).toEqual([['b', 'd', 'b']])
  })

  test.each([
    ['src/model/ids.ts', 'src/store/db.ts', false],
    ['src/store/db.ts', 'src/config/index.ts', false],
    ['src/store/db.ts', 'src/model/ids.ts', true],
    ['src/networks/irc/ids.ts', 'src/networks/telegram/ids.ts', false],
    ['src/networks/irc/ids.ts', 'src/networks/shared/lru.ts', true],
    ['src/networks/shared/lru.ts', 'src/networks/irc/ids.ts', false],
    ['src/networks/shared/lru.ts', 'src/telemetry/metrics.ts', false],
    ['src/bridge/lane.ts', 'src/networks/shared/lru.ts', false],
    ['src/networks/irc/ids.ts', 'src/store/db.ts', false],
    ['src/networks/irc/ids.ts', 'src/networks/irc/names.ts', true],
    ['src/bridge/lane.ts', 'src/networks/irc/ids.ts', false],
    ['src/bridge/lane.ts', 'src/networks/index.ts', false],
    ['src/bridge/lane.ts', 'src/matrix/index.ts', true],
    ['src/http/ops.ts', 'src/bridge/lane.ts', false],
    ['src/http/ops.ts', 'src/telemetry/metrics.ts', true],
    ['src/main.ts', 'src/bridge/lane.ts', true],
    ['src/main.ts', 'test/sim/irc/server.ts', false],
    ['src/cli/run.ts', 'test/sim/irc/server.ts', false],
    ['src/demo/world.ts', 'test/sim/irc/server.ts', true],
    ['src/demo/world.ts', 'test/support/stack.ts', false],
  ])('%s may import %s: %s', (from, to, may) => {
    expect(allowed(from, to)).toBe(may)
  })
})

describe('who imports whom', () => {
  test('every file of src has a floor', () => {
    expect(SOURCES.filter((path) => folderOf(path) === undefined && !TOP.test(path))).toEqual([])
  })

  test('nobody imports a floor that is not below', () => {
    const wrong = SOURCES.flatMap((from) =>
      importsOf(from)
        .filter(({ relative, target }) => relative && !allowed(from, target))
        .map(({ target }) => `${from} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('imports lead to files that are there, with their full names', () => {
    const lost = PROGRAM.flatMap((from) =>
      importsOf(from)
        .filter(({ relative, target }) => relative && !existsSync(join(ROOT, target)))
        .map(({ target }) => `${from} imports ${target}`),
    )
    expect(lost).toEqual([])
  })

  test('the loopback servers know nothing of the bridge', () => {
    const wrong = filesBelow('test/sim', /\.ts$/).flatMap((from) =>
      importsOf(from)
        .filter(({ target }) => /^src\/(?:bridge|store|matrix|networks|http|assemble|main)/.test(target))
        .filter(() => !from.endsWith('.test.ts'))
        .map(({ target }) => `${from} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('nothing imports itself on a way around, types aside', () => {
    const graph = new Map(
      PROGRAM.map((path) => [
        path,
        importsOf(path)
          .filter(({ relative, typeOnly }) => relative && !typeOnly)
          .map(({ target }) => target),
      ]),
    )
    expect(cyclesIn(graph).map((cycle) => cycle.join(' → '))).toEqual([])
  })

  test('a package is imported by its owner only, and is a dependency', () => {
    const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> }
    const wrong = SOURCES.flatMap((from) =>
      importsOf(from)
        .filter(({ relative, target }) => !relative && !target.startsWith('node:'))
        .filter(({ target }) => !(target in dependencies) || OWNERS[target]?.test(from) === false)
        .map(({ target }) => `${from} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('size and shape', () => {
  const sizes = PROGRAM.map((path) => ({ path, lines: textOf(path).split('\n').length - 1 }))

  test(`no file has more than ${MOST_LINES} lines`, () => {
    expect(sizes.filter(({ lines }) => lines > MOST_LINES)).toEqual([])
  })

  test(`nine files in ten have fewer than ${MANY_LINES} lines, in src and in test`, () => {
    for (const part of [SOURCES, TESTS]) {
      const large = sizes.filter(({ path, lines }) => part.includes(path) && lines >= MANY_LINES)
      expect(large.length, large.map(({ path }) => path).join(', ')).toBeLessThanOrEqual(part.length / 10)
    }
  })

  test('there is no `any` and no non-null assertion', () => {
    expect(inCode(/(?:[:<|&,(]|\bas|\bsatisfies)\s*any\b/)).toEqual([])
    expect(inCode(/[\w\])]!(?=[.,;)\][}\s]|$)/)).toEqual([])
  })

  test('only syntax that can be erased is used', () => {
    expect(
      inCode(/^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?(?:enum|namespace|module)\s+\w+\s*\{/),
    ).toEqual([])
    expect(inCode(/\bconstructor\s*\([^)]*\b(?:public|private|protected|readonly)\s+\w+\s*[:,)]/)).toEqual([])
  })

  test('no checker is silenced in src', () => {
    const pattern = /@ts-(?:ignore|expect-error|nocheck)|(?:oxlint|eslint)-disable|prettier-ignore/
    const silenced = SOURCES.flatMap((path) =>
      numberedLines(textOf(path), pattern).map((line) => `${path}:${line}`),
    )
    expect(silenced).toEqual([])
  })

  test('everything is exported by name, where a tool does not want it otherwise', () => {
    const files = PROGRAM.filter((path) => !path.endsWith('vitest.config.ts') && !path.endsWith('.d.ts'))
    expect(inCode(/\bexport\s+default\b|\bas\s+default\b/, files)).toEqual([])
  })

  test('names of files are in kebab-case', () => {
    const kebab = /^(?:index|[a-z0-9]+(?:-[a-z0-9]+)*)(?:\.(?:test|config|d))*\.ts$/
    expect(PROGRAM.filter((path) => !kebab.test(basename(path)))).toEqual([])
    const folders = new Set(PROGRAM.flatMap((path) => path.split('/').slice(0, -1)))
    expect([...folders].filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name))).toEqual([])
  })
})

describe('what is written', () => {
  const texts = filesBelow(
    '',
    /(?:\.(?:ts|js|json|md|ya?ml|sql|sh)|Dockerfile|install|run|ignore|\.nvmrc)$/,
  ).filter((path) => path !== 'package-lock.json')

  test('no file speaks of the place where it was written, or of what helped to write it', () => {
    // Put together here, so that this file passes its own test.
    const joined = (name: string) => name.replace('-', '')
    const folders = ['work', 'tmp', 'home'].map((name) => `/${name}/`).join('|')
    const tools = ['cla-ude', 'anthro-pic', 'open-ai', 'chat-gpt', 'cod-ex', 'copi-lot'].map(joined)
    const pattern = new RegExp(`(?<![\\w.\\]}])(?:${folders})|\\b(?:${tools.join('|')}|sub-?agents?)\\b`, 'i')
    const found = texts.flatMap((path) =>
      numberedLines(textOf(path), pattern).map((line) => `${path}:${line}`),
    )
    expect(found).toEqual([])
  })

  test('nothing is left for later without saying where it is kept', () => {
    const pattern = new RegExp(
      `\\b(?:${['TO-DO', 'FIX-ME', 'X-XX'].join('|').replaceAll('-', '')})\\b(?!.*#\\d+)`,
    )
    const found = PROGRAM.flatMap((path) =>
      numberedLines(textOf(path), pattern).map((line) => `${path}:${line}`),
    )
    expect(found).toEqual([])
  })

  test('the change log has a place for what comes next', () => {
    expect(textOf('CHANGELOG.md')).toMatch(/^## Unreleased$/m)
  })

  test('every dependency is explained, and no other', () => {
    const manifest = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>
    const names = ['dependencies', 'optionalDependencies', 'devDependencies', 'overrides'].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {}),
    )
    const text = textOf('docs/dependencies.md')
    const explained = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)
    expect(explained.filter((name) => !names.includes(name ?? ''))).toEqual([])
    expect(names.filter((name) => !explained.includes(name))).toEqual([])
  })

  test('links between documents lead somewhere', () => {
    const documents = ['README.md', 'src/README.md', 'CHANGELOG.md', ...filesBelow('docs', /\.md$/)]
    const broken = documents.flatMap((path) =>
      [...textOf(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, target = '']) => join(ROOT, path, '..', target))
        .filter((target) => !existsSync(target))
        .map((target) => `${path} links to ${target}`),
    )
    expect(broken).toEqual([])
  })
})
