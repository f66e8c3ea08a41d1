import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { makeFolder } from './folders.ts'
import { postgresPrograms } from './installed.ts'
import { ServerProcess, freePort } from './server-process.ts'

const run = promisify(execFile)

/** A real PostgreSQL with a cluster of its own on a loopback port. C collation, trust authentication. */
export class Postgres {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly logPath: string
  /** URL of the database `postgres`, as superuser. */
  readonly url: string
  readonly #bin: string
  readonly #process: ServerProcess

  private constructor(folder: string, port: number, bin: string) {
    this.port = port
    this.logPath = join(folder, 'postgres.log')
    this.url = this.urlOf('postgres')
    this.#bin = bin
    // Data survives a kill of the processes without fsync, but not without synchronous_commit: that stays on.
    const settings = { port, listen_addresses: this.host, unix_socket_directories: folder, fsync: 'off' }
    this.#process = new ServerProcess({
      name: 'PostgreSQL',
      program: `${bin}/postgres`,
      args: [
        '-D',
        dataFolder(folder),
        ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ],
      user: 'postgres',
      logPath: this.logPath,
      ready: async () => this.#answers(),
    })
  }

  static async start(): Promise<Postgres> {
    const bin = postgresPrograms()
    if (bin === undefined) throw new Error('PostgreSQL is not installed: run test/real/install')
    const folder = makeFolder('postgres')
    const server = new Postgres(folder, await freePort(), bin)
    writeFileSync(server.logPath, '')
    await run('chown', ['-R', 'postgres:postgres', folder])
    const cluster = ['-D', dataFolder(folder), '-U', 'postgres', '-A', 'trust', '--no-sync']
    await asPostgres(`${bin}/initdb`, [...cluster, '-E', 'UTF8', '--locale=C'])
    await server.#process.start()
    return server
  }

  get running(): boolean {
    return this.#process.running
  }

  urlOf(database: string): string {
    return `postgres://postgres@${this.host}:${this.port}/${database}`
  }

  /** Makes an empty database and returns its URL. */
  async createDatabase(name: string): Promise<string> {
    const place = ['-h', this.host, '-p', String(this.port), '-U', 'postgres']
    await asPostgres(`${this.#bin}/createdb`, [...place, '-T', 'template0', name])
    return this.urlOf(name)
  }

  /** SIGKILL to the server and all its backends, as a power cut. */
  async kill(): Promise<void> {
    if (!this.#process.running) return
    const pid = this.#process.pid
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g) ?? []
    const backends = children.map(Number)
    await this.#process.kill()
    // A backend that outlives the server holds its shared memory, and the next start would refuse.
    for (const backend of backends.filter(isBackend)) process.kill(backend, 'SIGKILL')
    while (backends.some(isBackend)) await delay(10)
  }

  /** Starts again on the same port and data; ends the running server first. */
  async restart(): Promise<void> {
    await this.stop()
    await this.#process.start()
  }

  /** Ends the server, closing its connections; `restart` brings it back. */
  async stop(): Promise<void> {
    // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to go.
    await this.#process.stop('SIGINT')
  }

  async #answers(): Promise<boolean> {
    await run(`${this.#bin}/pg_isready`, ['-q', '-h', this.host, '-p', String(this.port)])
    return true
  }
}

const dataFolder = (folder: string): string => join(folder, 'data')

/** PostgreSQL's programs refuse to run as root. */
async function asPostgres(program: string, args: readonly string[]): Promise<void> {
  const identity = ['--reuid', 'postgres', '--regid', 'postgres', '--init-groups']
  await run('setpriv', [...identity, program, ...args], { cwd: '/' })
}

/** True for a living process named postgres; a zombie is gone for our purpose. */
function isBackend(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return /^Name:\s+postgres$/m.test(status) && !/^State:\s+Z/m.test(status)
  } catch {
    return false
  }
}
