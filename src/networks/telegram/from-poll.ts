import type { tl } from '@mtcute/core'
import type { PollContent } from '../../model/content.ts'
import { fromEntities } from './from-entities.ts'
import type { View } from './view.ts'

/** The bytes that mean an answer, as an id. They are the server's choice: nothing can be told from them. */
export const optionId = (option: Uint8Array): string => Buffer.from(option).toString('hex')

/** The way back; undefined for what is not such an id. */
export const optionBytes = (id: string): Uint8Array | undefined =>
  /^(?:[0-9a-f]{2}){1,100}$/.test(id) ? Uint8Array.from(Buffer.from(id, 'hex')) : undefined

export const answersOf = (poll: tl.RawPoll): tl.RawPollAnswer[] =>
  poll.answers.filter((answer) => answer._ === 'pollAnswer')

/** A poll or quiz as Matrix shows it. */
export function fromPoll(
  { poll, results }: tl.RawMessageMediaPoll,
  view: Pick<View, 'userIdOf' | 'userOfName' | 'emojiPicture'>,
): PollContent {
  const answers = answersOf(poll)
  const correct = results.results?.find((each) => each.correct === true)
  const { solution, solutionEntities } = results
  const explained = solution === undefined ? undefined : fromEntities(solution, solutionEntities, view)
  return {
    kind: 'poll',
    question: poll.question.text,
    options: answers.map((answer) => ({ id: optionId(answer.option), text: answer.text.text })),
    maxSelections: poll.multipleChoice === true ? Math.max(1, answers.length) : 1,
    ...(poll.hideResultsUntilClose === true && { hidden: true }),
    ...(poll.publicVoters !== true && { anonymous: true }),
    ...(poll.quiz === true && {
      quiz: {
        ...(correct !== undefined && { correct: optionId(correct.option) }),
        ...(explained !== undefined && {
          explanation: {
            body: explained.body,
            ...(explained.html !== undefined && { html: explained.html }),
          },
        }),
      },
    }),
    ...(poll.closed === true && { closed: true }),
  }
}
