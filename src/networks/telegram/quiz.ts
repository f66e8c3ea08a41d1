import type { tl } from '@mtcute/core'
import type { RemoteEvent } from '../../model/remote-event.ts'
import type { RichText } from '../../model/content.ts'
import { escapeHtml, textToHtml } from '../shared/html.ts'
import { fromEntities } from './from-entities.ts'
import { answersOf, optionId } from './from-poll.ts'
import { derivedId } from './ids.ts'
import type { PollTarget } from './polls.ts'
import type { View } from './view.ts'

/** A quiz as it is kept with its poll: its answers by `optionId`, and whether the right one was told. */
export type QuizState = { answers: Record<string, string>; told?: true }

export const quizOf = (poll: tl.RawPoll): QuizState | undefined =>
  poll.quiz === true
    ? {
        answers: Object.fromEntries(answersOf(poll).map(({ option, text }) => [optionId(option), text.text])),
      }
    : undefined

/**
 * What was right, and why, as words below the quiz. Telegram tells it to whoever has voted, and to all at the end; others in
 * the room may still want to guess, so it is covered. Undefined as long as it is not known.
 */
export function quizAnswer(
  quiz: QuizState,
  results: tl.TypePollResults,
  of: PollTarget,
  view: Pick<View, 'userIdOf' | 'userOfName' | 'emojiPicture'>,
): RemoteEvent | undefined {
  const right = (results.results ?? [])
    .filter(({ correct }) => correct === true)
    .flatMap(({ option }) => quiz.answers[optionId(option)] ?? [])
  if (right.length === 0) return undefined
  const { text, html } = words(right, explanationIn(results, view))
  return {
    chat: of.chat,
    at: of.now,
    id: derivedId(of.target, 'answer'),
    kind: 'info',
    text,
    html,
    replyTo: of.target,
  }
}

function explanationIn(
  { solution, solutionEntities }: tl.TypePollResults,
  view: Pick<View, 'userIdOf' | 'userOfName' | 'emojiPicture'>,
): RichText | undefined {
  return solution === undefined || solution === ''
    ? undefined
    : fromEntities(solution, solutionEntities, view)
}

function words(right: string[], why: RichText | undefined): { text: string; html: string } {
  const lead = right.length === 1 ? 'The right answer' : 'The right answers'
  const answers = right.join(', ')
  const covered = (html: string) => `<span data-mx-spoiler>${html}</span>`
  return {
    text: `${lead}: ${answers}${why === undefined ? '' : `\n${why.body}`}`,
    html: `${lead}: ${covered(escapeHtml(answers))}${why === undefined ? '' : `<br>${covered(why.html ?? textToHtml(why.body))}`}`,
  }
}
