import type { z } from 'zod'
import type { Path, YamlFile } from './document.ts'
import { allKeys, formatPath, placeAt } from './keys.ts'
import type { Place } from './keys.ts'
import { nearest } from './nearest.ts'

type Issue = z.core.$ZodIssue

/** One thing that is wrong: where, and what to do. */
export type Problem = { path: Path; text: string }

/** What the schema found, in words. An absent key that is only mistyped is told once. */
export function problemsOf(issues: readonly Issue[], values: unknown, root: Place): Problem[] {
  const suggested = new Set<string>()
  const problems: Problem[] = []
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue
    for (const key of issue.keys) {
      const path = [...pathOf(issue), key]
      const meant = meantBy(path, root)
      if (meant !== undefined) suggested.add(meant)
      problems.push({
        path,
        text: meant === undefined ? 'unknown key; remove it' : `unknown key; did you mean ${meant}?`,
      })
    }
  }
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') continue
    const path = pathOf(issue)
    const absent = valueAt(values, path) === undefined
    if (absent && suggested.has(formatPath(path))) continue
    problems.push({ path, text: absent ? `is missing; ${wordsOf(issue)}` : wordsOf(issue) })
  }
  return problems
}

/** Problems in the order of the file. */
export function formatProblems(
  problems: readonly Problem[],
  file: YamlFile,
  sources: ReadonlyMap<string, string>,
): string {
  return problems
    .toSorted((a, b) => file.lineOf(a.path) - file.lineOf(b.path))
    .map((problem) => formatProblem(problem, file, sources))
    .join('\n')
}

/** A problem with its place: the line, or the environment variable that said so. */
function formatProblem(problem: Problem, file: YamlFile, sources: ReadonlyMap<string, string>): string {
  const key = formatPath(problem.path)
  const variable = sources.get(key)
  const where =
    variable === undefined ? `${file.name}, line ${file.lineOf(problem.path)}` : `environment, ${variable}`
  return `${where}: ${key}: ${problem.text}`
}

const pathOf = (issue: Issue): Path =>
  issue.path.map((part) => (typeof part === 'number' ? part : String(part)))

function wordsOf(issue: Issue): string {
  // A record tells of a bad key only inside.
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message
  if (issue.message.startsWith('expected ') || issue.code !== 'invalid_type') return issue.message
  if (issue.expected === 'array') return 'expected a list'
  return issue.expected === 'object' ? 'expected keys with values' : `expected ${issue.expected}`
}

/** A sibling with a similar name, else the one place of the file where this very name belongs. */
function meantBy(path: Path, root: Place): string | undefined {
  const parent = path.slice(0, -1)
  const name = String(path.at(-1))
  const sibling = nearest(name, Object.keys(placeAt(parent, root)?.properties ?? {}))
  if (sibling !== undefined) return formatPath([...parent, sibling])
  const elsewhere = allKeys(root).filter((key) => key.slice(key.lastIndexOf('.') + 1) === name)
  return elsewhere.length === 1 ? elsewhere[0] : undefined
}

function valueAt(values: unknown, path: Path): unknown {
  let value = values
  for (const part of path) value = (value as Record<string | number, unknown> | undefined)?.[part]
  return value
}
