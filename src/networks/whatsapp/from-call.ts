import type { WACallEvent } from '@whiskeysockets/baileys'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { canonicalChat, partner, remoteChat } from './chats.ts'
import { isDirect, isLid, isPhone, toMessageId, toUserId } from './ids.ts'
import { canonical, isSelf, senderOf } from './names.ts'
import type { View } from './view.ts'

/**
 * That somebody calls. Calls of groups, and those that nobody answered, are messages of Baileys already; what else becomes of
 * a call the phone shows.
 */
export function fromCall(call: WACallEvent, given: View, now: Date): RemoteEvent | undefined {
  if (call.status !== 'offer' || call.isGroup === true) return undefined
  const ids = [call.from, call.callerPn, call.chatId].flatMap((jid) => toUserId(jid) ?? [])
  const [lid, phone] = [ids.find(isLid), ids.find(isPhone)]
  // A call names its caller by both addresses, where it knows both.
  const pair = (user: string) => (user === lid ? phone : user === phone ? lid : undefined)
  const view: View = { ...given, aliasOf: (user) => given.aliasOf(user) ?? pair(user) }
  const [user] = ids
  const chat = canonicalChat(view, user)
  if (user === undefined || chat === undefined || !isDirect(chat) || isSelf(view, user)) return undefined
  const kind = call.isVideo === true ? 'video call' : 'voice call'
  const text = call.offline
    ? `A ${kind} came while the bridge was away. Open WhatsApp to see what became of it.`
    : `A ${kind} comes in. Open WhatsApp to answer it.`
  return {
    chat: remoteChat(view, chat),
    id: toMessageId({ by: 'them', id: `${call.id}.offer` }),
    at: call.date.getTime() > 0 ? call.date : now,
    sender: senderOf(view, canonical(view, partner(chat)), { direct: true }),
    kind: 'message',
    content: { kind: 'unsupported', what: 'call', text },
  }
}
