import type { tl } from '@mtcute/core'
import type { RemoteChat } from '../../model/remote-event.ts'
import { GENERAL_TOPIC, toChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { cleanName, contactName, publicName, usernameOf } from './names.ts'
import { isForum } from './view.ts'
import type { View } from './view.ts'

type Looks = Pick<View, 'account' | 'login' | 'user' | 'chat' | 'channel' | 'topicTitle'>

/** A conversation as the bridge knows it, with the names that are known at this moment. */
export function remoteChat(view: Looks, chat: TgChat): RemoteChat {
  const base = { network: 'telegram' as const, id: toChatId(chat) }
  switch (chat.kind) {
    case 'user': {
      const name = directName(view, chat.id)
      return { ...base, type: 'dm', receiver: view.login, ...(name !== undefined && { name }) }
    }
    case 'chat': {
      const name = cleanName(view.chat(chat.id)?.title ?? '')
      return { ...base, type: 'group', ...(name !== '' && { name }) }
    }
    case 'channel':
      return { ...base, ...channelParts(view, chat) }
  }
}

/** What a direct chat is called: nobody else reads it, so it may be the name of the address book. */
function directName(view: Looks, id: number): string | undefined {
  if (id === view.account) return 'Saved Messages'
  const user = view.user(id)
  if (user === undefined) return undefined
  const handle = usernameOf(user)
  return contactName(user) || publicName(user) || (handle === undefined ? undefined : `@${handle}`)
}

function channelParts(view: Looks, chat: TgChat): Omit<RemoteChat, 'network' | 'id'> {
  const channel = view.channel(chat.id)
  const title = cleanName(channel?.title ?? '')
  const type = channel?.broadcast === true ? 'channel' : 'group'
  if (chat.topic === undefined) return { type, ...(title !== '' && { name: title }) }
  const topic = view.topicTitle(chat.id, chat.topic) ?? (chat.topic === GENERAL_TOPIC ? 'General' : undefined)
  const name = topic === undefined ? undefined : cleanName(topic)
  return {
    type,
    ...(name !== undefined && name !== '' && { name }),
    parent: { id: toChatId({ kind: 'channel', id: chat.id }), ...(title !== '' && { name: title }) },
  }
}

/**
 * The topic of a forum that a message belongs to (core.telegram.org/api/forum): the header's top message, else the
 * message that is answered if the header says that it is a topic, else General. Undefined where there are no topics.
 */
export function topicOf(
  view: Pick<View, 'channel'>,
  channel: number,
  message: tl.RawMessage | tl.RawMessageService,
): number | undefined {
  if (!isForum(view, channel)) return undefined
  if (message._ === 'messageService' && message.action._ === 'messageActionTopicCreate') return message.id
  const header = message.replyTo
  if (header?._ !== 'messageReplyHeader' || header.forumTopic !== true) return GENERAL_TOPIC
  return header.replyToTopId ?? header.replyToMsgId ?? GENERAL_TOPIC
}
