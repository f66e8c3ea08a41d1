import type { tl } from '@mtcute/core'
import type { TgChat, TgSender } from './ids.ts'

/** A peer as a conversation. */
export function chatOfPeer(peer: tl.TypePeer): TgChat {
  switch (peer._) {
    case 'peerUser':
      return { kind: 'user', id: peer.userId }
    case 'peerChat':
      return { kind: 'chat', id: peer.chatId }
    case 'peerChannel':
      return { kind: 'channel', id: peer.channelId }
  }
}

/** A peer as somebody who speaks; a basic group never does. */
export function senderOfPeer(peer: tl.TypePeer): TgSender | undefined {
  const { kind, id } = chatOfPeer(peer)
  return kind === 'chat' ? undefined : { kind, id }
}
