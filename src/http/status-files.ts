import { readFileSync, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('web/status/', import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export type PageFile = { type: string; body: Buffer }

/** The files of the status page by their path. They hold nothing of the installation, so anybody may have them. */
export function statusFiles(): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const name of readdirSync(FOLDER)) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const path = name === 'index.html' ? '/status' : `/status/${name}`
    files.set(path, { type, body: readFileSync(join(FOLDER, name)) })
  }
  return files
}
