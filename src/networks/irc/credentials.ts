import { isIP } from 'node:net'
import type { IrcNetworkConfig, IrcServer } from './config.ts'
import { Refusal } from './connection.ts'
import type { LinkOptions } from './link-options.ts'

/** How an account proves who it is. `password` is the server's own PASS, as bouncers want it. */
export const AUTH_METHODS = ['none', 'plain', 'external', 'nickserv', 'password'] as const
export type AuthMethod = (typeof AUTH_METHODS)[number]

/** What a connection needs to get in. */
export type Credentials = {
  nick: string
  ident: string
  realname: string
  method: AuthMethod
  account?: string
  password?: string
  certificate?: { key: string; cert: string }
  localAddress?: string
}

export const isAuthMethod = (text: string | undefined): text is AuthMethod =>
  AUTH_METHODS.some((method) => method === text)

/** Reads a login's session. @throws Refusal when a secret is missing */
export function readCredentials(
  session: Record<string, string>,
  names: { nick: string; ident: string; realname: string },
): Credentials {
  const method = isAuthMethod(session['method']) ? session['method'] : 'none'
  const { key, cert, password, account } = session as Partial<Record<string, string>>
  if (method === 'external' && (key === undefined || cert === undefined)) {
    throw new Refusal('the certificate of this login is missing; log in again')
  }
  if (method !== 'none' && method !== 'external' && password === undefined) {
    throw new Refusal('the password of this login is missing; log in again')
  }
  return {
    ...names,
    nick: session['nick'] || names.nick,
    method,
    ...(account !== undefined && { account }),
    ...(password !== undefined && method !== 'none' && { password }),
    ...(key !== undefined && cert !== undefined && { certificate: { key, cert } }),
  }
}

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

/** Whether secrets may go to a server: by TLS, or without leaving this machine. */
export function isPrivate(server: IrcServer, config: IrcNetworkConfig): boolean {
  return server.tls || isLoopback(server.host) || config.allowInsecureAuth === true
}

/** What one attempt to connect uses. @throws Refusal when it would give a secret away */
export function linkOptions(
  config: IrcNetworkConfig,
  who: Credentials,
  attempt: number,
  secured: (server: IrcServer) => IrcServer = (server) => server,
): LinkOptions {
  const configured = config.servers[attempt % config.servers.length]
  const server = configured && secured(configured)
  if (server === undefined) throw new Refusal(`${config.name} has no servers`)
  if (who.method !== 'none' && !isPrivate(server, config)) {
    throw new Refusal(`${server.host} is configured without TLS, so nothing secret is sent to it`)
  }
  const account = who.account ?? who.nick
  const serverPassword = who.method === 'password' ? who.password : config.serverPassword
  return {
    server,
    nick: who.nick,
    ident: who.ident,
    realname: who.realname,
    ...(serverPassword !== undefined && { serverPassword }),
    ...(who.method === 'plain' && {
      sasl: { mechanism: 'PLAIN', account, password: who.password ?? '' } as const,
    }),
    ...(who.method === 'external' && { sasl: { mechanism: 'EXTERNAL' } as const }),
    ...(who.certificate && { certificate: who.certificate }),
    ...(who.localAddress !== undefined && { localAddress: who.localAddress }),
  }
}
