import type { IrcNetworkConfig } from '../../networks/irc/config.ts'

export const CHANNEL = '#town'

/** The two IRC networks: one that can do everything, one that can do nothing. Both have a channel of the same name. */
export const NETWORKS = [
  { id: 'demo', name: 'DemoNet', caps: 'all', about: 'an IRC server with every IRCv3 capability' },
  { id: 'plain', name: 'PlainNet', caps: 'none', about: 'an IRC server of 1993: no capabilities at all' },
] as const

export type NetworkId = (typeof NETWORKS)[number]['id']

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
