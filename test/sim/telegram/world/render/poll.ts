import type { TlObject } from '../../contract.ts'
import { optionKey } from '../poll.ts'
import type { Poll } from '../poll.ts'
import type { View } from '../view.ts'
import { peerUser } from './peer.ts'

const RECENT = 3

export function pollTl(view: View, poll: Poll): TlObject {
  const { fields } = poll
  return {
    _: 'poll',
    id: poll.id,
    closed: poll.isClosed(view.realm.now()),
    public_voters: fields.publicVoters,
    multiple_choice: fields.multipleChoice,
    quiz: fields.quiz,
    open_answers: fields.openAnswers,
    revoting_disabled: fields.revotingDisabled,
    hide_results_until_close: fields.hideResults,
    creator: poll.creator === view.me,
    question: fields.question,
    answers: fields.answers.map(({ text, option, addedBy }) => ({
      _: 'pollAnswer',
      text,
      option,
      ...(addedBy === undefined ? {} : { added_by: peerUser(addedBy), date: poll.date }),
    })),
    close_period: fields.closePeriod,
    close_date: fields.closeDate,
    hash: poll.hash,
  }
}

/** @param min without the viewer's own choice, as results are pushed to many */
export function resultsTl(view: View, poll: Poll, min: boolean): TlObject {
  const { fields } = poll
  const own = poll.votes.get(view.me)?.options ?? []
  const closed = poll.isClosed(view.realm.now())
  const shown = own.length > 0 || closed
  const counts = !fields.hideResults || closed || poll.creator === view.me
  const voters = [...poll.votes.keys()].toReversed()
  const recent = fields.publicVoters && counts ? voters.slice(0, RECENT).map(peerUser) : undefined
  return {
    _: 'pollResults',
    min,
    results:
      (shown || min || poll.creator === view.me) && counts
        ? fields.answers.map(({ option }) => {
            const key = optionKey(option)
            const chose = poll.votersOf(key)
            return {
              _: 'pollAnswerVoters',
              chosen: !min && own.includes(key),
              correct: fields.quiz && !min && shown && fields.correct.has(key),
              option,
              // One bit of the flags stands for both fields: both or none.
              voters: chose.length,
              recent_voters: fields.publicVoters ? chose.slice(-RECENT).map(peerUser) : [],
            }
          })
        : undefined,
    total_voters: poll.votes.size,
    recent_voters: recent,
    ...(fields.quiz && shown && !min && fields.solution !== undefined
      ? { solution: fields.solution.text, solution_entities: fields.solution.entities }
      : {}),
  }
}
