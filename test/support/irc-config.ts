import type { IrcConfig, IrcNetworkConfig } from '../../src/networks/irc/config.ts'

/** One IRC network at a loopback port, paced by nothing that the server does not ask for. */
export const testNetwork = (
  id: string,
  port: number,
  change: Partial<IrcNetworkConfig> = {},
): IrcNetworkConfig => ({
  id,
  name: id,
  servers: [{ host: '127.0.0.1', port, tls: false, verify: false }],
  nickTemplate: '{localpart}',
  identTemplate: '{localpart}',
  realnameTemplate: '{userid}',
  bot: { nick: 'viaductbot', ident: 'viaduct', realname: 'Viaduct', joinConfigured: true },
  channels: [],
  allowChannels: ['*'],
  denyChannels: [],
  pace: { burst: 100_000, perSecond: 100_000 },
  maxLines: 6,
  onUnknown: 'report',
  members: 'lazy',
  membersFullLimit: 500,
  reactionsAsText: true,
  autoJoinOnKick: false,
  connectPerSecond: 100,
  allowInsecureAuth: true,
  ...change,
})

export const testIrc = (...networks: IrcNetworkConfig[]): IrcConfig => ({ networks })
