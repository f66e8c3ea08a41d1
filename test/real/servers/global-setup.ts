import { missingServers } from './installed.ts'
import { removeAbandonedFolders } from './folders.ts'

/** Fails, rather than skips, when a server is missing: a skipped proof looks like a passed one. */
export function setup(): void {
  const missing = missingServers()
  if (missing.length > 0) {
    throw new Error(`missing for test/real: ${missing.join(', ')}. Run test/real/install as root first.`)
  }
  removeAbandonedFolders()
}

export function teardown(): void {
  removeAbandonedFolders()
}
