import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accepts } from './accepts.ts'
import { makeFolder } from './folders.ts'
import { inspircdProgram } from './installed.ts'
import { ServerProcess, freePort } from './server-process.ts'

/** Modules for every IRCv3 capability that InspIRCd 3 has without a services server. */
export const inspircdModules = [
  'cap',
  'ircv3',
  'ircv3_accounttag',
  'ircv3_batch',
  'ircv3_capnotify',
  'ircv3_chghost',
  'ircv3_ctctags',
  'ircv3_echomessage',
  'ircv3_invitenotify',
  'ircv3_labeledresponse',
  'ircv3_msgid',
  'ircv3_servertime',
  'setname',
  'namesx',
  'uhnames',
  'monitor',
  'botmode',
  'chghost',
] as const

/** How the server treats a fast sender. */
const floodAttributes = {
  /** Takes everything at once. */
  load: 'fakelag="off" threshold="100000" commandrate="100000000"',
  /** A burst of about 11 lines, then one a second. */
  realistic: 'fakelag="on" threshold="10" commandrate="1000"',
  /** Closes the link with "Excess Flood" after 10 lines. */
  killer: 'fakelag="off" threshold="10" commandrate="1000"',
}

export interface InspIrcdOptions {
  readonly flood?: keyof typeof floodAttributes
  /** `noLabels` leaves out labeled-response, `none` every module; a list is taken as it is. */
  readonly modules?: readonly string[] | 'all' | 'noLabels' | 'none'
  /** Further lines of the configuration. */
  readonly config?: readonly string[]
}

/** A real InspIRCd on a loopback port. Whoever makes a channel is its operator; channels are +nt. */
export class InspIrcd {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly serverName = 'inspircd.test'
  readonly logPath: string
  readonly #process: ServerProcess

  private constructor(folder: string, port: number, options: InspIrcdOptions) {
    this.port = port
    this.logPath = join(folder, 'inspircd.log')
    const configPath = join(folder, 'inspircd.conf')
    writeFileSync(configPath, configText(folder, port, this.serverName, options))
    writeFileSync(this.logPath, '')
    execFileSync('chown', ['-R', 'irc:irc', folder])
    this.#process = new ServerProcess({
      name: 'InspIRCd',
      program: inspircdProgram,
      args: ['--nofork', '--nopid', '--config', configPath],
      user: 'irc',
      logPath: this.logPath,
      ready: () => accepts(port),
    })
  }

  static async start(options: InspIrcdOptions = {}): Promise<InspIrcd> {
    const server = new InspIrcd(makeFolder('inspircd'), await freePort(), options)
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

function configText(folder: string, port: number, serverName: string, options: InspIrcdOptions): string {
  const modules = moduleNames(options.modules ?? 'all')
  return [
    '<config format="xml">',
    `<server name="${serverName}" description="test" network="TestNet" id="1AA">`,
    '<admin name="test" email="test@localhost" nick="test">',
    `<bind address="127.0.0.1" port="${port}" type="clients">`,
    `<path configdir="${folder}" datadir="${folder}" logdir="${folder}" moduledir="/usr/lib/inspircd/modules" runtimedir="${folder}">`,
    `<connect name="all" allow="*" timeout="60" pingfreq="120" localmax="1000" globalmax="1000" maxchans="500" useident="no" resolvehostnames="no" recvq="4194304" softsendq="4194304" hardsendq="67108864" ${floodAttributes[options.flood ?? 'load']}>`,
    '<options defaultmodes="not" casemapping="ascii" syntaxhints="no">',
    '<performance netbuffersize="10240" somaxconn="128" softlimit="4096" quietbursts="yes">',
    '<security hidesplits="no" hidebans="no" maxtargets="20">',
    '<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="server.log">',
    ...modules.map((name) => `<module name="${name}">`),
    ...(options.config ?? []),
    '',
  ].join('\n')
}

function moduleNames(choice: NonNullable<InspIrcdOptions['modules']>): readonly string[] {
  switch (choice) {
    case 'all':
      return inspircdModules
    case 'noLabels':
      return inspircdModules.filter((name) => name !== 'ircv3_labeledresponse')
    case 'none':
      return []
    default:
      return choice
  }
}
