import { Long } from '@mtcute/core'
import type { tl } from '@mtcute/core'
import type { PollContent, PollOption } from '../../model/content.ts'
import { optionBytes } from './from-poll.ts'
import { POLL } from './limits.ts'
import { telegramOption } from './polls.ts'
import type { PollState } from './polls.ts'
import { codePoints } from './spans.ts'

/** Why a poll is none on Telegram, in words; undefined when it is. */
export function pollTrouble({ question, options }: PollContent): string | undefined {
  if (options.length < POLL.leastAnswers || options.length > POLL.mostAnswers) {
    return `Telegram takes polls with ${POLL.leastAnswers} to ${POLL.mostAnswers} answers: it was written out as text.`
  }
  const long =
    codePoints(question) > POLL.question || options.some(({ text }) => codePoints(text) > POLL.answer)
  if (long) {
    return `Telegram takes questions of ${POLL.question} and answers of ${POLL.answer} characters: the poll was written out as text.`
  }
  const empty = question.trim() === '' || options.some(({ text }) => text.trim() === '')
  return empty ? 'Telegram takes no empty answers: the poll was written out as text.' : undefined
}

/**
 * A poll as the service takes it; the answers get their bytes from the server. One whose results are shown at once names
 * its voters, except in channels, where Telegram allows no such polls. (core.telegram.org/api/poll)
 */
export function toPoll(poll: PollContent, options: { broadcast: boolean }): tl.RawInputMediaPoll {
  const hidden = poll.hidden === true
  const correct = poll.quiz?.correct
  const right = poll.options.findIndex(({ id }) => id === correct)
  const quiz = poll.quiz !== undefined && right >= 0 && poll.maxSelections === 1
  return {
    _: 'inputMediaPoll',
    poll: {
      _: 'poll',
      id: Long.ZERO,
      hash: Long.ZERO,
      question: plainText(poll.question),
      answers: poll.options.map(({ text }) => ({ _: 'inputPollAnswer', text: plainText(text) })),
      ...(!hidden && poll.anonymous !== true && !options.broadcast && { publicVoters: true }),
      ...(poll.maxSelections > 1 && { multipleChoice: true }),
      ...(hidden && { hideResultsUntilClose: true }),
      ...(quiz && { quiz: true }),
    },
    ...(quiz && { correctAnswers: [right] }),
  }
}

const plainText = (text: string): tl.RawTextWithEntities => ({
  _: 'textWithEntities',
  text: text.trim(),
  entities: [],
})

/** A poll in words, for people who cannot vote. */
export const pollWords = ({ question, options }: PollContent): string =>
  [`📊 ${question.trim()}`, ...options.map(({ text }, i) => `${i + 1}. ${text.trim()}`)].join('\n')

/** The bytes of the answers that were chosen; undefined when one of them is none of the poll's. */
export function chosenBytes(
  options: readonly PollOption[],
  state: PollState | undefined,
): Uint8Array[] | undefined {
  const bytes = options.map(({ id }) => optionBytes((state && telegramOption(state, id)) ?? id))
  return bytes.every((each) => each !== undefined) ? bytes : undefined
}
