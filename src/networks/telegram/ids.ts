import { ViaductError } from '../../model/errors.ts'
import { remoteChatId, remoteMessageId, remoteUserId } from '../../model/ids.ts'
import type { RemoteChatId, RemoteMessageId, RemoteUserId } from '../../model/ids.ts'
import { natural } from './natural.ts'

/**
 * A conversation of Telegram. The numbers of users, basic groups and channels overlap, so the kind always goes with
 * them (core.telegram.org/api/peers). `topic` is a topic of a forum; its General topic is number 1.
 */
export type TgChat = { kind: 'user' | 'chat' | 'channel'; id: number; topic?: number }

/** Who can say something: a person or a bot, or a channel, as which its administrators can write. */
export type TgSender = { kind: 'user' | 'channel'; id: number }

/**
 * A message's number. Channels and supergroups number their messages themselves, the same for everybody. Private chats
 * and basic groups take the next number of each account that sees them (core.telegram.org/api/updates: the common
 * box), so that the number means something only with the `account` that it belongs to.
 */
export type TgMessage = { account?: number; n: number }

export const GENERAL_TOPIC = 1

/** `user:<id>`, `chat:<id>`, `channel:<id>` or `channel:<id>/<topic>`. A direct chat is called as its contact is. */
export function toChatId(chat: TgChat): RemoteChatId {
  check(chat.id)
  if (chat.topic === undefined) return remoteChatId(`${chat.kind}:${chat.id}`)
  check(chat.topic)
  return remoteChatId(`${chat.kind}:${chat.id}/${chat.topic}`)
}

/** The way back from `toChatId`; undefined for what is not such an id. */
export function parseChatId(id: RemoteChatId): TgChat | undefined {
  const [, kind, number = '', topic] = /^(user|chat|channel):(\d+)(?:\/(\d+))?$/.exec(id) ?? []
  const bare = natural(number)
  if (bare === undefined) return undefined
  if (topic === undefined) {
    return kind === 'user' || kind === 'chat' || kind === 'channel' ? { kind, id: bare } : undefined
  }
  const at = natural(topic)
  return kind === 'channel' && at !== undefined ? { kind, id: bare, topic: at } : undefined
}

/** `user:<id>` or `channel:<id>` */
export function toUserId(sender: TgSender): RemoteUserId {
  check(sender.id)
  return remoteUserId(`${sender.kind}:${sender.id}`)
}

export const personId = (user: number): RemoteUserId => toUserId({ kind: 'user', id: user })

export function parseUserId(id: RemoteUserId): TgSender | undefined {
  const [, kind, number = ''] = /^(user|channel):(\d+)$/.exec(id) ?? []
  const bare = natural(number)
  return (kind === 'user' || kind === 'channel') && bare !== undefined ? { kind, id: bare } : undefined
}

/**
 * `<n>` in channels and supergroups, `<account>.<n>` elsewhere.
 *
 * A basic group that several bridged accounts see has one message under several numbers. It is bridged once, under an id
 * that all of them have for it (`shared-id.ts`), and each adds its own number as an alias, so that it can answer, edit and
 * delete. The account in the id says whose number it is, so two accounts' numbers are never mistaken for each other, and,
 * after a basic group has become a supergroup in the same room, old and new ids cannot meet.
 */
export const toMessageId = ({ account, n }: TgMessage): RemoteMessageId =>
  remoteMessageId(account === undefined ? `${check(n)}` : `${check(account)}.${check(n)}`)

/** The number behind an id, also of what is about a message (`derivedId`); undefined for what is no such id. */
export function parseMessageId(id: RemoteMessageId): TgMessage | undefined {
  const [, account, number = ''] = /^(?:(\d+)\.)?(\d+)(?:\/.*)?$/s.exec(id) ?? []
  const n = natural(number)
  if (n === undefined) return undefined
  if (account === undefined) return { n }
  const whose = natural(account)
  return whose === undefined ? undefined : { account: whose, n }
}

/** Whether messages of the conversation are numbered for each account on its own. */
export const isNumberedPerAccount = (chat: Pick<TgChat, 'kind'>): boolean => chat.kind !== 'channel'

/** The id of a message that `account` sees under the number `n`. */
export const messageIdIn = (chat: Pick<TgChat, 'kind'>, account: number, n: number): RemoteMessageId =>
  toMessageId(isNumberedPerAccount(chat) ? { account, n } : { n })

/** An id for something that happened to a message: unique as long as `what` is. */
export const derivedId = (message: RemoteMessageId, what: string): RemoteMessageId =>
  remoteMessageId(`${message}/${what}`)

/** The number by which `account` knows one of the ids; undefined when it has never seen the message. */
export function numberFor(
  ids: readonly RemoteMessageId[],
  chat: Pick<TgChat, 'kind'>,
  account: number,
): number | undefined {
  const whose = isNumberedPerAccount(chat) ? account : undefined
  return ids.map((id) => parseMessageId(id)).find((found) => found !== undefined && found.account === whose)
    ?.n
}

/** All numbers by which `account` knows the ids: of a message that was sent in several parts there are several. */
export function numbersFor(
  ids: readonly RemoteMessageId[],
  chat: Pick<TgChat, 'kind'>,
  account: number,
): number[] {
  return [...new Set(ids.flatMap((id) => numberFor([id], chat, account) ?? []))]
}

/**
 * The localpart of a ghost, without the bridge's prefix: `<id>` for a user, `c<id>` for a channel that speaks.
 * @throws ViaductError `bad_request` when it is not an id of somebody.
 */
export function ghostLocalpart(user: RemoteUserId): string {
  const sender = parseUserId(user)
  if (sender === undefined) throw new ViaductError('bad_request', 'not a Telegram user id')
  return sender.kind === 'user' ? `${sender.id}` : `c${sender.id}`
}

/** The way back from `ghostLocalpart`. */
export function parseGhostLocalpart(localpart: string): RemoteUserId | undefined {
  const [, channel, digits = ''] = /^(c?)(\d+)$/.exec(localpart) ?? []
  const id = natural(digits)
  return id === undefined ? undefined : toUserId({ kind: channel === 'c' ? 'channel' : 'user', id })
}

/** The localpart of a conversation's alias, without the bridge's prefix: `channel_5`, `channel_5_12`. */
export const aliasLocalpart = (chat: RemoteChatId): string => chat.replace(/[:/]/g, '_')

/** The way back from `aliasLocalpart`. */
export function parseAliasLocalpart(localpart: string): RemoteChatId | undefined {
  const id = remoteChatId(localpart.replace('_', ':').replace('_', '/'))
  return parseChatId(id) === undefined ? undefined : id
}

/** @throws ViaductError `bad_request` for what is no number of Telegram (53 bits, from 1). */
function check(number: number): number {
  if (!Number.isSafeInteger(number) || number < 1) throw new ViaductError('bad_request', 'not a Telegram id')
  return number
}
