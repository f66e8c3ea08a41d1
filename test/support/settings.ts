import type { BridgeSettings } from '../../src/bridge/settings.ts'
import { matrixUserId } from '../../src/model/ids.ts'
import type { MatrixConfig } from '../../src/matrix/index.ts'
import type { Logger } from '../../src/model/logger.ts'
import type { Registration } from '../sim/homeserver/index.ts'

export const SERVER = 'sim.local'

export const testRegistration = (url: string | null): Registration => ({
  id: 'viaduct',
  url,
  asToken: 'as-token-of-the-tests',
  hsToken: 'hs-token-of-the-tests',
  senderLocalpart: '_viaduct_as',
  userRegexes: [`@_(irc|telegram|whatsapp)_.*:${SERVER}`, `@viaductbot:${SERVER}`],
  aliasRegexes: [`#_(irc|telegram|whatsapp|viaduct)_.*:${SERVER}`],
})

export const testMatrixConfig = (homeserverUrl: string): MatrixConfig => ({
  homeserverUrl,
  serverName: SERVER,
  asToken: 'as-token-of-the-tests',
  hsToken: 'hs-token-of-the-tests',
  appserviceId: 'viaduct',
  senderLocalpart: '_viaduct_as',
  botLocalpart: 'viaductbot',
  userPrefix: '_',
  deviceId: 'VIADUCT',
  connections: 32,
  requestTimeoutMs: 10_000,
})

const DAY_MS = 86_400_000

export const testSettings = (change: Partial<BridgeSettings> = {}): BridgeSettings => ({
  serverName: SERVER,
  userPrefix: '_',
  commandPrefix: '!viaduct',
  permissions: { '*': 'user', [`@admin:${SERVER}`]: 'admin', '@mallory:sim.local': 'block' },
  maxAgeMs: DAY_MS,
  sendStatus: 'off',
  deliveryReceipts: true,
  doublePuppet: false,
  displaynameTemplate: '{name}',
  retention: { bodiesMs: DAY_MS, rowsMs: 90 * DAY_MS, excerptsMs: 30 * DAY_MS },
  bot: matrixUserId(`@viaductbot:${SERVER}`),
  ...change,
})

const silent = () => {}

/** Says nothing; with VIADUCT_TEST_LOG it says everything. */
export const testLog: Logger =
  process.env['VIADUCT_TEST_LOG'] === undefined
    ? { debug: silent, info: silent, warn: silent, error: silent, child: () => testLog }
    : {
        debug: (...all: unknown[]) => console.log('debug', ...all),
        info: (...all: unknown[]) => console.log('info', ...all),
        warn: (...all: unknown[]) => console.log('warn', ...all),
        error: (...all: unknown[]) => console.log('error', ...all),
        child: () => testLog,
      }
