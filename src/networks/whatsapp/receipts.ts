import { proto } from '@whiskeysockets/baileys'
import type { WAMessage, WAMessageKey } from '@whiskeysockets/baileys'
import type { RemoteChatId, RemoteMessageId, RemoteUserId } from '../../model/ids.ts'
import type { RemoteHint } from '../../model/remote-event.ts'
import { canonicalChat, partner, remoteChat } from './chats.ts'
import { isDirect, parseMessageId } from './ids.ts'
import { addressOf, messageIdOf, ownId, withPairs } from './message-key.ts'
import type { Speaks } from './message-key.ts'
import { canonical, isSelf, personId, personOf, senderOf } from './names.ts'
import { numberOf } from './numbers.ts'
import type { View } from './view.ts'

const READ: number = proto.WebMessageInfo.Status.READ

type Update = Pick<WAMessage, 'status' | 'userReceipt'>

/**
 * Who has read up to a message. Baileys tells it as a status of the message in direct chats and as receipts of its
 * readers in groups; while it buffers events, both come inside of the message itself.
 */
export function readsOf(view: View, key: WAMessageKey, update: Update): RemoteHint[] {
  const known = withPairs(view, key)
  const chat = canonicalChat(known, key.remoteJid)
  const upTo = chat && messageIdOf(known, chat, key)
  if (chat === undefined || upTo === undefined) return []
  const hints: RemoteHint[] = []
  const status: number = update.status ?? 0
  if (isDirect(chat) && status >= READ) {
    // What the contact has read is ours; a message of theirs was read on another device of the account.
    const reader = key.fromMe === true ? canonical(known, partner(chat)) : ownId(known)
    hints.push(read(known, chat, reader, upTo))
  }
  for (const receipt of update.userReceipt ?? []) {
    const reader = personId(known, receipt.userJid)
    if (reader !== undefined && isRead(receipt)) hints.push(read(known, chat, reader, upTo))
  }
  return hints
}

const isRead = ({ readTimestamp, playedTimestamp }: proto.IUserReceipt): boolean =>
  (numberOf(readTimestamp) ?? 0) > 0 || (numberOf(playedTimestamp) ?? 0) > 0

const read = (view: View, chat: RemoteChatId, reader: RemoteUserId, upTo: RemoteMessageId): RemoteHint => ({
  kind: 'read',
  chat: remoteChat(view, chat),
  user: senderOf(view, reader, { direct: isDirect(chat) && !isSelf(view, reader) }),
  upTo,
})

/** The keys of messages to mark as read, as `readMessages` of Baileys takes them. Own messages are left out. */
export function readKeys(voice: Speaks, ids: readonly RemoteMessageId[]): WAMessageKey[] {
  return ids.flatMap((id) => {
    const message = parseMessageId(id)
    if (message === undefined || message.by === 'me') return []
    if (message.by === 'them') return [{ remoteJid: voice.jid, id: message.id, fromMe: false }]
    if (isSelf(voice, message.by)) return []
    const participant = addressOf(voice, message.by)
    return [{ remoteJid: voice.jid, id: message.id, fromMe: false, participant }]
  })
}

type Presence = { lastKnownPresence: string; lastSeen?: number }

/** Typing and presence, as the event `presence.update` of Baileys has them: of a chat, by person. */
export function presenceHints(
  view: View,
  jid: string,
  presences: Readonly<Record<string, Presence>>,
): RemoteHint[] {
  const chat = canonicalChat(view, jid)
  if (chat === undefined) return []
  const direct = isDirect(chat)
  return Object.entries(presences).flatMap(([participant, presence]): RemoteHint[] => {
    const id = personId(view, participant)
    if (id === undefined || isSelf(view, id)) return []
    const user = personOf(view, id, { direct })
    switch (presence.lastKnownPresence) {
      case 'composing':
      case 'recording':
      case 'paused': {
        const typing = presence.lastKnownPresence !== 'paused'
        return [{ kind: 'typing', chat: remoteChat(view, chat), user, typing }]
      }
      // Baileys says so of whoever stops typing too.
      case 'available':
        return [
          { kind: 'typing', chat: remoteChat(view, chat), user, typing: false },
          ...(direct ? [{ kind: 'presence', network: 'whatsapp', user, online: true } as const] : []),
        ]
      case 'unavailable': {
        const { lastSeen } = presence
        const seen = lastSeen !== undefined && lastSeen > 0 ? new Date(lastSeen * 1000) : undefined
        return [
          { kind: 'presence', network: 'whatsapp', user, online: false, ...(seen && { lastActive: seen }) },
        ]
      }
      default:
        return []
    }
  })
}
