import type { WAMessageKey, proto } from '@whiskeysockets/baileys'
import type { RemoteChatId, RemoteMessageId, RemoteUserId } from '../../model/ids.ts'
import { isDirect, isLid, isNewsletter, isPhone, parseMessageId, toMessageId, toUserId } from './ids.ts'
import type { WaMessage } from './ids.ts'
import { canonical, idsOf, isSelf, personId } from './names.ts'
import type { View } from './view.ts'
import type { Voice } from './voice.ts'

/** The view, and the pairs of phone number and LID that a message brings with it. */
export function withPairs(view: View, key: WAMessageKey): View {
  const pairs = [
    [key.remoteJid, key.remoteJidAlt],
    [key.participant, key.participantAlt],
  ].flatMap(([one, other]) => {
    const [a, b] = [toUserId(one), toUserId(other)]
    const pair = a !== undefined && b !== undefined && ((isLid(a) && isPhone(b)) || (isLid(b) && isPhone(a)))
    return pair ? [[a, b] as const] : []
  })
  if (pairs.length === 0) return view
  return {
    ...view,
    aliasOf(user) {
      const found = pairs.find(([a, b]) => a === user || b === user)
      return found === undefined ? view.aliasOf(user) : found[0] === user ? found[1] : found[0]
    },
  }
}

/** The account's own id in groups. */
export const ownId = ({ self }: Pick<View, 'self'>): RemoteUserId => self.lid ?? self.phone

/** Who wrote a message, from the account's point of view; undefined where a key does not say. */
export function authorOf(view: View, chat: RemoteChatId, key: WAMessageKey): WaMessage['by'] | undefined {
  if (isDirect(chat)) return key.fromMe === true ? 'me' : 'them'
  if (isNewsletter(chat)) return toUserId(chat)
  if (key.fromMe === true) return ownId(view)
  const user = personId(view, key.participant)
  return isSelf(view, user) ? ownId(view) : user
}

/**
 * Who wrote a message, by a key that `by` has written from their own point of view. Baileys turns the keys of reactions and
 * votes around (`cleanMessage`), and no others.
 */
export function authorSeenBy(
  view: View,
  chat: RemoteChatId,
  by: WaMessage['by'],
  key: WAMessageKey,
): WaMessage['by'] | undefined {
  if (key.fromMe === true) return by
  if (isDirect(chat)) return by === 'me' ? 'them' : 'me'
  return authorOf(view, chat, key)
}

/** Who it is that `by` means in a conversation. */
export function personBy(view: View, chat: RemoteChatId, by: WaMessage['by']): RemoteUserId {
  if (by === 'me') return ownId(view)
  return by === 'them' ? canonical(view, chat as string as RemoteUserId) : by
}

/**
 * All ids of a message, the one that counts first. In a group somebody may have been known by phone number when they
 * wrote, and by LID when the message is mentioned again: whoever looks a message up, or asks whether it was taken in,
 * asks for all of them.
 */
export function messageIds(
  view: Pick<View, 'aliasOf' | 'self'>,
  by: WaMessage['by'],
  id: string,
): [RemoteMessageId, ...RemoteMessageId[]] {
  if (by === 'me' || by === 'them') return [toMessageId({ by, id })]
  const own = isSelf(view, by) ? [ownId(view), view.self.phone] : idsOf(view, by)
  const [first = by, ...others] = own
  const further = [...new Set(others)].filter((each) => each !== first)
  return [toMessageId({ by: first, id }), ...further.map((each) => toMessageId({ by: each, id }))]
}

/** The id of the message that a key names; undefined where it names none. */
export function messageIdOf(view: View, chat: RemoteChatId, key: WAMessageKey): RemoteMessageId | undefined {
  const by = authorOf(view, chat, key)
  return by === undefined || !key.id ? undefined : messageIds(view, by, key.id)[0]
}

export type Speaks = Pick<Voice, 'chat' | 'jid' | 'self' | 'aliasOf' | 'byLid'>

/** The address of somebody in the conversation: in groups all use the same kind. */
export function addressOf(voice: Speaks, user: RemoteUserId): RemoteUserId {
  if (isSelf(voice, user)) return (voice.byLid ? voice.self.lid : undefined) ?? voice.self.phone
  const ids = [user, voice.aliasOf(user)]
  return ids.find((id) => id !== undefined && (voice.byLid ? isLid(id) : isPhone(id))) ?? user
}

/** The key by which the account speaks of a message; undefined for what is no message of WhatsApp. */
export function keyOf(voice: Speaks, id: RemoteMessageId): proto.IMessageKey | undefined {
  const message = parseMessageId(id)
  if (message === undefined) return undefined
  const { by, id: own } = message
  const fromMe = by === 'me' || (by !== 'them' && isSelf(voice, by))
  const key = { remoteJid: voice.jid, fromMe, id: own }
  const inGroup = !isDirect(voice.chat) && by !== 'me' && by !== 'them'
  return inGroup && !fromMe ? { ...key, participant: addressOf(voice, by) } : key
}

/** One key for each part of a message; several ids of one part are one. */
export function keysOf(voice: Speaks, ids: readonly RemoteMessageId[]): proto.IMessageKey[] {
  const keys = new Map<string, proto.IMessageKey>()
  for (const id of ids) {
    const key = keyOf(voice, id)
    if (key?.id && !keys.has(key.id)) keys.set(key.id, key)
  }
  return [...keys.values()]
}
