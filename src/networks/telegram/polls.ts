import type { tl } from '@mtcute/core'
import { remoteUserId } from '../../model/ids.ts'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { RemoteChat, RemoteEvent } from '../../model/remote-event.ts'
import { answersOf, optionId } from './from-poll.ts'
import { derivedId, parseUserId, personId, toUserId } from './ids.ts'
import { senderOf } from './names.ts'
import { senderOfPeer } from './peer.ts'
import { quizAnswer, quizOf } from './quiz.ts'
import type { QuizState } from './quiz.ts'
import { changeId } from './state-id.ts'
import type { View } from './view.ts'

/** A poll as the bridge has shown it. It is JSON, and kept under the poll's number, which its forwards share. */
export type PollState = {
  seq: number
  /** The answers by Telegram's bytes (`optionId`), and what Matrix calls them. */
  options: { tg: string; id: string }[]
  anonymous: boolean
  multiple: boolean
  /** Who voted for what, by `optionId`, as far as it is known. */
  votes: Record<string, string[]>
  counts: Record<string, number>
  voters: number
  closed: boolean
  quiz?: QuizState
}

export type PollTarget = { chat: RemoteChat; target: RemoteMessageId; now: Date }

export type PollChange = {
  events: RemoteEvent[]
  state: PollState
  /** People have voted who are not named yet: `messages.getPollVotes` tells them. Call again with its answer. */
  wantsVotes: boolean
}

/**
 * A poll that nobody has voted in. `ids` are Matrix's ids of the answers, in order, when the poll came from there; a poll
 * of Telegram has `optionId` on both sides.
 */
export function newPoll(poll: tl.RawPoll, ids?: readonly string[]): PollState {
  const options = answersOf(poll).map(({ option }, i) => {
    const tg = optionId(option)
    return { tg, id: ids?.[i] ?? tg }
  })
  const quiz = quizOf(poll)
  return {
    seq: 0,
    options,
    anonymous: poll.publicVoters !== true,
    multiple: poll.multipleChoice === true,
    votes: {},
    counts: {},
    voters: 0,
    closed: false,
    ...(quiz && { quiz }),
  }
}

/** Matrix's id of an answer, or Telegram's of one that came later. */
export const matrixOption = (state: PollState, tg: string): string =>
  state.options.find((option) => option.tg === tg)?.id ?? tg

/** Telegram's bytes of an answer, as `optionId`. */
export const telegramOption = (state: PollState, id: string): string | undefined =>
  state.options.find((option) => option.id === id)?.tg

/**
 * What changed in a poll. Votes are told one by one where the poll shows who voted, else as counts; the account's own
 * vote is known in both. Results with the flag `min` leave out what the viewer chose. (core.telegram.org/api/poll)
 */
export function pollChange(
  before: PollState,
  now: { poll?: tl.RawPoll | undefined; results: tl.TypePollResults },
  of: PollTarget,
  view: View,
  list?: readonly tl.TypeMessagePeerVote[],
): PollChange {
  const state: PollState = { ...before, votes: { ...before.votes }, ...laterOptions(before, now.poll) }
  const seq = before.seq + 1
  const events: RemoteEvent[] = []
  const { votes: seen, complete } = votesIn(state, now.results, view, list)
  const { results } = now.results
  // Whoever is not among all who voted has taken the vote back; an incomplete view does not tell of the viewer.
  const own = now.results.min === true ? personId(view.account) : undefined
  const gone = complete ? Object.keys(before.votes).filter((who) => !seen.has(who) && who !== own) : []
  for (const [who, options] of [...seen, ...gone.map((each): [string, string[]] => [each, []])]) {
    const had = before.votes[who] ?? []
    if (isSameSet(had, options)) continue
    if (options.length > 0) state.votes[who] = options
    else delete state.votes[who]
    const sender = parseUserId(remoteUserId(who))
    if (sender === undefined) continue
    events.push({
      chat: of.chat,
      at: of.now,
      id: changeId(of.target, `v.${who}`, seq, options),
      sender: senderOf(view, sender),
      kind: 'poll-vote',
      target: of.target,
      optionIds: options.map((option) => matrixOption(state, option)),
    })
  }
  if (results !== undefined) {
    state.counts = Object.fromEntries(results.map((each) => [optionId(each.option), each.voters ?? 0]))
    state.voters = now.results.totalVoters ?? before.voters
    const changed = state.voters !== before.voters || !isSameCount(state.counts, before.counts)
    if (state.anonymous && changed) events.push(tally(state, seq, of))
  }
  if (now.poll?.closed === true && !before.closed) {
    state.closed = true
    const id = derivedId(of.target, 'end')
    events.push({ chat: of.chat, at: of.now, id, kind: 'poll-end', target: of.target })
  }
  const quiz = state.quiz ?? (now.poll && quizOf(now.poll))
  const answer = quiz && quiz.told !== true ? quizAnswer(quiz, now.results, of, view) : undefined
  if (quiz && answer) {
    state.quiz = { ...quiz, told: true }
    events.push(answer)
  }
  const known = Object.keys(state.votes).length
  const wantsVotes = !state.anonymous && !complete && list === undefined && known !== state.voters
  return { events, state: { ...state, seq: events.length > 0 ? seq : before.seq }, wantsVotes }
}

