import type { proto } from '@whiskeysockets/baileys'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { isSameEmoji, qualifiedEmoji } from '../shared/emoji.ts'
import type { Basis, Stored } from './from-basis.ts'
import { votedOptions } from './from-poll.ts'
import { derivedId } from './ids.ts'
import { messageIdOf } from './message-key.ts'
import { appOnly } from './rich.ts'

/**
 * A reaction. Each person has one on a message: another one takes its place, an empty one takes it away. Which one that
 * was the network does not say; `stored` does.
 */
export function fromReaction(
  reaction: proto.Message.IReactionMessage,
  { view, chat, event }: Basis,
  { reaction: before = '' }: Stored,
): RemoteEvent[] {
  const target = reaction.key ? messageIdOf(view, chat, reaction.key) : undefined
  if (target === undefined) return []
  const text = (reaction.text ?? '').toWellFormed().trim().slice(0, 100).toWellFormed()
  const gone = before !== '' && !isSameEmoji(before, text)
  const removal: RemoteEvent = {
    ...event,
    id: derivedId(event.id, 'before'),
    kind: 'reaction-removal',
    target,
    key: qualifiedEmoji(before),
  }
  return [
    ...(gone ? [removal] : []),
    ...(text === '' ? [] : [{ ...event, kind: 'reaction' as const, target, key: qualifiedEmoji(text) }]),
  ]
}

/** A vote: the newest of a person counts, an empty one takes it back. */
export function fromVote(
  update: proto.Message.IPollUpdateMessage,
  { view, chat, event }: Basis,
  { vote }: Stored,
): RemoteEvent[] {
  const target = update.pollCreationMessageKey
    ? messageIdOf(view, chat, update.pollCreationMessageKey)
    : undefined
  if (target === undefined || vote === undefined) {
    const content = appOnly('vote', 'A vote in a poll.')
    return [{ ...event, kind: 'message', content, ...(target !== undefined && { replyTo: target }) }]
  }
  return [{ ...event, kind: 'poll-vote', target, optionIds: votedOptions(vote) }]
}
