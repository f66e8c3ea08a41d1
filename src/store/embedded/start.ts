import { mkdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { chooseAccount } from './account.ts'
import { findBinaries } from './binaries.ts'
import { clusterOwner, createCluster } from './cluster.ts'
import { explain } from './explain.ts'
import type { Guarded } from './guarded.ts'
import { inspect, removeStale } from './postmaster.ts'
import type { Address } from './postmaster.ts'
import { launch, prepareSocketDir } from './server.ts'

export type EmbeddedOptions = {
  /** The cluster's own folder; made when missing. Links and unfinished clusters are put beside it. */
  dataDir: string
  log?: (line: string) => void
  /** For tests of other things only: no fsync, so a power cut loses everything. */
  unsafeNoSync?: boolean
}

export type Embedded = {
  socketDir: string
  port: number
  /** For `Database.open`. */
  connection: Address
  /** False when another process runs the server and this one only uses it. */
  readonly owned: boolean
  /** Stops the server, if this process runs it, after its running statements were cut (fast shutdown). */
  stop(): Promise<void>
}

type Running = { address: Address; server: Guarded | undefined }

const POLL_MS = 15
/** Crash recovery after a long run can take minutes. */
const START_WITHIN_MS = 300_000

/** A start that lost against another one, or against the remains of a killed server; the next look tells. */
const LOST_RACE = /lock file ".*" already exists|pre-existing shared memory block/

/**
 * Starts the PostgreSQL of npm's platform package on a Unix socket, or finds the one that another process runs on the
 * same folder. It ends with this process, also when that is killed.
 * @throws ViaductError `bad_config`, `database_full` or `database_down`, with what to do.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const wanted = resolve(options.dataDir)
  // Others may pass through, for the account that runs the server when we are root; the cluster itself is closed.
  await mkdir(dirname(wanted), { recursive: true, mode: 0o711 })
  const dataDir = join(await realpath(dirname(wanted)), basename(wanted))
  const settings = { sync: options.unsafeNoSync !== true, log: options.log ?? (() => {}) }
  const running = await ensureRunning(dataDir, settings)
  return {
    socketDir: running.address.host,
    port: running.address.port,
    connection: running.address,
    owned: running.server !== undefined,
    async stop() {
      await running.server?.end()
    },
  }
}

async function ensureRunning(
  dataDir: string,
  settings: { sync: boolean; log: (line: string) => void },
): Promise<Running> {
  const deadline = Date.now() + START_WITHIN_MS
  while (Date.now() < deadline) {
    const found = await inspect(dataDir)
    if (found.kind === 'ready') return { address: found.address, server: undefined }
    if (found.kind === 'stale') await removeStale(dataDir, found)
    if (found.kind === 'down') {
      const running = await tryStart(dataDir, settings)
      if (running !== undefined) return running
    }
    await delay()
  }
  throw explain('The embedded database did not become ready in time', [])
}

/** Undefined when another process was first, or the remains of a killed server are not gone yet. */
async function tryStart(
  dataDir: string,
  settings: { sync: boolean; log: (line: string) => void },
): Promise<Running | undefined> {
  const binaries = await findBinaries(`${dataDir}.lib`)
  const account = await chooseAccount(binaries, await clusterOwner(dataDir))
  if ((await clusterOwner(dataDir)) === undefined) await createCluster(dataDir, binaries, account, settings)
  const socketDir = await prepareSocketDir(dataDir, account)
  const server = launch(dataDir, socketDir, binaries, account, settings)
  let exit: Awaited<Guarded['exited']> | undefined
  void server.exited.then((value) => {
    exit = value
  })
  for (;;) {
    const found = await inspect(dataDir)
    if (exit !== undefined) break
    if (found.kind === 'ready') {
      server.release()
      return { address: found.address, server }
    }
    await delay()
  }
  if (LOST_RACE.test(exit.lines.join('\n'))) return undefined
  throw explain('The embedded database did not start', exit.lines)
}

function delay(): Promise<void> {
  return new Promise((done) => setTimeout(done, POLL_MS))
}
