import { readFileSync } from 'node:fs'

/** The version of this program, from its package. */
export const VERSION: string = read()

function read(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version?: unknown }
  return typeof version === 'string' ? version : 'unknown'
}
