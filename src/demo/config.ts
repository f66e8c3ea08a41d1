import type { BridgeSettings } from '../bridge/settings.ts'
import type { MatrixConfig } from '../matrix/index.ts'
import { matrixUserId } from '../model/ids.ts'
import type { IrcNetworkConfig } from '../networks/irc/config.ts'
import type { Registration } from '../../test/sim/homeserver/index.ts'

export const SERVER = 'demo.local'
export const BOT = `@viaductbot:${SERVER}`
export const CHANNEL = '#town'

/** The two IRC networks: one that can do everything, one that can do nothing. Both have a channel of the same name. */
export const NETWORKS = [
  { id: 'demo', name: 'DemoNet', caps: 'all', about: 'an IRC server with every IRCv3 capability' },
  { id: 'plain', name: 'PlainNet', caps: 'none', about: 'an IRC server of 1993: no capabilities at all' },
] as const

export type NetworkId = (typeof NETWORKS)[number]['id']

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
    userRegexes: [`@_irc_.*:${SERVER}`, `@viaductbot:${SERVER}`],
    aliasRegexes: [`#_(irc|viaduct)_.*:${SERVER}`],
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

export function ircNetwork(network: (typeof NETWORKS)[number], port: number): IrcNetworkConfig {
  return {
    id: network.id,
    name: network.name,
    servers: [{ host: '127.0.0.1', port, tls: false, verify: false }],
    nickTemplate: '{localpart}',
    identTemplate: '{localpart}',
    realnameTemplate: '{display}',
    bot: { nick: 'viaduct', ident: 'viaduct', realname: 'Viaduct, a bridge to Matrix', joinConfigured: true },
    channels: [{ name: CHANNEL, relay: false }],
    allowChannels: ['*'],
    denyChannels: [],
    pace: { burst: 20, perSecond: 10 },
    maxLines: 12,
    onUnknown: 'report',
    members: 'full',
    membersFullLimit: 100,
    reactionsAsText: true,
    autoJoinOnKick: true,
    connectPerSecond: 20,
  }
}
