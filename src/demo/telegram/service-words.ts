import type { TlObject } from '../../../test/sim/telegram/contract.ts'
import type { Post } from '../../../test/sim/telegram/world/index.ts'
import { nameOf } from './people.ts'

/** A service message in words; undefined for what need not be shown. */
export function serviceWords(action: TlObject, { author }: Post): string | undefined {
  const who = nameOf(author)
  const title = typeof action['title'] === 'string' ? action['title'] : ''
  switch (action._) {
    case 'messageActionChatCreate':
    case 'messageActionChannelCreate':
      return `${who} created the group`
    case 'messageActionTopicCreate':
      return `${who} created the topic “${title}”`
    case 'messageActionChatEditTitle':
      return `${who} named it “${title}”`
    case 'messageActionChatDeleteUser':
      return `${who} left, or was removed`
    case 'messageActionChatAddUser':
    case 'messageActionChatJoinedByLink':
      return `${who} joined`
    case 'messageActionPinMessage':
      return `${who} pinned a message`
    default:
      return undefined
  }
}
