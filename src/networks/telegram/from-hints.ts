import type { tl } from '@mtcute/core'
import type { RemoteHint } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import { GENERAL_TOPIC, messageIdIn } from './ids.ts'
import type { TgChat, TgSender } from './ids.ts'
import { personOf, remoteUser, senderOf } from './names.ts'
import { chatOfPeer, senderOfPeer } from './peer.ts'
import { isForum } from './view.ts'
import type { View } from './view.ts'

/** What an update tells that need not be kept: typing, reads, presence, changed profiles. */
export function hintsOf(update: tl.TypeUpdate, view: View): RemoteHint[] {
  switch (update._) {
    case 'updateUserTyping':
      return typing(
        view,
        withTopic(view, { kind: 'user', id: update.userId }, update.topMsgId),
        person(update.userId),
        update.action,
      )
    case 'updateChatUserTyping': {
      const from = senderOfPeer(update.fromId)
      return from === undefined ? [] : typing(view, { kind: 'chat', id: update.chatId }, from, update.action)
    }
    case 'updateChannelUserTyping': {
      const from = senderOfPeer(update.fromId)
      const chat = withTopic(view, { kind: 'channel', id: update.channelId }, update.topMsgId)
      return from === undefined ? [] : typing(view, chat, from, update.action)
    }
    case 'updateReadHistoryOutbox': {
      // In a group nobody says who it was.
      const chat = chatOfPeer(update.peer)
      return chat.kind === 'user' ? [read(view, chat, person(chat.id), update.maxId)] : []
    }
    case 'updateReadHistoryInbox':
      return [read(view, chatOfPeer(update.peer), person(view.account), update.maxId)]
    case 'updateReadChannelInbox': {
      const chat = { kind: 'channel', id: update.channelId } as const
      // Each topic of a forum tells for itself.
      return isForum(view, chat.id) ? [] : [read(view, chat, person(view.account), update.maxId)]
    }
    case 'updateReadChannelDiscussionInbox': {
      const chat: TgChat = { kind: 'channel', id: update.channelId, topic: update.topMsgId }
      return isForum(view, chat.id) ? [read(view, chat, person(view.account), update.readMaxId)] : []
    }
    case 'updateUserStatus':
      return presence(view, update)
    case 'updateUserName': {
      const known = view.user(update.userId)
      if (known === undefined) return []
      const { firstName, lastName } = update
      const usernames = update.usernames.filter((each) => each._ === 'username')
      const { username: _, ...rest } = known
      return [
        {
          kind: 'profile',
          network: 'telegram',
          user: remoteUser({ ...rest, firstName, lastName, usernames }),
        },
      ]
    }
    case 'updateUser': {
      const user = view.user(update.userId)
      return user === undefined ? [] : [{ kind: 'profile', network: 'telegram', user: remoteUser(user) }]
    }
    default:
      return []
  }
}

const person = (id: number): TgSender => ({ kind: 'user', id })

function withTopic(view: View, chat: TgChat, topic: number | undefined): TgChat {
  if (chat.kind !== 'channel' || !isForum(view, chat.id)) return chat
  return { ...chat, topic: topic ?? GENERAL_TOPIC }
}

/** A sign of typing counts for six seconds; recording and choosing a file are signs of it as well. */
function typing(view: View, chat: TgChat, who: TgSender, action: tl.TypeSendMessageAction): RemoteHint[] {
  const isUs = who.kind === 'user' && who.id === view.account
  if (isUs || SAYS_NOTHING.has(action._)) return []
  const user = senderOf(view, who, { direct: chat.kind === 'user' })
  return [
    { kind: 'typing', chat: remoteChat(view, chat), user, typing: action._ !== 'sendMessageCancelAction' },
  ]
}

const SAYS_NOTHING: ReadonlySet<tl.TypeSendMessageAction['_']> = new Set([
  'speakingInGroupCallAction',
  'sendMessageHistoryImportAction',
  'sendMessageEmojiInteraction',
  'sendMessageEmojiInteractionSeen',
  'sendMessageGamePlayAction',
])

const read = (view: View, chat: TgChat, who: TgSender, n: number): RemoteHint => ({
  kind: 'read',
  chat: remoteChat(view, chat),
  user: senderOf(view, who),
  upTo: messageIdIn(chat, view.account, Math.max(1, n)),
})

function presence(view: View, { userId, status }: tl.RawUpdateUserStatus): RemoteHint[] {
  if (userId === view.account) return []
  const about = { kind: 'presence' as const, network: 'telegram' as const, user: personOf(view, userId) }
  switch (status._) {
    case 'userStatusOnline':
      return [{ ...about, online: true }]
    case 'userStatusOffline':
      return [{ ...about, online: false, lastActive: new Date(status.wasOnline * 1000) }]
    case 'userStatusRecently':
      return [{ ...about, online: false, text: 'Last seen recently' }]
    case 'userStatusLastWeek':
      return [{ ...about, online: false, text: 'Last seen within a week' }]
    case 'userStatusLastMonth':
      return [{ ...about, online: false, text: 'Last seen within a month' }]
    case 'userStatusEmpty':
      return []
  }
}
