import { mkdir, realpath } from 'node:fs/promises'
import { Socket } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { Client } from 'pg'
import { messageOf } from '../../model/errors.ts'
import { ensureRunning } from './ensure.ts'
import type { Running, ServerSettings } from './ensure.ts'
import type { Address } from './postmaster.ts'

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
  /** For `Database.open`; the same after every restart of the server. */
  connection: Address
  /** False while another process runs the server and this one only uses it. */
  readonly owned: boolean
  /** Stops the server, if this process runs it; close the connections first. Another process that uses it takes over. */
  stop: () => Promise<void>
}

const LONGEST_RETRY_MS = 5_000

/**
 * Starts the PostgreSQL of npm's platform package on a Unix socket, or finds the one that another process runs on the
 * same folder. It ends with this process, also when that is killed; when it ends by itself, or with the process that
 * ran it, it is started again.
 * @throws ViaductError `bad_config`, `database_full` or `database_down`, with what to do.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const wanted = resolve(options.dataDir)
  // Others may pass through, for the account that runs the server when we are root; the cluster itself is closed.
  await mkdir(dirname(wanted), { recursive: true, mode: 0o711 })
  const dataDir = join(await realpath(dirname(wanted)), basename(wanted))
  const keeper = new Keeper({ dataDir, sync: options.unsafeNoSync !== true, log: options.log ?? (() => {}) })
  const { address } = await keeper.start()
  return {
    socketDir: address.host,
    port: address.port,
    connection: address,
    get owned() {
      return keeper.owned
    },
    stop: () => keeper.stop(),
  }
}

/** Keeps one server running, ours or another process's, until it is stopped. */
class Keeper {
  readonly #settings: ServerSettings
  readonly #stopping = new AbortController()
  #running: Running | undefined
  #mending: Promise<void> | undefined
  #watch: { client: Client; socket: Socket } | undefined

  constructor(settings: ServerSettings) {
    this.#settings = settings
  }

  get owned(): boolean {
    return this.#running?.server !== undefined
  }

  async start(): Promise<Running> {
    const running = await ensureRunning(this.#settings, this.#stopping.signal)
    if (running === undefined) throw new Error('embedded database stopped while it starts')
    await this.#keep(running)
    return running
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#mending
    this.#watch?.socket.ref()
    await this.#watch?.client.end().catch(() => {})
    await this.#running?.server?.end()
  }

  async #keep(running: Running): Promise<void> {
    this.#running = running
    if (running.server) void running.server.exited.then(() => this.#lost(running))
    else await this.#watchOther(running)
  }

  /** An open connection ends with the server, whoever runs it. */
  async #watchOther(running: Running): Promise<void> {
    const socket = new Socket()
    const watch = new Client({ ...running.address, application_name: 'viaduct watch', stream: () => socket })
    this.#watch = { client: watch, socket }
    watch.on('error', () => {})
    watch.on('end', () => this.#lost(running))
    try {
      await watch.connect()
      socket.unref()
    } catch {
      this.#lost(running)
    }
  }

  #lost(running: Running): void {
    if (this.#running !== running || this.#stopping.signal.aborted) return
    this.#running = undefined
    this.#mending ??= this.#mend().finally(() => {
      this.#mending = undefined
    })
  }

  async #mend(): Promise<void> {
    const { signal } = this.#stopping
    this.#settings.log('database: the server has ended, looking for another')
    for (let retryMs = 50; !signal.aborted; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      try {
        const running = await ensureRunning(this.#settings, signal)
        if (running === undefined) return
        await this.#keep(running)
        if (this.#running === running) return
      } catch (error) {
        this.#settings.log(`database: ${messageOf(error)}`)
      }
      await pause(retryMs, signal)
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        done()
      },
      { once: true },
    )
  })
}
