import type { WAMessage, WAMessageKey } from '@whiskeysockets/baileys'
import type { RemoteChatId, RemoteMessageId, RemoteUserId } from '../../model/ids.ts'
import { canonicalChat } from './chats.ts'
import { quotedIds } from './from-context.ts'
import { authorOf, messageIds, personBy, withPairs } from './message-key.ts'
import { contextOf, unwrap } from './unwrap.ts'
import type { View } from './view.ts'

/** What a message cannot be read without, and what has to be looked up before: see `Stored`. */
export type Wanted = {
  /** The reaction that somebody has on a message; what it becomes is to be kept in its place (empty: none). */
  reaction?: { chat: RemoteChatId; target: RemoteMessageId; by: RemoteUserId; becomes: string }
  /** The poll of a vote. `ids`: under which its message, and so its secret, was kept. */
  poll?: { chat: RemoteChatId; key: WAMessageKey; ids: RemoteMessageId[] }
  /** What is answered. */
  quoted?: { chat: RemoteChatId; ids: RemoteMessageId[] }
}

export function wantedFor(message: WAMessage, given: View): Wanted {
  const view = withPairs(given, message.key)
  const chat = canonicalChat(view, message.key.remoteJid)
  const by = chat && authorOf(view, chat, message.key)
  if (chat === undefined || by === undefined || !message.message) return {}
  const { content } = unwrap(message.message)
  const { reactionMessage, pollUpdateMessage } = content
  if (reactionMessage?.key?.id) {
    const author = authorOf(view, chat, reactionMessage.key)
    if (author === undefined) return {}
    const [target] = messageIds(view, author, reactionMessage.key.id)
    return { reaction: { chat, target, by: personBy(view, chat, by), becomes: reactionMessage.text ?? '' } }
  }
  const key = pollUpdateMessage?.pollCreationMessageKey
  if (key?.id) {
    const author = authorOf(view, chat, key)
    return author === undefined ? {} : { poll: { chat, key, ids: messageIds(view, author, key.id) } }
  }
  const ids = quotedIds(contextOf(content), { view, chat })
  return ids === undefined ? {} : { quoted: { chat, ids } }
}
