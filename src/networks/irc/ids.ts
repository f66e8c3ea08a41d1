import { ViaductError } from '../../model/errors.ts'
import { remoteChatId, remoteMessageId, remoteUserId } from '../../model/ids.ts'
import type { RemoteChatId, RemoteMessageId, RemoteUserId } from '../../model/ids.ts'
import { fold } from './casemap.ts'
import type { Casemap } from './casemap.ts'

export type NamedOn = { network: string; name: string }

/** @throws ViaductError `bad_request` when the network's id or the name is empty, or the id holds a `/`. */
function compose(network: string, name: string, map: Casemap): string {
  if (network === '' || network.includes('/')) throw new ViaductError('bad_request', 'not an IRC network id')
  if (name === '') throw new ViaductError('bad_request', 'an IRC name is never empty')
  return `${network}/${fold(name, map)}`
}

function parse(id: string): NamedOn | undefined {
  const slash = id.indexOf('/')
  if (slash <= 0 || slash === id.length - 1) return undefined
  return { network: id.slice(0, slash), name: id.slice(slash + 1) }
}

/** `<network>/<casefolded channel or nick>` */
export const toChatId = (network: string, target: string, map: Casemap): RemoteChatId =>
  remoteChatId(compose(network, target, map))

/** `<network>/<casefolded nick>` */
export const toUserId = (network: string, nick: string, map: Casemap): RemoteUserId =>
  remoteUserId(compose(network, nick, map))

/** The network and the casefolded name; undefined for what is not such an id. */
export const parseChatId = (id: RemoteChatId): NamedOn | undefined => parse(id)
export const parseUserId = (id: RemoteUserId): NamedOn | undefined => parse(id)

/** Nicks with a `/` come from RELAYMSG: nobody can be reached under them. */
export const isRelayedNick = (nick: string) => nick.includes('/')

/** A message with a `msgid` tag has that as its id; a message without one gets its place in the connection. */
export function toMessageId(
  msgid: string | undefined,
  epoch: string | number,
  counter: number,
): RemoteMessageId {
  // A msgid never begins with a colon, so the two kinds cannot meet.
  return remoteMessageId(msgid === undefined || msgid === '' ? `:${epoch}.${counter}` : msgid)
}

/** The `msgid` behind an id; undefined for one that the bridge made itself. */
export function msgidOf(id: RemoteMessageId): string | undefined {
  return id === '' || id.startsWith(':') ? undefined : id
}

const escape = (text: string, allowed: RegExp) =>
  Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const c = String.fromCharCode(byte)
    return allowed.test(c) ? c : `=${byte.toString(16).padStart(2, '0')}`
  }).join('')

function unescape(text: string): string | undefined {
  if (!/^(?:[a-z0-9._-]|=[0-9a-f]{2})+$/.test(text)) return undefined
  const bytes = text.replace(/=([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

const escapeBoth = ({ network, name }: NamedOn) =>
  `${escape(network, /[a-z0-9.-]/)}_${escape(name, /[a-z0-9._-]/)}`

function unescapeBoth(localpart: string): NamedOn | undefined {
  const [, left = '', right = ''] = /^([^_]+)_(.+)$/s.exec(localpart) ?? []
  const network = unescape(left)
  const name = unescape(right)
  return network === undefined || name === undefined ? undefined : { network, name }
}

/**
 * The localpart of a person's ghost, without the bridge's prefix: `<network>_<nick>`, where every byte that a localpart
 * may not hold is `=` and two hexadecimal digits. Different ids give different localparts.
 * @throws ViaductError `bad_request` when it is not an id of a person.
 */
export function ghostLocalpart(user: RemoteUserId): string {
  const parts = parseUserId(user)
  if (parts === undefined) throw new ViaductError('bad_request', 'not an IRC user id')
  return escapeBoth(parts)
}

/** The way back from `ghostLocalpart`. */
export function parseGhostLocalpart(localpart: string): RemoteUserId | undefined {
  const parts = unescapeBoth(localpart)
  return parts === undefined ? undefined : remoteUserId(`${parts.network}/${parts.name}`)
}

/** The localpart of a channel's alias, without the bridge's prefix; escaped as `ghostLocalpart` is. */
export function aliasLocalpart(chat: RemoteChatId): string {
  const parts = parseChatId(chat)
  if (parts === undefined) throw new ViaductError('bad_request', 'not an IRC chat id')
  return escapeBoth(parts)
}

/** The way back from `aliasLocalpart`. */
export function parseAliasLocalpart(localpart: string): RemoteChatId | undefined {
  const parts = unescapeBoth(localpart)
  return parts === undefined ? undefined : remoteChatId(`${parts.network}/${parts.name}`)
}
