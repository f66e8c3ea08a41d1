import { chown, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ViaductError } from '../../model/errors.ts'
import type { Account, Ids } from './account.ts'
import { libraryVariables } from './binaries.ts'
import type { Binaries } from './binaries.ts'
import { explain } from './explain.ts'
import { startGuarded } from './guarded.ts'
import { USER } from './names.ts'

const FLAGS = ['-U', USER, '-A', 'trust', '-E', 'UTF8', '--no-instructions']
const LOCALE = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']

/** Folders that this process is filling, so that it does not take them for a dead one's. */
const ours = new Set<string>()
let made = 0

/** Who owns the cluster; undefined when there is none yet. */
export async function clusterOwner(dataDir: string): Promise<Ids | undefined> {
  try {
    const { uid, gid } = await stat(join(dataDir, 'PG_VERSION'))
    return { uid, gid }
  } catch {
    return undefined
  }
}

/**
 * Makes a cluster at `dataDir`: filled beside it, then renamed, so that a kill at any time leaves either a whole one
 * or none. When another process wins the race, its cluster stays.
 */
export async function createCluster(
  dataDir: string,
  binaries: Binaries,
  account: Account,
  options: { sync: boolean; log: (line: string) => void },
): Promise<void> {
  const parent = dirname(dataDir)
  if (await holdsFiles(dataDir)) throw foreignFiles(dataDir)
  await removeAbandoned(dataDir)
  const fresh = `${dataDir}.new-${process.pid}-${made++}`
  ours.add(fresh)
  try {
    await rm(fresh, { recursive: true, force: true })
    await mkdir(fresh, { mode: 0o700 })
    if (account.ids) await chown(fresh, account.ids.uid, account.ids.gid)
    const flags = [...FLAGS, ...LOCALE, ...(options.sync ? [] : ['--no-sync'])]
    const command = ['env', ...libraryVariables(binaries), binaries.initdb, '-D', fresh, ...flags]
    const { code, lines } = await startGuarded(command, account, () => {}).exited
    if (code !== 0) throw explain('The embedded database could not be made', lines)
    await rename(fresh, dataDir)
    await fsyncFolder(parent)
    options.log(`database: made a new one in ${dataDir}`)
  } catch (error) {
    if ((await clusterOwner(dataDir)) !== undefined) return
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'ENOTEMPTY' || error.code === 'EEXIST')
    ) {
      throw foreignFiles(dataDir, error)
    }
    throw error
  } finally {
    await rm(fresh, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => {})
    ours.delete(fresh)
  }
}

/** Removes what first starts that were killed have left. */
async function removeAbandoned(dataDir: string): Promise<void> {
  const prefix = `${basename(dataDir)}.new-`
  for (const name of await readdir(dirname(dataDir))) {
    if (!name.startsWith(prefix)) continue
    const path = join(dirname(dataDir), name)
    const pid = Number.parseInt(name.slice(prefix.length), 10)
    // In a container every start can have the same pid.
    const abandoned = pid === process.pid ? !ours.has(path) : !isAlive(pid)
    if (abandoned)
      await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }).catch(() => {})
  }
}

async function holdsFiles(dataDir: string): Promise<boolean> {
  const names = await readdir(dataDir).catch(() => [])
  // Another process may have finished its cluster since we looked.
  return names.length > 0 && (await clusterOwner(dataDir)) === undefined
}

function foreignFiles(dataDir: string, cause?: unknown): ViaductError {
  return new ViaductError('bad_config', `${dataDir} holds files that are not a database; move them away.`, {
    cause,
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function fsyncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
