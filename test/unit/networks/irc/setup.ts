import { onTestFinished } from 'vitest'
import { remoteChatId } from '../../../../src/model/ids.ts'
import type { Login } from '../../../../src/model/network.ts'
import type { RemoteChat } from '../../../../src/model/remote-event.ts'
import type { IrcConfig, IrcNetworkConfig } from '../../../../src/networks/irc/config.ts'
import { IrcConnector } from '../../../../src/networks/irc/connector.ts'
import type { IrcConnectorOptions } from '../../../../src/networks/irc/connector.ts'
import { SimIrc } from '../../../sim/irc/index.ts'
import type { SimIrcOptions } from '../../../sim/irc/index.ts'
import { FakeHost } from './fake-host.ts'

export const NETWORK = 'sim'

export function networkConfig(port: number, changes: Partial<IrcNetworkConfig> = {}): IrcNetworkConfig {
  return {
    id: NETWORK,
    name: 'SimNet',
    servers: [{ host: '127.0.0.1', port, tls: false, verify: false }],
    nickTemplate: '{localpart}',
    identTemplate: '{localpart}',
    realnameTemplate: '{userid}',
    bot: { nick: 'viaduct', ident: 'viaduct', realname: 'Viaduct', joinConfigured: true },
    channels: [],
    allowChannels: ['#*'],
    denyChannels: [],
    pace: { burst: 1_000, perSecond: 1_000 },
    maxLines: 6,
    onUnknown: 'report',
    members: 'lazy',
    membersFullLimit: 500,
    reactionsAsText: true,
    autoJoinOnKick: false,
    connectPerSecond: 1_000,
    ...changes,
  }
}

export type World = { server: SimIrc; host: FakeHost; connector: IrcConnector; config: IrcConfig }

/** A server and a connector that is not started yet. Both end with the test. */
export async function world(
  options: SimIrcOptions = {},
  changes: Partial<IrcNetworkConfig> = {},
  more: Partial<IrcConfig> = {},
  connectorOptions: IrcConnectorOptions = {},
): Promise<World> {
  const server = await SimIrc.start(options)
  const config: IrcConfig = { networks: [networkConfig(server.port, changes)], ...more }
  const host = new FakeHost()
  const connector = new IrcConnector(config, { backoffMs: 20, ...connectorOptions })
  const send = connector.send.bind(connector)
  // As the ledger does, the host knows what was begun.
  connector.send = (request) =>
    send({
      ...request,
      async save(progress) {
        host.progress.set(request.delivery, structuredClone(progress))
        await request.save(progress)
      },
    })
  onTestFinished(async () => {
    host.refuses = undefined
    await connector.stop(200)
    await server.close()
  })
  return { server, host, connector, config }
}

export const channelChat = (name: string): RemoteChat => ({
  network: 'irc',
  id: remoteChatId(`${NETWORK}/${name}`),
  type: 'channel',
  name,
})

export const directChat = (login: Login, nick: string): RemoteChat => ({
  network: 'irc',
  id: remoteChatId(`${NETWORK}/${nick}`),
  type: 'dm',
  receiver: login.id,
  name: nick,
})

/** Waits until a login's connection is usable and in its channels. */
export async function connected({ host, server }: World, login: Login, ...channels: string[]): Promise<void> {
  await host.until(() => host.woken.some((woken) => woken.login === login.id), `${login.name} is connected`)
  for (const channel of channels) {
    await host.until(
      () =>
        server.channel(channel)?.members.some(({ nick }) => nick === login.name) &&
        host.woken.some((woken) => woken.chat === `${NETWORK}/${channel}`),
      `${login.name} is in ${channel}`,
    )
  }
}

export const inChannels = (...names: string[]) => ({
  channels: JSON.stringify(names.map((name) => ({ name }))),
})
