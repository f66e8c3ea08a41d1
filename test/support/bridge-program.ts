import { flushCompileCache } from 'node:module'
import { assemble } from '../../src/assemble.ts'
import { systemClock } from '../../src/model/clock.ts'
import type { Connector } from '../../src/model/network.ts'
import { IrcConnector } from '../../src/networks/irc/connector.ts'
import type { IrcConfig } from '../../src/networks/irc/config.ts'
import { TelegramConnector } from '../../src/networks/telegram/connector.ts'
import type { TelegramConfig } from '../../src/networks/telegram/config.ts'
import type { WhatsAppConfig } from '../../src/networks/whatsapp/config.ts'
import { WhatsAppConnector } from '../../src/networks/whatsapp/connector.ts'
import { Database } from '../../src/store/db.ts'
import { testLog, testMatrixConfig, testSettings } from './settings.ts'

/** What `bridge-process.ts` hands to the program that it starts. */
export type ProgramOptions = {
  databaseUrl: string
  homeserverUrl: string
  port: number
  irc?: IrcConfig
  telegram?: TelegramConfig
  whatsapp?: WhatsAppConfig
  mediaUrl?: string
}

/** A whole Viaduct as a program of its own, so that a test can kill it at any instant. */
const options = JSON.parse(process.env['VIADUCT_TEST_OPTIONS'] ?? '{}') as ProgramOptions
const { irc, telegram, whatsapp } = options
const connectors: Connector[] = [
  ...(irc === undefined ? [] : [new IrcConnector(irc)]),
  ...(telegram === undefined ? [] : [new TelegramConnector(telegram, { backoffMs: 50 })]),
  ...(whatsapp === undefined ? [] : [new WhatsAppConnector(whatsapp, { backoffMs: 100 })]),
]
const db = await Database.open({ url: options.databaseUrl, owner: true })
const running = await assemble({
  db,
  matrix: testMatrixConfig(options.homeserverUrl),
  connectors,
  settings: testSettings(),
  listen: { host: '127.0.0.1', port: options.port },
  keys: { vault: Buffer.alloc(32, 1), links: Buffer.alloc(32, 2) },
  mediaProxy: { publicUrl: options.mediaUrl, expiryMs: 86_400_000 },
  nudge: false,
  lockWaitMs: 20_000,
  clock: systemClock,
  log: testLog,
  onLost: (why) => {
    console.error(why)
    process.exit(1)
  },
})
process.stdout.write(`listening ${running.port}\n`)
// Whoever is killed leaves nothing behind.
flushCompileCache()
process.on('SIGTERM', () => {
  void running
    .stop(5_000)
    .then(() => db.close())
    .then(() => process.exit(0))
})
