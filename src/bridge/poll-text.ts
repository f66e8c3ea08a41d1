import type { PollContent, PollOption } from '../model/content.ts'

/** What a line from a network without polls asks for. */
export type PollCommand =
  /** Numbers as people count, from 1; none takes an earlier vote back. */
  | { kind: 'vote'; numbers: number[] }
  | { kind: 'poll'; poll: PollContent }
  /** `why` is told to whoever wrote the line. */
  | { kind: 'invalid'; why: string }

/** One vote as it arrived; a voter's latest one counts. */
export type Vote = { voter: string; at: Date; optionIds: string[] }

export type TallyRow = { option: PollOption; votes: number; percent: number; leads: boolean }
export type Tally = { rows: TallyRow[]; voters: number }

const MOST_OPTIONS = 20
const LONGEST_QUESTION = 300
const LONGEST_OPTION = 100

/** Reads `!vote 2`, `!vote 1,3`, `!vote` and `!poll Question | a | b`; undefined for every other text. */
export function parsePollCommand(text: string): PollCommand | undefined {
  const found = /^\s*!(vote|poll)(?:\s+([^]*))?$/i.exec(text)
  if (found === null) return undefined
  const rest = (found[2] ?? '').trim()
  return found[1]?.toLowerCase() === 'vote' ? parseVote(rest) : parsePoll(rest)
}

function parseVote(rest: string): PollCommand {
  if (/^(?:none|nothing|-)?$/i.test(rest)) return { kind: 'vote', numbers: [] }
  const parts = rest.split(/[\s,;+&]+/).filter((part) => part !== '')
  const numbers = parts.map((part) =>
    /^#?\d{1,3}\.?$/.test(part) ? Number.parseInt(part.replace('#', ''), 10) : 0,
  )
  if (numbers.length > MOST_OPTIONS || numbers.some((number) => number < 1)) {
    return { kind: 'invalid', why: 'Vote with the number of an answer, as in !vote 2 or !vote 1,3' }
  }
  return { kind: 'vote', numbers: [...new Set(numbers)] }
}

function parsePoll(rest: string): PollCommand {
  const [question = '', ...answers] = rest.split('|').map((part) => part.replace(/\s+/g, ' ').trim())
  const texts = [...new Set(answers.filter((answer) => answer !== ''))]
  if (question === '' || texts.length < 2) {
    return {
      kind: 'invalid',
      why: 'A poll needs a question and two answers, as in !poll Lunch? | Pizza | Soup',
    }
  }
  if (texts.length > MOST_OPTIONS)
    return { kind: 'invalid', why: `A poll has at most ${MOST_OPTIONS} answers.` }
  if (question.length > LONGEST_QUESTION || texts.some((answer) => answer.length > LONGEST_OPTION)) {
    const why = `A question has at most ${LONGEST_QUESTION} characters and an answer ${LONGEST_OPTION}.`
    return { kind: 'invalid', why }
  }
  const options = texts.map((answer, i) => ({ id: String(i + 1), text: answer }))
  return { kind: 'poll', poll: { kind: 'poll', question, options, maxSelections: 1 } }
}

/** The answers that numbers stand for, or words about why they stand for none. */
export function votedOptions(poll: PollContent, numbers: number[]): PollOption[] | { why: string } {
  if (numbers.length > poll.maxSelections) {
    const most = poll.maxSelections === 1 ? 'one answer' : `${poll.maxSelections} answers`
    return { why: `This poll takes at most ${most}.` }
  }
  const options = numbers.map((number) => poll.options[number - 1]).filter((option) => option !== undefined)
  if (options.length < numbers.length)
    return { why: `The answers are numbered from 1 to ${poll.options.length}.` }
  return options
}

/**
 * Counts votes by the rules of MSC3381: the latest of each voter counts, answers beyond the allowed number are cut, an
 * unknown answer spoils the vote, an empty vote takes it back. Of votes at the same instant the later in the list wins.
 */
export function tallyOf(poll: PollContent, votes: readonly Vote[]): Tally {
  const latest = new Map<string, Vote>()
  for (const vote of votes) {
    const earlier = latest.get(vote.voter)
    if (earlier === undefined || vote.at.getTime() >= earlier.at.getTime()) latest.set(vote.voter, vote)
  }
  const counts = new Map(poll.options.map((option) => [option.id, 0]))
  let voters = 0
  for (const vote of latest.values()) {
    const ids = [...new Set(vote.optionIds.slice(0, poll.maxSelections))]
    if (ids.length === 0 || ids.some((id) => !counts.has(id))) continue
    voters++
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  const most = Math.max(0, ...counts.values())
  const rows = poll.options.map((option) => {
    const count = counts.get(option.id) ?? 0
    const percent = voters === 0 ? 0 : Math.round((count * 100) / voters)
    return { option, votes: count, percent, leads: count > 0 && count === most }
  })
  return { rows, voters }
}

/** A tally as lines such as `👍 Pizza — 3 (60%)`, the thumb for whatever leads. */
export function renderTally(poll: PollContent, votes: readonly Vote[]): string {
  const { rows, voters } = tallyOf(poll, votes)
  return lines(rows, voters)
}

/** The same from counts alone, where nobody says who voted; with how many did. */
export function countsText(
  options: readonly PollOption[],
  counts: readonly { id: string; votes: number }[],
  voters: number,
): string {
  const votesFor = new Map(counts.map(({ id, votes }) => [id, votes]))
  const most = Math.max(0, ...votesFor.values())
  const rows = options.map((option) => {
    const votes = votesFor.get(option.id) ?? 0
    const percent = voters === 0 ? 0 : Math.round((votes * 100) / voters)
    return { option, votes, percent, leads: votes > 0 && votes === most }
  })
  return voters === 0 ? NO_VOTES : `${lines(rows, voters)}\n${voters === 1 ? '1 voter' : `${voters} voters`}`
}

const NO_VOTES = 'No votes.'

function lines(rows: readonly TallyRow[], voters: number): string {
  if (voters === 0) return NO_VOTES
  const said = rows.map(
    (row) =>
      `${row.leads ? '👍 ' : ''}${row.option.text} — ${row.votes}${row.votes > 0 ? ` (${row.percent}%)` : ''}`,
  )
  return said.join('\n')
}