/** The state once it is known, by the bridge's own doing, what somebody voted for; so that it is not told back. */
export function withVote(state: PollState, user: number, options: readonly string[]): PollState {
  const { [personId(user)]: _, ...others } = state.votes
  return { ...state, votes: options.length > 0 ? { ...others, [personId(user)]: [...options] } : others }
}

function tally(state: PollState, seq: number, { chat, target, now }: PollTarget): RemoteEvent {
  const counts = state.options.map(({ tg, id }) => ({ optionId: id, votes: state.counts[tg] ?? 0 }))
  const id = changeId(target, 't', seq, counts)
  return { chat, at: now, id, kind: 'poll-tally', target, counts, voters: state.voters }
}

/** Answers that were added to an open poll. */
function laterOptions(state: PollState, poll: tl.RawPoll | undefined): Pick<PollState, 'options'> {
  const added = (poll === undefined ? [] : answersOf(poll))
    .map(({ option }) => optionId(option))
    .filter((tg) => state.options.every((option) => option.tg !== tg))
  return { options: [...state.options, ...added.map((tg) => ({ tg, id: tg }))] }
}

/** Who is known to have voted now, and for what. `complete`: nobody else has. */
function votesIn(
  state: PollState,
  now: tl.TypePollResults,
  view: View,
  list: readonly tl.TypeMessagePeerVote[] | undefined,
): { votes: Map<string, string[]>; complete: boolean } {
  const results = now.results ?? []
  const votes = new Map<string, string[]>()
  const own = personId(view.account)
  const knowsOwn = now.min !== true && now.results !== undefined
  if (knowsOwn)
    votes.set(
      own,
      results.filter((each) => each.chosen === true).map((each) => optionId(each.option)),
    )
  for (const vote of list ?? []) {
    const sender = senderOfPeer(vote.peer)
    const options = optionsOf(vote)
    if (sender !== undefined && options !== undefined) votes.set(toUserId(sender), options)
  }
  if (list !== undefined) return { votes, complete: true }
  const complete =
    !state.anonymous &&
    now.results !== undefined &&
    results.every(({ voters = 0, recentVoters = [] }) => voters === recentVoters.length)
  // Of several answers of one person some may be named and others not.
  if (state.anonymous || (state.multiple && !complete)) return { votes, complete }
  for (const { option, recentVoters = [] } of results) {
    for (const peer of recentVoters) {
      const sender = senderOfPeer(peer)
      const who = sender && toUserId(sender)
      if (who === undefined || (who === own && knowsOwn)) continue
      votes.set(who, [...(votes.get(who) ?? []), optionId(option)])
    }
  }
  return { votes, complete }
}

function optionsOf(vote: tl.TypeMessagePeerVote): string[] | undefined {
  switch (vote._) {
    case 'messagePeerVote':
      return [optionId(vote.option)]
    case 'messagePeerVoteMultiple':
      return vote.options.map(optionId)
    default:
      return undefined
  }
}

const isSameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each) => b.includes(each))

function isSameCount(a: Record<string, number>, b: Record<string, number>): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => (a[key] ?? 0) === (b[key] ?? 0))
}
