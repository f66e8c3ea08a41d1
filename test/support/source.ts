import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const NOT_OURS = new Set(['node_modules', '.git', 'data', '.real'])

/** Paths of the files below a folder of the repository, relative to its root, in order. */
export function filesBelow(folder: string, matching: RegExp = /./): string[] {
  const found: string[] = []
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    if (NOT_OURS.has(entry.name)) continue
    const path = folder === '' || folder === '.' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) found.push(...filesBelow(path, matching))
    else if (entry.isFile() && matching.test(path)) found.push(path)
  }
  return found.sort()
}

export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

export type Import = {
  /** A file of the repository, or the name of a package or of one of Node's modules. */
  target: string
  relative: boolean
  typeOnly: boolean
}

const IMPORT = /\b(?:import|export)\s+(type\s+)?(?:[\w$*{}\s,]+?\s+from\s+)?'([^'\n]+)'/g
const DYNAMIC = /\bimport\(\s*'([^'\n]+)'/g

/** What a file imports, also from within functions. */
export function importsOf(path: string, text: string = textOf(path)): Import[] {
  const at = (specifier: string, typeOnly: boolean): Import => {
    if (!specifier.startsWith('.')) return { target: packageOf(specifier), relative: false, typeOnly }
    const target = relative(ROOT, join(ROOT, dirname(path), specifier))
    return { target, relative: true, typeOnly }
  }
  const bare = withoutComments(text)
  return [
    ...[...bare.matchAll(IMPORT)].map(([, type, specifier = '']) => at(specifier, type !== undefined)),
    ...[...bare.matchAll(DYNAMIC)].map(([, specifier = '']) => at(specifier, false)),
  ]
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

const COMMENT_OR_TEXT =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
/** A regular expression stands where a value can begin. */
const REGEX = /([=(,:;!&|?{}[]\s*|\breturn\s+)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/g

/** The text without comments; strings stay. */
export function withoutComments(text: string): string {
  return text.replace(COMMENT_OR_TEXT, (part) => (part.startsWith('/') ? blank(part) : part))
}

/** Only the code of a text: comments, strings and regular expressions are blank, lines stay where they are. */
export function codeOf(text: string): string {
  const noRegex = withoutComments(text).replace(
    REGEX,
    (part, before: string) => before + blank(part.slice(before.length)),
  )
  return noRegex.replace(COMMENT_OR_TEXT, blank)
}

const blank = (part: string): string => part.replace(/[^\n]/g, ' ')

/** The cycles among nodes, each once, beginning with the node that was found first. */
export function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (node: string): void => {
    const at = path.indexOf(node)
    if (at >= 0) cycles.push([...path.slice(at), node])
    if (at >= 0 || done.has(node)) return
    path.push(node)
    for (const next of graph.get(node) ?? []) visit(next)
    path.pop()
    done.add(node)
  }
  for (const node of graph.keys()) visit(node)
  return cycles
}
