import type { Connector } from '../model/network.ts'
import type { IrcConfig } from './irc/config.ts'
import { IrcConnector } from './irc/connector.ts'
import type { IrcObserver } from './irc/observer.ts'
import type { TelegramConfig } from './telegram/config.ts'
import { TelegramConnector } from './telegram/connector.ts'
import type { TelegramObserver } from './telegram/observer.ts'
import type { WhatsAppConfig } from './whatsapp/config.ts'
import { WhatsAppConnector } from './whatsapp/connector.ts'

export type NetworksConfig = { irc: IrcConfig; telegram?: TelegramConfig; whatsapp?: WhatsAppConfig }

/** Where each network tells what happens on it. */
export type NetworkObservers = { irc?: IrcObserver; telegram?: TelegramObserver }

/** A connector for each network that the configuration sets up. */
export function createConnectors(config: NetworksConfig, observers: NetworkObservers = {}): Connector[] {
  const { irc: observer } = observers
  const { irc, telegram, whatsapp } = config
  const told = observers.telegram && { observer: observers.telegram }
  return [
    ...(irc.networks.length > 0 ? [new IrcConnector(irc, observer && { observer })] : []),
    ...(telegram === undefined ? [] : [new TelegramConnector(telegram, told)]),
    ...(whatsapp === undefined ? [] : [new WhatsAppConnector(whatsapp)]),
  ]
}
