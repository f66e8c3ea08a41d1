import type { tl } from '@mtcute/core'
import type { RemoteEvent, RemoteUser } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import { photoFacts } from './from-file.ts'
import { appOnly } from './from-media.ts'
import { derivedId, messageIdIn, parseUserId, toChatId } from './ids.ts'
import { cleanName, nameOf, personOf } from './names.ts'
import { authorOf, basisOf, chatOfMessage } from './place.ts'
import type { Basis } from './place.ts'
import { chatOfPeer } from './peer.ts'
import { remoteSource } from './picture.ts'
import { appWordsOf, wordsOf } from './service-words.ts'
import type { View } from './view.ts'

/** A message in which the network tells what happened in a conversation. */
export function fromService(
  message: tl.RawMessageService,
  view: View,
  options: { backfilled?: boolean } = {},
): RemoteEvent[] {
  const basis = basisOf(view, message, options)
  const whole = ofWhole(basis, message, view)
  const { action } = message
  switch (action._) {
    case 'messageActionEmpty':
    case 'messageActionHistoryClear':
      return []
    case 'messageActionChatCreate':
      return [
        name(whole, action.title),
        info(basis, action, message, view),
        ...joins(whole, action.users, view),
      ]
    case 'messageActionChannelCreate':
      return [name(whole, action.title), info(basis, action, message, view)]
    case 'messageActionChatEditTitle':
      return [name(whole, action.title)]
    case 'messageActionTopicCreate':
      return action.title === '' ? [] : [name(basis, action.title)]
    case 'messageActionTopicEdit':
      return [
        ...(action.title === undefined ? [] : [name(basis, action.title)]),
        ...(wordsOf(action, '', view) === undefined ? [] : [info(basis, action, message, view)]),
      ]
    case 'messageActionChatEditPhoto':
      return [picture(whole, action.photo, message, view)]
    case 'messageActionChatDeletePhoto':
      return [{ ...whole, kind: 'avatar', avatar: undefined }]
    case 'messageActionChatAddUser':
      return joins(whole, action.users, view)
    case 'messageActionChatJoinedByLink':
    case 'messageActionChatJoinedByRequest':
      return [join(whole, basis.sender)]
    case 'messageActionChatDeleteUser':
      return [gone(whole, action.userId, view)]
    case 'messageActionChatMigrateTo':
      return [moved(view, chatOfPeer(message.peerId).id, action.channelId, basis.at)]
    case 'messageActionChannelMigrateFrom':
      return [
        moved(view, action.chatId, chatOfPeer(message.peerId).id, basis.at),
        info(basis, action, message, view),
      ]
    case 'messageActionPinMessage':
      return pin(basis, message, view)
    default:
      return [other(basis, action, message, view)]
  }
}

/** What happens to a forum happens to all of it, wherever its General topic tells of it. */
function ofWhole(basis: Basis, message: tl.RawMessageService, view: View): Basis {
  const { topic: _, ...chat } = chatOfMessage(view, message)
  return { ...basis, chat: remoteChat(view, chat) }
}

const name = (basis: Basis, title: string): RemoteEvent => ({
  ...basis,
  kind: 'name',
  name: cleanName(title),
})

/** Something for which there is a sentence; in a forum it is told in its topic. */
function info(
  basis: Basis,
  action: tl.TypeMessageAction,
  message: tl.RawMessageService,
  view: View,
): RemoteEvent {
  const text =
    wordsOf(action, nameOf(view, authorOf(view, message)), view) ?? 'Something happened in the Telegram app'
  return { ...basis, kind: 'info', text }
}

function other(
  basis: Basis,
  action: tl.TypeMessageAction,
  message: tl.RawMessageService,
  view: View,
): RemoteEvent {
  const app = appWordsOf(action, view)
  if (app === undefined) return info(basis, action, message, view)
  return { ...basis, kind: 'message', content: appOnly(app.what, app.sentence) }
}

/** Everybody of a list has an event of their own, so each has an id of its own. */
function joins(basis: Basis, users: readonly number[], view: View): RemoteEvent[] {
  return users.map((id) => {
    const user = personOf(view, id)
    return { ...join(basis, user), id: derivedId(basis.id, `join.${id}`) }
  })
}

const join = (basis: Basis, user: RemoteUser): RemoteEvent => ({
  ...basis,
  kind: 'membership',
  user,
  change: 'join',
})

function gone(basis: Basis, id: number, view: View): RemoteEvent {
  const by = parseUserId(basis.sender.id)
  const change = by?.kind === 'user' && by.id === id ? 'leave' : 'kick'
  return { ...basis, kind: 'membership', user: personOf(view, id), change }
}

function picture(basis: Basis, photo: tl.TypePhoto, message: tl.RawMessageService, view: View): RemoteEvent {
  const facts = photoFacts(photo)
  if (facts === undefined) return { ...basis, kind: 'avatar', avatar: undefined }
  const chat = chatOfMessage(view, message)
  const whose = chat.kind === 'channel' ? {} : { account: view.account }
  const { id, ...rest } = facts
  const source = remoteSource({ of: 'message', chat: toChatId(chat), ...whose, n: message.id, id })
  return {
    ...basis,
    kind: 'avatar',
    avatar: undefined,
    picture: { id, media: { kind: 'media', ...rest, source } },
  }
}

/**
 * A basic group goes on as a supergroup in the same room. Both sides tell it, in an order that nobody knows, so it has
 * one id, and whoever comes first moves the room.
 */
export function moved(view: View, group: number, channel: number, at: Date): RemoteEvent {
  const from = { kind: 'chat', id: group } as const
  const to = { kind: 'channel', id: channel } as const
  const id = derivedId(messageIdIn({ kind: 'channel' }, view.account, channel), 'moved')
  return { chat: remoteChat(view, from), id, at, kind: 'moved', to: remoteChat(view, to) }
}

function pin(basis: Basis, message: tl.RawMessageService, view: View): RemoteEvent[] {
  const header = message.replyTo
  if (header?._ !== 'messageReplyHeader' || header.replyToMsgId === undefined) return []
  const target = messageIdIn(chatOfPeer(message.peerId), view.account, header.replyToMsgId)
  return [{ ...basis, kind: 'pin', targets: [target], pinned: true }]
}
