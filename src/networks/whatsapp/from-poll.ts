import { createHash } from 'node:crypto'
import type { proto } from '@whiskeysockets/baileys'
import type { PollContent } from '../../model/content.ts'

/** What WhatsApp calls an answer in a vote: the hash of its text. As hexadecimal digits. */
export const optionId = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The answers of a decrypted vote (`decryptPollVote` of Baileys); none takes the vote back. */
export const votedOptions = (selected: readonly Uint8Array[] | null | undefined): string[] => [
  ...new Set((selected ?? []).map((each) => Buffer.from(each).toString('hex'))),
]

export const pollOf = (content: proto.IMessage): proto.Message.IPollCreationMessage | null | undefined =>
  content.pollCreationMessage ??
  content.pollCreationMessageV2 ??
  content.pollCreationMessageV3 ??
  content.pollCreationMessageV5

/** A poll as Matrix shows it. The number of answers that one may choose is 0 where it is not limited. */
export function fromPoll(poll: proto.Message.IPollCreationMessage): PollContent {
  const texts = [...new Set((poll.options ?? []).map((option) => option.optionName ?? ''))]
  const most = poll.selectableOptionsCount ?? 0
  const correct = poll.correctAnswer?.optionName
  return {
    kind: 'poll',
    question: (poll.name ?? '').toWellFormed(),
    options: texts.map((text) => ({ id: optionId(text), text: text.toWellFormed() })),
    maxSelections: most > 0 ? Math.min(most, Math.max(1, texts.length)) : Math.max(1, texts.length),
    ...(correct && { quiz: { correct: optionId(correct) } }),
  }
}
