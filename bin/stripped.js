// Plain JavaScript, for it stands between Node and the first TypeScript file.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import module from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the sources are kept without their types. */
export const FOLDER = fileURLToPath(new URL('../node_modules/.cache/viaduct', import.meta.url))

/** The name of a source there: a text that was changed is another, whatever the file's date says. */
export const nameOf = (text) => `${createHash('sha256').update(text).digest('hex').slice(0, 32)}.js`

const STRIP = fileURLToPath(new URL('strip.js', import.meta.url))

let hasStripped = false

/**
 * Loads TypeScript files as they were kept by an earlier start: Node's own stripper would stay in memory, 18 MB of it, and
 * the compiled code that Node can keep is kept in memory as well, 15 MB. What is missing is made by another process, which
 * ends. Where nothing can be kept, Node does it.
 */
export function loadStripped() {
  module.registerHooks({
    load(url, context, next) {
      if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context)
      const kept = join(FOLDER, nameOf(readFileSync(fileURLToPath(url), 'utf8')))
      const source = read(kept) ?? (strip() ? read(kept) : undefined)
      return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true }
    },
  })
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Once at most: what is missing after it can't be kept. */
function strip() {
  if (hasStripped) return false
  hasStripped = true
  return (
    spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', STRIP], { stdio: 'ignore' })
      .status === 0
  )
}
