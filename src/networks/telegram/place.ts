import type { tl } from '@mtcute/core'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { RemoteChat, RemoteSender } from '../../model/remote-event.ts'
import { remoteChat, topicOf } from './chats.ts'
import { messageIdIn } from './ids.ts'
import type { TgChat, TgSender } from './ids.ts'
import { senderOf } from './names.ts'
import { chatOfPeer, senderOfPeer } from './peer.ts'
import type { View } from './view.ts'

export type AnyMessage = tl.RawMessage | tl.RawMessageService

/** The conversation of a message; in a forum its topic. */
export function chatOfMessage(view: View, message: AnyMessage): TgChat {
  const chat = chatOfPeer(message.peerId)
  const topic = chat.kind === 'channel' ? topicOf(view, chat.id, message) : undefined
  return topic === undefined ? chat : { ...chat, topic }
}

/** Who wrote it. The field is left out where it is clear: in private chats and in posts of a channel. */
export function authorOf(view: View, message: AnyMessage): TgSender {
  const from = message.fromId === undefined ? undefined : senderOfPeer(message.fromId)
  if (from !== undefined) return from
  const peer = senderOfPeer(message.peerId)
  if (peer?.kind === 'channel') return peer
  const own: TgSender = { kind: 'user', id: view.account }
  return message.out === true || peer === undefined ? own : peer
}

/** What every event about a message has. */
export type Basis = {
  chat: RemoteChat
  id: RemoteMessageId
  at: Date
  sender: RemoteSender
  backfilled?: boolean
}

export function basisOf(view: View, message: AnyMessage, options: { backfilled?: boolean } = {}): Basis {
  const chat = chatOfMessage(view, message)
  const direct = chat.kind === 'user'
  return {
    chat: remoteChat(view, chat),
    id: messageIdIn(chat, view.account, message.id),
    at: new Date(message.date * 1000),
    sender: senderOf(view, authorOf(view, message), { direct }),
    ...(options.backfilled === true && { backfilled: true }),
  }
}
