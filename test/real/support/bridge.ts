import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parseDocument } from 'yaml'
import { makeFolder } from '../servers/folders.ts'
import { freePort, ServerProcess } from '../servers/server-process.ts'

const run = promisify(execFile)
const CLI = fileURLToPath(new URL('../../../bin/viaduct.js', import.meta.url))

export interface BridgeOptions {
  readonly homeserverUrl: string
  readonly serverName: string
  readonly admin: string
  /** No IRC unless given. */
  readonly ircPort?: number
  /** No Telegram unless given. */
  readonly telegram?: { readonly host: string; readonly port: number; readonly publicKey: string }
  /** No WhatsApp unless given: where a loopback one is, the root that signs its keys, and what makes Node trust its media host. */
  readonly whatsapp?: {
    readonly url: string
    readonly root: string
    readonly preload: {
      readonly execArgv: readonly string[]
      readonly env: Readonly<Record<string, string>>
    }
  }
  /** The bridge runs a PostgreSQL of its own unless given. */
  readonly databaseUrl?: string
  /** Channels of the bridge's own connection, where people without a login can speak. */
  readonly channels?: readonly string[]
  /** Keys of the network's entry in the configuration that replace what `init` wrote. */
  readonly network?: Readonly<Record<string, unknown>>
}

/** A row of the ledger, as `viaduct ledger list --json` prints it. */
export interface LedgerRow {
  readonly id: number
  readonly state: string
  readonly direction: 'to_remote' | 'to_matrix'
  readonly kind: string
  readonly sender: string
  readonly sourceId: string
  readonly chatId: string
  readonly errorCode: string | null
  readonly errorText: string | null
}

type Edit = readonly [path: readonly (string | number)[], value: unknown]
const edit = (path: (string | number)[], value: unknown): Edit => [path, value]

/** A Viaduct as somebody new to it gets it: a folder that `init` filled, an editor, and the command line. */
export class Bridge {
  readonly folder: string
  readonly port: number
  readonly url: string
  readonly logPath: string
  readonly registrationPath: string
  kills = 0
  readonly #process: ServerProcess

  private constructor(folder: string, port: number, { whatsapp }: Pick<BridgeOptions, 'whatsapp'>) {
    const { execArgv = [], env = {} } = whatsapp?.preload ?? {}
    this.folder = folder
    this.port = port
    this.url = `http://127.0.0.1:${port}`
    this.logPath = join(folder, 'bridge.log')
    this.registrationPath = join(folder, 'registration.yaml')
    this.#process = new ServerProcess({
      name: 'Viaduct',
      program: process.execPath,
      args: [...execArgv, CLI, 'run', '--config', this.#config],
      logPath: this.logPath,
      env,
      ready: async () => (await fetch(`${this.url}/health/live`)).ok,
    })
  }

  /** Writes configuration, secrets and registration with `init`, and edits the first of them as a person would. */
  static async init(o: BridgeOptions): Promise<Bridge> {
    const bridge = new Bridge(makeFolder('bridge'), await freePort(), o)
    const { hostname, port } = new URL(bridge.url)
    const answers = {
      'server-name': o.serverName,
      'homeserver-url': o.homeserverUrl,
      admin: o.admin,
      listen: `${hostname}:${port}`,
      irc: o.ircPort === undefined ? 'none' : `127.0.0.1:${o.ircPort}`,
      telegram: o.telegram === undefined ? 'none' : `1:${'0123456789abcdef'.repeat(2)}`,
      whatsapp: o.whatsapp === undefined ? 'no' : 'yes',
      dir: bridge.folder,
    }
    await bridge.cli(
      'init',
      '--yes',
      ...Object.entries(answers).flatMap(([flag, text]) => [`--${flag}`, text]),
    )
    bridge.edit([
      [['media_proxy', 'public_url'], bridge.url],
      [['database', 'url'], o.databaseUrl],
      ...(o.ircPort === undefined
        ? []
        : [
            edit(['irc', 'networks', 0, 'servers', 0, 'tls'], false),
            edit(
              ['irc', 'networks', 0, 'channels'],
              (o.channels ?? []).map((name) => ({ name, relay: true })),
            ),
          ]),
      ...(o.telegram === undefined
        ? []
        : [
            edit(['telegram', 'test_server'], {
              host: o.telegram.host,
              port: o.telegram.port,
              public_key: o.telegram.publicKey,
            }),
          ]),
      ...(o.whatsapp === undefined
        ? []
        : [edit(['whatsapp', 'test_server'], { url: o.whatsapp.url, root: o.whatsapp.root })]),
      ...Object.entries(o.network ?? {}).map(([key, value]): [string[], unknown] => [
        ['irc', 'networks', '0', key],
        value,
      ]),
    ])
    await bridge.cli('registration', '--write', '--config', bridge.#config)
    return bridge
  }

  get #config(): string {
    return join(this.folder, 'config.yaml')
  }

  /** Sets keys of the configuration; undefined leaves one as it is. */
  edit(changes: readonly Edit[]): void {
    const document = parseDocument(readFileSync(this.#config, 'utf8'))
    for (const [path, value] of changes) {
      if (value !== undefined) document.setIn(path, document.createNode(value))
    }
    writeFileSync(this.#config, document.toString())
  }

  /** Runs the command line and gives what it prints. Rejects when it fails. */
  async cli(...words: readonly string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [CLI, ...words], { maxBuffer: 1 << 28 })
    return stdout
  }

  /** `viaduct doctor`; rejects when it finds a fault. */
  async doctor(): Promise<string> {
    return this.cli('doctor', '--config', this.#config)
  }

  async start(): Promise<void> {
    await this.#process.start()
  }

  /** SIGKILL: nothing is said, nothing is flushed. */
  async kill(): Promise<void> {
    this.kills += 1
    await this.#process.kill()
  }

  /** SIGTERM: drains. */
  async stop(): Promise<void> {
    await this.#process.stop()
  }

  get running(): boolean {
    return this.#process.running
  }

  /** Rows in these states; `failed` and `waiting` stand for several. */
  async ledger(...states: readonly string[]): Promise<LedgerRow[]> {
    const filter = ['--state', states.join(','), '--limit', '1000000']
    const text = await this.cli('ledger', 'list', '--json', '--config', this.#config, ...filter)
    return text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LedgerRow)
  }

  /** One sample of `/metrics`, by its name with labels; 0 when there is none yet. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text()
    const line = text.split('\n').find((each) => each.startsWith(`${name} `))
    return line === undefined ? 0 : Number(line.slice(name.length))
  }

  /** The lines of its log that are at least warnings. */
  warnings(): string[] {
    return readFileSync(this.logPath, 'utf8')
      .split('\n')
      .filter((line) => /"level":"?(warn|error|40|50|60)/.test(line))
  }
}
