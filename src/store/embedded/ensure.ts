import { chooseAccount, giveTo } from './account.ts'
import { findBinaries } from './binaries.ts'
import { clusterOwner, createCluster } from './cluster.ts'
import { explain } from './explain.ts'
import type { Guarded } from './guarded.ts'
import { inspect, removeStale, removeStaleSocketLock } from './postmaster.ts'
import type { Address } from './postmaster.ts'
import { launch, prepareSocketDir } from './server.ts'

export type ServerSettings = { dataDir: string; sync: boolean; log: (line: string) => void }

/** A server that answers; `server` is there when it is our child. */
export type Running = { address: Address; server: Guarded | undefined }

const POLL_MS = 15
const LONGEST_WAIT_MS = 500
/** Crash recovery after a long run can take minutes. */
const READY_WITHIN_MS = 300_000

/** A start that lost against another one, or against the remains of a killed server; the next look tells. */
const LOST_RACE = /lock file ".*" already exists|pre-existing shared memory block/

/**
 * Finds the server of the folder, or makes the cluster and starts one. Several processes may do this at once.
 * @returns undefined when the signal was aborted first.
 */
export async function ensureRunning(
  settings: ServerSettings,
  signal: AbortSignal,
): Promise<Running | undefined> {
  const deadline = Date.now() + READY_WITHIN_MS
  let waitMs = POLL_MS
  let lastWords: string[] = []
  while (Date.now() < deadline) {
    if (signal.aborted) return undefined
    const found = await inspect(settings.dataDir)
    if (found.kind === 'ready') return { address: found.address, server: undefined }
    if (found.kind === 'stale') await removeStale(settings.dataDir, found)
    if (found.kind === 'down') {
      const attempt = await tryStart(settings, signal)
      if ('address' in attempt) return attempt
      lastWords = attempt.lines
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
    }
    await delay(waitMs)
  }
  throw explain('The embedded database did not become ready in time', lastWords)
}

/** Only the server's words when another process was first, or when the remains of a killed server are not gone yet. */
async function tryStart(
  settings: ServerSettings,
  signal: AbortSignal,
): Promise<Running | { lines: string[] }> {
  const { dataDir } = settings
  const binaries = await findBinaries(`${dataDir}.lib`)
  const owner = await clusterOwner(dataDir)
  const account = await chooseAccount(binaries, dataDir, owner)
  if (owner === undefined) await createCluster(dataDir, binaries, account, settings)
  else if (account.ids && owner.uid !== account.ids.uid) await giveTo(account.ids, dataDir)
  const socketDir = await prepareSocketDir(dataDir, account)
  await removeStaleSocketLock(dataDir, socketDir)
  const server = launch(dataDir, socketDir, binaries, account, settings)
  let exit: Awaited<Guarded['exited']> | undefined
  void server.exited.then((value) => {
    exit = value
  })
  for (;;) {
    const found = await inspect(dataDir)
    if (exit !== undefined) break
    // Somebody else's may be ready while ours has yet to notice that it was too late.
    if (found.kind === 'ready' && found.parentPid === server.parentPid) {
      server.release()
      return { address: found.address, server }
    }
    if (signal.aborted) {
      await server.end()
      return { lines: [] }
    }
    await delay(POLL_MS)
  }
  if (LOST_RACE.test(exit.lines.join('\n'))) return { lines: exit.lines }
  throw explain('The embedded database did not start', exit.lines)
}

function delay(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
