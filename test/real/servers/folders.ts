import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synapseInstances, synapseRoot } from './installed.ts'

const prefix = 'viaduct-real-'

const parents = (): string[] => [tmpdir(), join(synapseRoot, synapseInstances)]

/**
 * Makes a data folder under `parent`. It outlives a stopped server, so that the server can be restarted on it,
 * and is removed once the process that made it is gone.
 */
export function makeFolder(kind: string, parent = tmpdir()): string {
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(join(parent, `${prefix}${process.pid}-${kind}-`))
}

/** Removes the folders of processes that no longer run, also of those that were killed. */
export function removeAbandonedFolders(): void {
  for (const parent of parents()) {
    if (!existsSync(parent)) continue
    for (const name of readdirSync(parent)) {
      if (!name.startsWith(prefix)) continue
      const pid = Number.parseInt(name.slice(prefix.length), 10)
      if (!existsSync(`/proc/${pid}`)) rmSync(join(parent, name), { recursive: true, force: true })
    }
  }
}
