import type { tl } from '@mtcute/core'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { hashOf } from './content-hash.ts'
import { contentOf } from './from-content.ts'
import { isElsewhere } from './from-lead.ts'
import { fromService } from './from-service.ts'
import { derivedId, messageIdIn } from './ids.ts'
import { basisOf } from './place.ts'
import { chatOfPeer } from './peer.ts'
import { quizOf, quizAnswer } from './quiz.ts'
import type { View } from './view.ts'

/**
 * A message, live or from history, as events: one for the message, one for the end of a poll that is closed. Reactions
 * and votes on it are states of their own (`reactions.ts`, `polls.ts`). Service messages become whatever they tell.
 */
export function fromMessage(
  message: tl.TypeMessage,
  view: View,
  options: { backfilled?: boolean } = {},
): RemoteEvent[] {
  switch (message._) {
    case 'messageEmpty':
      return []
    case 'messageService':
      return fromService(message, view, options)
    case 'message': {
      const basis = basisOf(view, message, options)
      const replyTo = replyOf(view, message)
      return [
        {
          ...basis,
          kind: 'message',
          content: contentOf(message, view),
          ...(replyTo !== undefined && { replyTo }),
          ...(message.groupedId !== undefined && { album: message.groupedId.toString() }),
          ...(message.ttlPeriod !== undefined && { expiresAfterMs: message.ttlPeriod * 1000 }),
        },
        ...pollEnd(message, view, options),
        ...answer(message, view, options),
      ]
    }
  }
}

/** The message that is answered; what begins a topic is not meant by those who write in it. */
function replyOf(view: View, message: tl.RawMessage): RemoteMessageId | undefined {
  const header = message.replyTo
  if (header?._ !== 'messageReplyHeader' || isElsewhere(header)) return undefined
  const { replyToMsgId, replyToTopId, forumTopic } = header
  if (replyToMsgId === undefined || (forumTopic === true && replyToTopId === undefined)) return undefined
  return messageIdIn(chatOfPeer(message.peerId), view.account, replyToMsgId)
}

/**
 * An edited message. `before` is the hash that `fromEdit` or `hashOf` gave last; where nothing is different from what
 * people see already, there is no event. A poll that is closed ends.
 */
export function fromEdit(
  message: tl.TypeMessage,
  view: View,
  before: string | undefined,
): { events: RemoteEvent[]; hash?: string } {
  if (message._ !== 'message') return { events: [] }
  const hash = hashOf(message)
  const changed =
    before === undefined ? message.editDate !== undefined && message.editHide !== true : hash !== before
  const isPoll = message.media?._ === 'messageMediaPoll'
  if (!changed || isPoll) return { events: [...pollEnd(message, view), ...answer(message, view)], hash }
  const basis = basisOf(view, message)
  const seconds = message.editDate ?? message.date
  const edit: RemoteEvent = {
    ...basis,
    kind: 'edit',
    id: derivedId(basis.id, `e${seconds}.${hash}`),
    at: new Date(seconds * 1000),
    target: basis.id,
    content: contentOf(message, view),
  }
  return { events: [edit], hash }
}

function pollEnd(message: tl.RawMessage, view: View, options: { backfilled?: boolean } = {}): RemoteEvent[] {
  if (message.media?._ !== 'messageMediaPoll' || message.media.poll.closed !== true) return []
  const basis = basisOf(view, message, options)
  const at = new Date((message.editDate ?? message.date) * 1000)
  return [{ ...basis, kind: 'poll-end', id: derivedId(basis.id, 'end'), at, target: basis.id }]
}

/** Of a quiz in which the account has voted, or that is over, what was right. It is told once, whoever sees it first. */
function answer(message: tl.RawMessage, view: View, options: { backfilled?: boolean } = {}): RemoteEvent[] {
  if (message.media?._ !== 'messageMediaPoll') return []
  const { poll, results } = message.media
  const quiz = quizOf(poll)
  const basis = basisOf(view, message, options)
  const of = { chat: basis.chat, target: basis.id, now: basis.at }
  const event = quiz && quizAnswer(quiz, results, of, view)
  return event === undefined ? [] : [{ ...event, ...(options.backfilled === true && { backfilled: true }) }]
}
