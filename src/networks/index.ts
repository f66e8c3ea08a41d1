import type { Connector } from '../model/network.ts'
import type { IrcConfig } from './irc/config.ts'
import { IrcConnector } from './irc/connector.ts'

export type NetworksConfig = { irc: IrcConfig }

/** A connector for each network that the configuration sets up. */
export function createConnectors(config: NetworksConfig): Connector[] {
  return config.irc.networks.length > 0 ? [new IrcConnector(config.irc)] : []
}
