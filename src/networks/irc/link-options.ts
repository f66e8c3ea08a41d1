import type { ClientOptions, Transport } from 'irc-framework'
import type { IrcServer } from './config.ts'

export type Sasl = { mechanism: 'PLAIN'; account: string; password: string } | { mechanism: 'EXTERNAL' }

/** Who connects, and where to. */
export type LinkOptions = {
  server: IrcServer
  nick: string
  ident: string
  realname: string
  serverPassword?: string
  sasl?: Sasl
  certificate?: { key: string; cert: string }
  localAddress?: string
}

/** Capabilities to ask for beyond those that the library asks for by itself. */
export const WANTED = [
  'labeled-response',
  'draft/chathistory',
  'draft/event-playback',
  'draft/multiline',
  'draft/message-redaction',
  'draft/relaymsg',
  'standard-replies',
  'znc.in/self-message',
  'extended-monitor',
]

/** Commands that the library has to see: capabilities, SASL, registration. */
export const FOR_LIBRARY = new Set([
  'CAP',
  'AUTHENTICATE',
  '001',
  '900',
  '903',
  '904',
  '905',
  '906',
  '907',
  '908',
  '902',
])

/** What irc-framework is told. Its own reconnecting, keepalive and answers are off: it negotiates and registers. */
export function clientOptions(options: LinkOptions, makeTransport: () => Transport): ClientOptions {
  const { server, sasl } = options
  return {
    host: server.host,
    port: server.port,
    nick: options.nick,
    username: options.ident,
    // The library writes these two as they are.
    gecos: options.realname.replace(/[\0\r\n]/g, ' '),
    ...(options.serverPassword !== undefined && { password: options.serverPassword }),
    account: sasl?.mechanism === 'PLAIN' ? { account: sasl.account, password: sasl.password } : {},
    ...(sasl && { sasl_mechanism: sasl.mechanism }),
    sasl_disconnect_on_fail: false,
    auto_reconnect: false,
    version: '',
    enable_chghost: true,
    enable_setname: true,
    enable_echomessage: true,
    ping_interval: 0,
    ping_timeout: 0,
    transport: function transport() {
      return makeTransport()
    } as unknown as ClientOptions['transport'],
  }
}
