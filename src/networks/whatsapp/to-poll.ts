import type { proto } from '@whiskeysockets/baileys'
import type { PollContent, PollOption } from '../../model/content.ts'
import { optionId } from './from-poll.ts'
import { POLL } from './limits.ts'

const length = (text: string): number => Array.from(text).length
const clean = (text: string): string => text.toWellFormed().replace(/\s+/g, ' ').trim()

/** Why a poll is none on WhatsApp, in words; undefined when it is. */
export function pollTrouble({ question, options }: PollContent): string | undefined {
  if (options.length < POLL.leastAnswers || options.length > POLL.mostAnswers) {
    return `WhatsApp takes polls with ${POLL.leastAnswers} to ${POLL.mostAnswers} answers: it was written out as text.`
  }
  const texts = options.map(({ text }) => clean(text))
  if (length(clean(question)) > POLL.question || texts.some((text) => length(text) > POLL.answer)) {
    return `WhatsApp takes questions of ${POLL.question} and answers of ${POLL.answer} characters: the poll was written out as text.`
  }
  if (clean(question) === '' || texts.includes('')) {
    return 'WhatsApp takes no empty answers: the poll was written out as text.'
  }
  // Votes name an answer by its text.
  return new Set(texts).size < texts.length
    ? 'WhatsApp does not take the same answer twice: the poll was written out as text.'
    : undefined
}

/** A poll as the app takes it: one for one answer, another for several. `secret` is 32 bytes. */
export function toPoll(
  poll: PollContent,
  secret: Uint8Array,
  contextInfo: proto.IContextInfo,
): { message: proto.IMessage; optionIds: string[] } {
  const texts = poll.options.map(({ text }) => clean(text))
  const most = Math.max(1, Math.floor(poll.maxSelections))
  const creation: proto.Message.IPollCreationMessage = {
    name: clean(poll.question),
    options: texts.map((optionName) => ({ optionName })),
    selectableOptionsCount: most >= texts.length ? 0 : most,
    ...(Object.keys(contextInfo).length > 0 && { contextInfo }),
  }
  const messageContextInfo = { messageSecret: secret }
  const message =
    most === 1
      ? { messageContextInfo, pollCreationMessageV3: { ...creation, selectableOptionsCount: 1 } }
      : { messageContextInfo, pollCreationMessage: creation }
  return { message, optionIds: texts.map(optionId) }
}

/** A poll in words, for people who cannot vote. */
export const pollWords = ({ question, options }: PollContent): string =>
  [`📊 ${clean(question)}`, ...options.map(({ text }, i) => `${i + 1}. ${clean(text)}`)].join('\n')

/** What the chosen answers are called in a vote; undefined when one of them is none of WhatsApp's. */
export function chosenOptions(options: readonly PollOption[]): string[] | undefined {
  const ids = options.map(({ id, text }) => (/^[\da-f]{64}$/.test(id) ? id : optionId(clean(text))))
  return ids.length === new Set(ids).size ? ids : undefined
}
