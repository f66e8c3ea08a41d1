import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accepts } from './accepts.ts'
import { makeFolder } from './folders.ts'
import { ngircdProgram } from './installed.ts'
import { ServerProcess, freePort } from './server-process.ts'

export interface NgIrcdOptions {
  /** Lifts the limit of 3 lines a second and the 2 s that every error costs. */
  readonly unlimited?: boolean
}

/** A real ngIRCd on a loopback port: no tags, no echo, no labels; only multi-prefix. */
export class NgIrcd {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly serverName = 'ngircd.test'
  readonly logPath: string
  readonly #process: ServerProcess

  private constructor(folder: string, port: number, options: NgIrcdOptions) {
    this.port = port
    this.logPath = join(folder, 'ngircd.log')
    const configPath = join(folder, 'ngircd.conf')
    writeFileSync(configPath, configText(port, this.serverName, options))
    writeFileSync(this.logPath, '')
    execFileSync('chown', ['-R', 'irc:irc', folder])
    this.#process = new ServerProcess({
      name: 'ngIRCd',
      program: ngircdProgram,
      args: ['-n', '-f', configPath],
      // ngIRCd would drop to this user itself, but a change of user ends the death signal that setpriv sets.
      user: 'irc',
      logPath: this.logPath,
      ready: () => accepts(port),
    })
  }

  static async start(options: NgIrcdOptions = {}): Promise<NgIrcd> {
    const server = new NgIrcd(makeFolder('ngircd'), await freePort(), options)
    await server.#process.start()
    return server
  }

  get running(): boolean {
    return this.#process.running
  }

  /** SIGKILL: all links end without a word. */
  async kill(): Promise<void> {
    await this.#process.kill()
  }

  /** Starts again on the same port, with no channels and no users; ends the running server first. */
  async restart(): Promise<void> {
    await this.#process.stop()
    await this.#process.start()
  }

  /** Ends the server properly; `restart` brings it back. */
  async stop(): Promise<void> {
    await this.#process.stop()
  }
}

function configText(port: number, serverName: string, options: NgIrcdOptions): string {
  return [
    '[Global]',
    `Name = ${serverName}`,
    'Info = test',
    'Listen = 127.0.0.1',
    `Ports = ${port}`,
    'MotdPhrase = test',
    'ServerUID = irc',
    'ServerGID = irc',
    '[Limits]',
    'MaxNickLength = 30',
    'MaxConnections = 0',
    'MaxConnectionsIP = 0',
    'MaxJoins = 0',
    ...(options.unlimited === true ? ['MaxPenaltyTime = 0'] : []),
    '[Options]',
    'DNS = no',
    'Ident = no',
    'PAM = no',
    '',
  ].join('\n')
}
