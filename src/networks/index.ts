import type { Connector } from '../model/network.ts'
import type { IrcConfig } from './irc/config.ts'
import type { IrcObserver } from './irc/observer.ts'
import type { TelegramConfig } from './telegram/config.ts'
import type { TelegramObserver } from './telegram/observer.ts'
import type { WhatsAppConfig } from './whatsapp/config.ts'
import type { WhatsAppObserver } from './whatsapp/observer.ts'

export type NetworksConfig = { irc: IrcConfig; telegram?: TelegramConfig; whatsapp?: WhatsAppConfig }

/** Where each network tells what happens on it. */
export type NetworkObservers = { irc?: IrcObserver; telegram?: TelegramObserver; whatsapp?: WhatsAppObserver }

/**
 * A connector for each network that the configuration sets up. The code of the others is not loaded: their libraries
 * take tens of megabytes each.
 */
export async function createConnectors(
  config: NetworksConfig,
  observers: NetworkObservers = {},
): Promise<Connector[]> {
  const { irc, telegram, whatsapp } = config
  const connectors: Connector[] = []
  if (irc.networks.length > 0) {
    const { IrcConnector } = await import('./irc/connector.ts')
    connectors.push(new IrcConnector(irc, observers.irc && { observer: observers.irc }))
  }
  if (telegram !== undefined) {
    const { TelegramConnector } = await import('./telegram/connector.ts')
    connectors.push(new TelegramConnector(telegram, observers.telegram && { observer: observers.telegram }))
  }
  if (whatsapp !== undefined) {
    const { WhatsAppConnector } = await import('./whatsapp/connector.ts')
    connectors.push(new WhatsAppConnector(whatsapp, observers.whatsapp && { observer: observers.whatsapp }))
  }
  return connectors
}
