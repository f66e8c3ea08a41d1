import type { PollContent, PollOption } from '../model/content.ts'
import { cutText } from './cut.ts'
import { arrayAt, cleanText, isObject, numberAt, objectAt, stringAt, valueAt } from './untrusted.ts'
import type { Json } from './untrusted.ts'

/** Event types of MSC3381, as clients send them; the stable names are read as well. */
export const POLL_START = 'org.matrix.msc3381.poll.start'
export const POLL_RESPONSE = 'org.matrix.msc3381.poll.response'
export const POLL_END = 'org.matrix.msc3381.poll.end'

/** MSC3381: "up to 20 answers", the rest is cut. */
export const MOST_OPTIONS = 20

const LONGEST_OPTION_ID = 255

const QUIZ = 'Quiz: '

/** How many UTF-16 units a question and an answer may have. */
export type PollLengths = { question: number; option: number }

/** Reads the content of a poll's start, stable or unstable; undefined when there is no poll in it. */
export function readPollStart(content: Json): PollContent | undefined {
  const poll = objectAt(content, 'm.poll') ?? objectAt(content, POLL_START)
  if (poll === undefined) return undefined
  const question = textOf(valueAt(poll, 'question'))
  const options: PollOption[] = []
  for (const answer of arrayAt(poll, 'answers').slice(0, MOST_OPTIONS)) {
    if (!isObject(answer)) continue
    const id = stringAt(answer, 'm.id') ?? stringAt(answer, 'id')
    const text = textOf(answer)
    if (id === undefined || id === '' || id.length > LONGEST_OPTION_ID || text === undefined) continue
    if (options.every((option) => option.id !== id)) options.push({ id, text })
  }
  if (question === undefined || options.length === 0) return undefined
  const most = Math.trunc(numberAt(poll, 'max_selections') ?? 1)
  return {
    kind: 'poll',
    question,
    options,
    maxSelections: Math.min(Math.max(1, most), options.length),
    // MSC3381: an unknown kind is an undisclosed one.
    ...(/(?:^|\.)disclosed$/.test(stringAt(poll, 'kind') ?? '') ? {} : { hidden: true }),
  }
}

/** MSC1767 text: a plain string in the unstable form, a list of representations in the stable one. */
function textOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined
  const plain = stringAt(value, 'org.matrix.msc1767.text') ?? stringAt(value, 'm.text')
  if (plain !== undefined) return plain
  for (const one of [...arrayAt(value, 'm.text'), ...arrayAt(value, 'org.matrix.msc1767.message')]) {
    if (!isObject(one)) continue
    const mimeType = stringAt(one, 'mimetype') ?? 'text/plain'
    if (mimeType === 'text/plain') return stringAt(one, 'body')
  }
  return stringAt(value, 'body')
}

/** The ids that a vote names, in its order; empty takes the vote back. Undefined when the content is no vote. */
export function readPollResponse(content: Json): string[] | undefined {
  const unstable = objectAt(content, POLL_RESPONSE) ?? objectAt(content, 'm.poll.response')
  const stable = valueAt(content, 'm.selections')
  const ids: unknown = Array.isArray(stable) ? stable : unstable?.['answers']
  if (!Array.isArray(ids)) return undefined
  const strings = ids.slice(0, MOST_OPTIONS).filter((id) => typeof id === 'string')
  return strings.length < Math.min(ids.length, MOST_OPTIONS) ? undefined : strings.map(cleanText)
}

/** The content of a poll's start, with a text for clients that know no polls. Long texts are cut to `most`. */
export function writePollStart(poll: PollContent, most: PollLengths): Json {
  // Clients know no quizzes: that an answer can be wrong is said, which one is right is not.
  const question = cutText(poll.quiz ? `${QUIZ}${poll.question}` : poll.question, most.question)
  const answers = poll.options
    .slice(0, MOST_OPTIONS)
    .map((option) => ({ id: option.id, 'org.matrix.msc1767.text': cutText(option.text, most.option) }))
  const lines = answers.map((answer, i) => `${i + 1}. ${answer['org.matrix.msc1767.text']}`)
  const fallback = [question, ...lines].join('\n')
  return {
    [POLL_START]: {
      question: { 'org.matrix.msc1767.text': question, body: question, msgtype: 'm.text' },
      kind:
        poll.hidden === true ? 'org.matrix.msc3381.poll.undisclosed' : 'org.matrix.msc3381.poll.disclosed',
      max_selections: Math.max(1, Math.min(poll.maxSelections, answers.length)),
      answers,
    },
    'org.matrix.msc1767.text': fallback,
    body: fallback,
    msgtype: 'm.text',
  }
}
