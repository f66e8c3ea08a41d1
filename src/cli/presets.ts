import { isIPv6 } from 'node:net'
import { nearest } from '../config/nearest.ts'
import { UsageError } from './command.ts'

/** What is enough to connect to an IRC network. */
export type NetworkPreset = { id: string; name: string; host: string; port: number; tls: boolean }

const PRESETS: readonly NetworkPreset[] = [
  { id: 'libera', name: 'Libera.Chat', host: 'irc.libera.chat', port: 6697, tls: true },
  { id: 'oftc', name: 'OFTC', host: 'irc.oftc.net', port: 6697, tls: true },
]

const PLAIN_PORT = 6667
const TLS_PORT = 6697
/** On a public network nicks are short, and in use. */
const NICK_LENGTH = 16

/** Reads `libera`, `oftc`, `host`, `host:port` or `[address]:port`. Only port 6667 is without TLS. @throws UsageError */
export function networkOf(text: string): NetworkPreset {
  const preset = PRESETS.find((one) => one.id === text.toLowerCase())
  if (preset !== undefined) return preset
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || (bracketed !== undefined && !isIPv6(bracketed)) || Number(port ?? 1) > 65_535) {
    throw new UsageError(`Not an IRC network: ${text}. Give ${names()}, or host:port.`)
  }
  if (bracketed === undefined && port === undefined && !host.includes('.') && host !== 'localhost') {
    const meant = nearest(
      host,
      PRESETS.map((one) => one.id),
    )
    const advice = meant === undefined ? `Give ${names()}, or host:port.` : `Did you mean ${meant}?`
    throw new UsageError(`Not an IRC network: ${text}. ${advice}`)
  }
  const number = port === undefined ? TLS_PORT : Number(port)
  return { id: idOf(host), name: host, host, port: number, tls: number !== PLAIN_PORT }
}

/** A nick for the bot on a public network: after the server, because plain names are taken. */
export function botNick(serverName: string): string {
  const words = serverName.replace(/:\d+$/, '').split('.')
  const word = (words.at(-2) ?? words[0] ?? '').replaceAll(/[^A-Za-z0-9-]/g, '').replace(/^[\d-]+/, '')
  return word === '' ? 'viaduct' : `${word.slice(0, NICK_LENGTH - 3)}-vd`
}

const names = () => PRESETS.map((one) => one.id).join(', ')

/** `irc.example.org` becomes `example`, which will be part of names. */
function idOf(host: string): string {
  const words = isIPv6(host) || /^[\d.]+$/.test(host) ? [] : host.toLowerCase().split('.')
  const word = words.length > 1 ? words.at(-2) : words[0]
  const id = (word ?? '').replaceAll(/[^a-z0-9-]/g, '').replace(/^[^a-z]+/, '')
  return id === '' ? 'irc' : id.slice(0, 32)
}
