import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

export const MINIMAL = `homeserver:
  url: http://127.0.0.1:8008
  server_name: example.org
permissions:
  "@admin:example.org": admin
`

export const KEY = Buffer.alloc(32, 7).toString('base64')

export const SECRETS = `as_token: as-as-as-as-as-as-as
hs_token: hs-hs-hs-hs-hs-hs-hs
encryption_key: ${KEY}
`

const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** A new folder with the files; the path of its config.yaml. */
export function folderWith(files: Record<string, string>, modes: Record<string, number> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'viaduct-config-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: modes[name] ?? 0o600 })
  }
  return join(folder, 'config.yaml')
}
