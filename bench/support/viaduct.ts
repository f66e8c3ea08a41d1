import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { testRegistration } from '../../test/support/settings.ts'
import { descendants, nameOf } from './process.ts'

const CLI = fileURLToPath(new URL('../../bin/viaduct.js', import.meta.url))

export type ViaductOptions = {
  /** Takes configuration, database and log; removed by whoever made it. */
  folder: string
  homeserverUrl: string
  serverName: string
  port: number
  ircPort?: number
  /** A loopback Telegram. */
  telegram?: { host: string; port: number; publicKey: string }
  /** A loopback WhatsApp, and the root that signs its keys, in hexadecimal. */
  whatsapp?: { url: string; root: string }
  /** Arguments for node, such as those of a profiler. */
  execArgv?: string[]
}

/** The program as people run it, with its own embedded database: `viaduct run`. */
export class Viaduct {
  readonly #options: ViaductOptions
  #child: ChildProcess | undefined

  constructor(options: ViaductOptions) {
    this.#options = options
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}`
  }

  get databaseFolder(): string {
    return join(this.#options.folder, 'data', 'postgres')
  }

  /** The processes of the embedded database. */
  get databasePids(): number[] {
    return descendants(this.pid).filter((pid) => nameOf(pid).startsWith('postgres'))
  }

  /** Resolves with the milliseconds from the start of the process to its word that it runs. */
  async start(): Promise<number> {
    const { folder, execArgv = [] } = this.#options
    const path = writeConfig(this.#options)
    const began = performance.now()
    // As its first line starts it, by the Node that runs this.
    const child = spawn(CLI, ['run', '--config', path], {
      env: {
        ...process.env,
        PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
        NODE_OPTIONS: execArgv.join(' '),
        VIADUCT_SECRETS: join(folder, 'secrets.yaml'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    const log = join(folder, 'viaduct.log')
    await new Promise<void>((resolve, reject) => {
      let said = ''
      const hear = (chunk: Buffer) => {
        appendFileSync(log, chunk)
        said = (said + chunk.toString()).slice(-10_000)
        if (said.includes('"msg":"viaduct runs"')) resolve()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.once('exit', (code) => reject(new Error(`viaduct ended with ${code}:\n${said}`)))
    })
    return performance.now() - began
  }

  /** Resolves when the bridge calls itself ready: database, homeserver and its way back to us work. */
  async ready(): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.url}/health/ready`)
      await response.text()
      if (response.ok) return
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
  }
}

function writeConfig(options: ViaductOptions): string {
  const { folder, homeserverUrl, serverName, port, ircPort, telegram, whatsapp } = options
  mkdirSync(folder, { recursive: true })
  const registration = testRegistration(null)
  const network = {
    id: 'bench',
    servers: [{ host: '127.0.0.1', port: ircPort, tls: false }],
    nick_template: '{localpart}',
    connect_per_second: 100,
    // Merged, a burst would say nothing of what a line takes.
    merge_floods: false,
    pace: { burst: 1000, per_second: 10_000 },
  }
  const config = {
    homeserver: { url: homeserverUrl, server_name: serverName },
    appservice: { id: registration.id, listen: { host: '127.0.0.1', port }, nudge: false },
    database: { data_dir: 'data' },
    permissions: { [serverName]: 'user' },
    irc: { networks: ircPort === undefined ? [] : [network] },
    ...(whatsapp && { whatsapp: { enabled: true, test_server: whatsapp } }),
    ...(telegram && {
      telegram: {
        api_id: 1,
        test_server: { host: telegram.host, port: telegram.port, public_key: telegram.publicKey },
      },
    }),
  }
  const secrets = {
    as_token: registration.asToken,
    hs_token: registration.hsToken,
    encryption_key: Buffer.alloc(32, 1).toString('base64'),
    media_key: Buffer.alloc(32, 2).toString('base64'),
    ...(telegram && { telegram: { api_hash: '0123456789abcdef'.repeat(2) } }),
  }
  // JSON is YAML.
  const path = join(folder, 'config.yaml')
  writeFileSync(path, JSON.stringify(config))
  writeFileSync(join(folder, 'secrets.yaml'), JSON.stringify(secrets), { mode: 0o600 })
  return path
}
