import { randomBytes } from 'node:crypto'
import { copyFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { makeFolder } from './folders.ts'
import { synapseInstances, synapseRoot } from './installed.ts'
import { ServerProcess, freePort } from './server-process.ts'

export interface SynapseOptions {
  /** Paths of registration files; they are copied into the instance. */
  readonly appservices?: readonly string[]
  /** Top-level configuration keys that replace ours. */
  readonly config?: Readonly<Record<string, unknown>>
  /** SQLite, or the URL of an empty Postgres database with C collation. */
  readonly database?: 'sqlite' | { readonly postgresUrl: string }
  /** Adds a registration with a null url that may act as every local user. */
  readonly doublePuppet?: boolean
  readonly serverName?: string
  /** A free loopback port; one is chosen unless given. */
  readonly port?: number
}

export interface RegisteredUser {
  readonly userId: string
  readonly accessToken: string
  readonly deviceId: string
  readonly password: string
}

const secret = (): string => randomBytes(32).toString('hex')

/** A real Synapse on a loopback port, without rate limits, without federation, with open registration. */
export class Synapse {
  readonly url: string
  readonly serverName: string
  readonly logPath: string
  /** The as_token of the double puppet registration, when one was asked for. */
  readonly doublePuppetToken: string | undefined
  readonly #process: ServerProcess

  private constructor(folder: string, port: number, options: SynapseOptions) {
    this.url = `http://127.0.0.1:${port}`
    this.serverName = options.serverName ?? 'synapse.test'
    this.logPath = join(folder, 'homeserver.log')
    this.doublePuppetToken = options.doublePuppet === true ? secret() : undefined
    this.#writeFiles(folder, port, options)
    this.#process = new ServerProcess({
      name: 'Synapse',
      program: 'chroot',
      args: [
        synapseRoot,
        'python3',
        '-m',
        'synapse.app.homeserver',
        '-c',
        `${inside(folder)}/homeserver.yaml`,
      ],
      logPath: this.logPath,
      ready: async () => (await fetch(`${this.url}/_matrix/client/versions`)).ok,
    })
  }

  static async start(options: SynapseOptions = {}): Promise<Synapse> {
    const folder = makeFolder('synapse', join(synapseRoot, synapseInstances))
    const synapse = new Synapse(folder, options.port ?? (await freePort()), options)
    await synapse.#process.start()
    return synapse
  }

  get running(): boolean {
    return this.#process.running
  }

  /** SIGKILL, as a crash: what is only in Synapse's memory is lost. */
  async kill(): Promise<void> {
    await this.#process.kill()
  }

  /** Starts again on the same port and data; ends the running server properly first. */
  async restart(): Promise<void> {
    await this.#process.stop()
    await this.#process.start()
  }

  /** Ends the server properly; `restart` brings it back. */
  async stop(): Promise<void> {
    await this.#process.stop()
  }

  /** Registers a human with a device. Throws when the name is taken. */
  async registerUser(name: string): Promise<RegisteredUser> {
    const password = secret()
    const response = await fetch(`${this.url}/_matrix/client/v3/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: name, password, auth: { type: 'm.login.dummy' } }),
    })
    const answer = (await response.json()) as Record<string, string>
    const { user_id: userId, access_token: accessToken, device_id: deviceId } = answer
    if (userId === undefined || accessToken === undefined || deviceId === undefined) {
      throw new Error(`register ${name}: ${response.status} ${JSON.stringify(answer)}`)
    }
    return { userId, accessToken, deviceId, password }
  }

  #writeFiles(folder: string, port: number, options: SynapseOptions): void {
    const registrations = (options.appservices ?? []).map((path, index) => {
      const name = `appservice-${index}.yaml`
      copyFileSync(path, join(folder, name))
      return `${inside(folder)}/${name}`
    })
    if (this.doublePuppetToken !== undefined) {
      writeJson(
        join(folder, 'double-puppet.yaml'),
        doublePuppetRegistration(this.serverName, this.doublePuppetToken),
      )
      registrations.push(`${inside(folder)}/double-puppet.yaml`)
    }
    // Signing key file: algorithm, key id, unpadded base64 of the seed.
    const seed = randomBytes(32).toString('base64').replaceAll('=', '')
    writeFileSync(join(folder, 'signing.key'), `ed25519 a_test ${seed}\n`, { mode: 0o600 })
    writeJson(join(folder, 'log.yaml'), logConfig)
    writeJson(join(folder, 'homeserver.yaml'), {
      ...baseConfig(inside(folder), port, this.serverName),
      database: databaseConfig(inside(folder), options.database ?? 'sqlite'),
      app_service_config_files: registrations,
      ...options.config,
    })
  }
}

/** The path of an instance's folder as Synapse sees it. */
const inside = (folder: string): string => `${synapseInstances}/${basename(folder)}`

// JSON is YAML, so no library is needed to write the configuration.
const writeJson = (path: string, value: unknown): void => writeFileSync(path, JSON.stringify(value, null, 2))

const unlimited = { per_second: 100_000, burst_count: 100_000 }

function baseConfig(folder: string, port: number, serverName: string): Record<string, unknown> {
  return {
    server_name: serverName,
    public_baseurl: `http://127.0.0.1:${port}/`,
    pid_file: `${folder}/homeserver.pid`,
    listeners: [
      { port, bind_addresses: ['127.0.0.1'], type: 'http', tls: false, resources: [{ names: ['client'] }] },
    ],
    log_config: `${folder}/log.yaml`,
    media_store_path: `${folder}/media`,
    signing_key_path: `${folder}/signing.key`,
    macaroon_secret_key: secret(),
    form_secret: secret(),
    report_stats: false,
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    federation_domain_whitelist: [],
    enable_registration: true,
    enable_registration_without_verification: true,
    bcrypt_rounds: 4,
    filter_timeline_limit: -1,
    presence: { enabled: false },
    rc_message: unlimited,
    rc_registration: unlimited,
    rc_login: { address: unlimited, account: unlimited, failed_attempts: unlimited },
    rc_joins: { local: unlimited, remote: unlimited },
    rc_joins_per_room: unlimited,
    rc_invites: { per_room: unlimited, per_user: unlimited, per_issuer: unlimited },
    rc_room_creation: unlimited,
    rc_media_create: unlimited,
  }
}

const logConfig = {
  version: 1,
  formatters: { line: { format: '%(asctime)s %(levelname)s %(name)s %(message)s' } },
  handlers: { console: { class: 'logging.StreamHandler', formatter: 'line' } },
  root: { level: 'INFO', handlers: ['console'] },
  disable_existing_loggers: false,
}

function databaseConfig(folder: string, database: NonNullable<SynapseOptions['database']>): unknown {
  if (database === 'sqlite') return { name: 'sqlite3', args: { database: `${folder}/homeserver.db` } }
  return { name: 'psycopg2', args: { dsn: database.postgresUrl, cp_min: 2, cp_max: 10 } }
}

function doublePuppetRegistration(serverName: string, asToken: string): unknown {
  const users = [{ exclusive: false, regex: `@.*:${serverName.replaceAll('.', '\\.')}` }]
  return {
    id: 'double-puppet',
    url: null,
    as_token: asToken,
    hs_token: secret(),
    sender_localpart: '_double_puppet',
    rate_limited: false,
    namespaces: { users, aliases: [], rooms: [] },
  }
}
