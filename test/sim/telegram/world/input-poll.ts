import { randomBytes } from 'node:crypto'
import { RpcFault } from '../contract.ts'
import type { TlObject } from '../contract.ts'
import type { Args } from './args.ts'
import { LIMITS, lengthOf } from './limits.ts'
import { Poll, optionKey } from './poll.ts'
import type { PollAnswer, PollFields } from './poll.ts'
import type { View } from './view.ts'

function textIn(input: Args, most: number, error: string): TlObject {
  const length = lengthOf(input.str('text'))
  if (length === 0 || length > most) throw new RpcFault(400, error)
  return input.tl
}

/** Newer clients give no option bytes: the server makes them. */
function optionFor(view: View, answer: Args, index: number): Uint8Array {
  const own = answer.optBytes('option')
  if (own !== undefined && own.length > 100) throw new RpcFault(400, 'POLL_OPTION_INVALID')
  if (own !== undefined && own.length > 0) return own
  return view.realm.switches.pollOptions === 'digits' ? Buffer.from(String(index)) : randomBytes(4)
}

function answersIn(view: View, poll: Args): PollAnswer[] {
  const answers = poll.objs('answers').map((answer, i) => ({
    text: textIn(answer.obj('text'), LIMITS.pollAnswer, 'POLL_ANSWER_INVALID'),
    option: optionFor(view, answer, i),
  }))
  if (answers.length < 2 || answers.length > LIMITS.pollAnswers)
    throw new RpcFault(400, 'POLL_ANSWERS_INVALID')
  const keys = new Set(answers.map(({ option }) => optionKey(option)))
  if (keys.size < answers.length) throw new RpcFault(400, 'POLL_OPTION_DUPLICATE')
  return answers
}

/** Right answers come as indexes, from older clients as option bytes. */
function correctIn(
  input: Args,
  answers: readonly PollAnswer[],
  fields: { quiz: boolean; many: boolean },
): Set<string> {
  const correct = input.list('correct_answers').map((value) => {
    const option = typeof value === 'number' ? answers[value]?.option : value
    const key = option instanceof Uint8Array ? optionKey(option) : undefined
    if (key === undefined || !answers.some((answer) => optionKey(answer.option) === key)) {
      throw new RpcFault(400, 'QUIZ_CORRECT_ANSWER_INVALID')
    }
    return key
  })
  if (fields.quiz && correct.length === 0) throw new RpcFault(400, 'QUIZ_CORRECT_ANSWERS_EMPTY')
  if (fields.quiz && correct.length > 1 && !fields.many)
    throw new RpcFault(400, 'QUIZ_CORRECT_ANSWERS_TOO_MUCH')
  return new Set(correct)
}

/** A new poll from `inputMediaPoll`. @throws RpcFault */
export function inputPoll(view: View, input: Args): Poll {
  const { realm, me } = view
  const poll = input.obj('poll')
  const answers = answersIn(view, poll)
  const quiz = poll.flag('quiz')
  const multipleChoice = poll.flag('multiple_choice')
  const closePeriod = poll.optInt('close_period')
  if (closePeriod !== undefined && (closePeriod < 5 || closePeriod > LIMITS.pollPeriod)) {
    throw new RpcFault(400, 'POLL_CLOSE_PERIOD_INVALID')
  }
  const solution = input.optStr('solution')
  const fields: PollFields = {
    question: textIn(poll.obj('question'), LIMITS.pollQuestion, 'POLL_QUESTION_INVALID'),
    answers,
    publicVoters: poll.flag('public_voters'),
    multipleChoice,
    quiz,
    openAnswers: poll.flag('open_answers'),
    revotingDisabled: poll.flag('revoting_disabled'),
    hideResults: poll.flag('hide_results_until_close'),
    closePeriod,
    closeDate: poll.optInt('close_date'),
    correct: correctIn(input, answers, { quiz, many: multipleChoice }),
    solution:
      solution === undefined
        ? undefined
        : { text: solution, entities: input.objs('solution_entities').map(({ tl }) => tl) },
  }
  return new Poll(realm.ids.long(), me, realm.now(), fields)
}
