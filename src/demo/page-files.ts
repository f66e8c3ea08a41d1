import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../http/web/demo/', import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export type PageFile = { type: string; body: string }

/** The files of the page by their path; the token goes where the page asks for it. */
export async function readPage(token: string): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>()
  for (const name of await readdir(FOLDER)) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const body = (await readFile(join(FOLDER, name), 'utf8')).replace('{{token}}', token)
    files.set(name === 'index.html' ? '/' : `/${name}`, { type, body })
  }
  return files
}
