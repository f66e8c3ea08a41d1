import { ViaductError } from '../../model/errors.ts'
import { remoteChatId, remoteMessageId, remoteUserId } from '../../model/ids.ts'
import type { RemoteChatId, RemoteMessageId, RemoteUserId } from '../../model/ids.ts'

/** Where an address of WhatsApp leads: to a person by number or by LID, to many, to a channel, to a machine. */
export type WaServer = 's.whatsapp.net' | 'lid' | 'g.us' | 'broadcast' | 'newsletter' | 'bot'

export type WaAddress = { user: string; server: WaServer }

/**
 * A message is numbered by whoever wrote it, so its number means something with its author only. In direct chats it is
 * `me` or `them`, whatever the contact is called at the moment; elsewhere the author's id.
 */
export type WaMessage = { by: 'me' | 'them' | RemoteUserId; id: string }

const SERVERS: Readonly<Record<string, WaServer>> = {
  's.whatsapp.net': 's.whatsapp.net',
  'c.us': 's.whatsapp.net',
  hosted: 's.whatsapp.net',
  lid: 'lid',
  'hosted.lid': 'lid',
  'g.us': 'g.us',
  broadcast: 'broadcast',
  newsletter: 'newsletter',
  bot: 'bot',
}

export const STATUS = remoteChatId('status@broadcast')

/**
 * An address without device, agent and the ways in which the same server is written (as `jidNormalizedUser` of Baileys,
 * hosted devices included). Undefined for what is no address of a person or a conversation.
 */
export function parseJid(jid: string | null | undefined): WaAddress | undefined {
  const [, user = '', server = ''] =
    /^([0-9a-z.-]{1,64})(?:_\d{1,3})?(?::\d{1,5})?@([a-z.]+)$/i.exec(jid ?? '') ?? []
  const known = Object.hasOwn(SERVERS, server) ? SERVERS[server] : undefined
  if (known === undefined) return undefined
  const shape =
    known === 'g.us' ? /^\d+(?:-\d+)?$/ : known === 'broadcast' ? /^(?:status|\d+)$/ : /^\d{1,20}$/
  return shape.test(user) && !/^0+$/.test(user) ? { user, server: known } : undefined
}

const written = ({ user, server }: WaAddress): string => `${user}@${server}`

/** A person, or a channel that speaks, by an address of theirs; undefined for anything else. */
export function toUserId(jid: string | null | undefined): RemoteUserId | undefined {
  const address = parseJid(jid)
  const speaks = address !== undefined && address.server !== 'g.us' && address.server !== 'broadcast'
  return speaks ? remoteUserId(written(address)) : undefined
}

/** A conversation by its address; undefined for what is none. A direct chat is called as its contact is. */
export function toChatId(jid: string | null | undefined): RemoteChatId | undefined {
  const address = parseJid(jid)
  return address === undefined ? undefined : remoteChatId(written(address))
}

/** The direct chat with a person. */
export const directChat = (user: RemoteUserId): RemoteChatId => remoteChatId(user)

export const isLid = (user: string): boolean => user.endsWith('@lid')
export const isPhone = (user: string): boolean => user.endsWith('@s.whatsapp.net')
export const isGroup = (chat: string): boolean => chat.endsWith('@g.us')
export const isNewsletter = (chat: string): boolean => chat.endsWith('@newsletter')
export const isStatus = (chat: string): boolean => chat === STATUS
export const isBroadcast = (chat: string): boolean => chat.endsWith('@broadcast')

/** Whether a conversation is with one person: by number, by LID, or with a bot. */
export const isDirect = (chat: string): boolean => isLid(chat) || isPhone(chat) || chat.endsWith('@bot')

/** What stands before the `@`: the digits by which texts mention somebody. */
export const userPart = (id: string): string => id.slice(0, Math.max(0, id.indexOf('@')))

/** `+<digits>` of somebody who is known by number. */
export const phoneOf = (user: RemoteUserId | undefined): string | undefined =>
  user !== undefined && isPhone(user) ? `+${userPart(user)}` : undefined

/**
 * The id of a message: `<by>/<id>`.
 *
 * An id is chosen by the sender, so two people may choose the same, and somebody may choose another's on purpose: the
 * author in the id keeps the two apart. In a direct chat the author is only which of the two it was, so that the id
 * stays when the contact's number turns out to be a LID.
 */
export const toMessageId = ({ by, id }: WaMessage): RemoteMessageId => remoteMessageId(`${by}/${check(id)}`)

/** The way back, also of what is about a message (`derivedId`); undefined for what is no such id. */
export function parseMessageId(id: RemoteMessageId): WaMessage | undefined {
  const [, by = '', own = ''] = /^([^/]+)\/([^/]+)(?:\/.*)?$/s.exec(id) ?? []
  if (own === '') return undefined
  if (by === 'me' || by === 'them') return { by, id: own }
  const user = toUserId(by)
  return user === undefined ? undefined : { by: user, id: own }
}

/** An id for something that happened with a message: unique as long as `what` is. */
export const derivedId = (message: RemoteMessageId, what: string): RemoteMessageId =>
  remoteMessageId(`${message}/${what}`)

/** What cannot be part of an id is replaced, so that no sender can make up a `derivedId`. */
function check(id: string): string {
  const clean = id
    .toWellFormed()
    .replace(/[\p{Cc}/\s]/gu, '_')
    .slice(0, 128)
    .toWellFormed()
  if (clean === '') throw new ViaductError('bad_request', 'not a WhatsApp message id')
  return clean
}

const GHOSTS: Readonly<Record<string, WaServer>> = {
  '': 's.whatsapp.net',
  'lid-': 'lid',
  'channel-': 'newsletter',
  'bot-': 'bot',
}

/**
 * The localpart of a ghost, without the bridge's prefix: the digits of a phone number, `lid-<digits>`,
 * `channel-<digits>`, `bot-<digits>`. @throws ViaductError `bad_request` when it is not an id of somebody.
 */
export function ghostLocalpart(user: RemoteUserId): string {
  const address = parseJid(user)
  const found = Object.entries(GHOSTS).find(([, server]) => server === address?.server)
  if (address === undefined || found === undefined)
    throw new ViaductError('bad_request', 'not a WhatsApp user id')
  return `${found[0]}${address.user}`
}

/** The way back from `ghostLocalpart`. */
export function parseGhostLocalpart(localpart: string): RemoteUserId | undefined {
  const [, prefix = '', digits = ''] = /^(lid-|channel-|bot-|)(\d{1,20})$/.exec(localpart) ?? []
  return digits === '' ? undefined : toUserId(`${digits}@${GHOSTS[prefix] ?? ''}`)
}

const ALIASES: Readonly<Record<string, WaServer>> = { ...GHOSTS, 'group-': 'g.us', 'broadcast-': 'broadcast' }

/** The localpart of a conversation's alias, without the bridge's prefix: `group-1203630`. */
export function aliasLocalpart(chat: RemoteChatId): string {
  const address = parseJid(chat)
  const found = Object.entries(ALIASES).find(([, server]) => server === address?.server)
  if (address === undefined || found === undefined)
    throw new ViaductError('bad_request', 'not a WhatsApp chat')
  return `${found[0]}${address.user}`
}

/** The way back from `aliasLocalpart`. */
export function parseAliasLocalpart(localpart: string): RemoteChatId | undefined {
  const [, prefix = '', rest = ''] =
    /^(lid-|channel-|bot-|group-|broadcast-|)([\da-z-]+)$/.exec(localpart) ?? []
  return toChatId(`${rest}@${ALIASES[prefix] ?? ''}`)
}
