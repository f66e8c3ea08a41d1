import type { WAMessage } from '@whiskeysockets/baileys'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { qualifiedEmoji } from '../shared/emoji.ts'
import { basisOf } from './from-message.ts'
import { votedOptions } from './from-poll.ts'
import { derivedId, isDirect } from './ids.ts'
import { authorOf, personBy } from './message-key.ts'
import { senderOf } from './names.ts'
import { numberOf, timeOf } from './numbers.ts'

/**
 * What the history of a phone keeps with a message: reactions and, of polls that the phone could read, votes. Keys are
 * from the account's point of view.
 */
export function fromHistory(
  message: WAMessage,
  given: Parameters<typeof basisOf>[1],
  now: Date,
): RemoteEvent[] {
  const basis = basisOf(message, given, now)
  if (basis === undefined) return []
  const { view, chat, event } = basis
  const by = (key: Parameters<typeof authorOf>[2] | null | undefined, ms: Parameters<typeof numberOf>[0]) => {
    const author = key ? authorOf(view, chat, key) : undefined
    if (author === undefined) return undefined
    const user = personBy(view, chat, author)
    const sender = senderOf(view, user, { direct: isDirect(chat) && author === 'them' })
    const at = timeOf(Math.floor((numberOf(ms) ?? 0) / 1000), event.at)
    return { chat: event.chat, at, sender }
  }
  const reactions = (message.reactions ?? []).flatMap(({ key, text, senderTimestampMs }): RemoteEvent[] => {
    const base = by(key, senderTimestampMs)
    const emoji = (text ?? '').toWellFormed().trim()
    if (base === undefined || emoji === '') return []
    const id = derivedId(event.id, `reaction.${base.sender.id}.${key?.id ?? ''}`)
    return [{ ...base, id, kind: 'reaction', target: event.id, key: qualifiedEmoji(emoji) }]
  })
  const votes = (message.pollUpdates ?? []).flatMap(
    ({ pollUpdateMessageKey: key, vote, senderTimestampMs }): RemoteEvent[] => {
      const base = by(key, senderTimestampMs)
      if (base === undefined || !vote) return []
      const id = derivedId(event.id, `vote.${base.sender.id}.${key?.id ?? ''}`)
      return [
        { ...base, id, kind: 'poll-vote', target: event.id, optionIds: votedOptions(vote.selectedOptions) },
      ]
    },
  )
  return [...reactions, ...votes]
}
