import type { WAMessage } from '@whiskeysockets/baileys'
import type { RemoteAction } from '../../model/remote-action.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import type { WaPlan } from './call.ts'
import { canonicalChat, remoteChat } from './chats.ts'
import { isDirect } from './ids.ts'
import { messageIdOf, personBy, authorOf } from './message-key.ts'
import { senderOf } from './names.ts'
import type { View } from './view.ts'
import type { Voice } from './voice.ts'

export function fromMessage(view: View, message: WAMessage): RemoteEvent[] {
  const chat = canonicalChat(view, message.key.remoteJid)
  const body = message.message?.conversation ?? message.message?.extendedTextMessage?.text
  if (chat === undefined || !body) return []
  const id = messageIdOf(view, chat, message.key)
  const by = authorOf(view, chat, message.key)
  if (id === undefined || by === undefined) return []
  return [
    {
      kind: 'message',
      chat: remoteChat(view, chat),
      id,
      at: new Date(Number(message.messageTimestamp) * 1000),
      sender: senderOf(view, personBy(view, chat, by), { direct: isDirect(chat) }),
      content: { kind: 'text', style: 'text', body },
    },
  ]
}

export function toRemote(action: RemoteAction, _voice: Voice): WaPlan {
  if (action.kind !== 'message' || action.content.kind !== 'text') return { refused: 'not yet', code: 'unsupported' }
  return { calls: [{ kind: 'send', shown: true, message: { conversation: action.content.body } }] }
}
