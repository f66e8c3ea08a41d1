import type { BridgeSettings } from '../bridge/settings.ts'
import type { MatrixConfig } from '../matrix/index.ts'
import { matrixUserId } from '../model/ids.ts'
import type { Registration } from '../../test/sim/homeserver/index.ts'
import { SIDES } from './side.ts'

export const SERVER = 'demo.local'
export const BOT = `@viaductbot:${SERVER}`

const DAY_MS = 86_400_000
const APPSERVICE_ID = 'viaduct'
const SENDER = '_viaduct_as'

/** Made anew at each start, as `init` makes them. */
export type Tokens = { asToken: string; hsToken: string }

export function matrixConfig(homeserverUrl: string, tokens: Tokens): Omit<MatrixConfig, 'instance'> {
  return {
    homeserverUrl,
    serverName: SERVER,
    ...tokens,
    appserviceId: APPSERVICE_ID,
    senderLocalpart: SENDER,
    botLocalpart: 'viaductbot',
    userPrefix: '_',
    deviceId: 'VIADUCT',
    connections: 16,
    requestTimeoutMs: 10_000,
  }
}

export function registration(url: string, tokens: Tokens): Registration {
  return {
    id: APPSERVICE_ID,
    url,
    ...tokens,
    senderLocalpart: SENDER,
    userRegexes: [`@_(${SIDES.join('|')})_.*:${SERVER}`, `@viaductbot:${SERVER}`],
    aliasRegexes: [`#_(${SIDES.join('|')}|viaduct)_.*:${SERVER}`],
  }
}

export const settings: BridgeSettings = {
  serverName: SERVER,
  userPrefix: '_',
  commandPrefix: '!viaduct',
  permissions: { '*': 'user' },
  maxAgeMs: DAY_MS,
  sendStatus: 'off',
  deliveryReceipts: true,
  displaynameTemplate: '{name}',
  retention: { bodiesMs: DAY_MS, rowsMs: 90 * DAY_MS, excerptsMs: 30 * DAY_MS },
  bot: matrixUserId(BOT),
  doublePuppet: false,
}
