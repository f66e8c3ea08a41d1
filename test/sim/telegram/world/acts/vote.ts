import { RpcFault } from '../../contract.ts'
import type { TlObject } from '../../contract.ts'
import type { Account } from '../account.ts'
import { optionKey } from '../poll.ts'
import type { Poll, PollAnswer } from '../poll.ts'
import { LIMITS } from '../limits.ts'
import type { Action, Post } from '../post.ts'
import { peerOf } from '../render/peer.ts'
import { pollTl, resultsTl } from '../render/poll.ts'
import type { Turn } from '../turn.ts'
import type { View } from '../view.ts'
import { emitEdit } from './edit.ts'
import { holdersOf } from './holders.ts'
import { publish } from './publish.ts'

/** @throws RpcFault MESSAGE_ID_INVALID when the message is no poll */
export function pollOf(post: Post): Poll {
  if (post.media?.kind !== 'poll') throw new RpcFault(400, 'MESSAGE_ID_INVALID')
  return post.media.poll
}

/** `updateMessagePoll`, for oneself with the poll and the own choice. */
export function pollUpdate(view: View, post: Post, whole: boolean): TlObject {
  const { switches } = view.realm
  const poll = pollOf(post)
  const where = { peer: peerOf(post.room, view.me), msg_id: post.idFor(view.me) }
  return {
    _: 'updateMessagePoll',
    ...(switches.pollPeer ? where : {}),
    poll_id: poll.id,
    poll: whole ? pollTl(view, poll) : undefined,
    results: resultsTl(view, poll, !whole && switches.minPollResults),
  }
}

function emitPoll(turn: Turn, poll: Poll, by: Account | undefined, whole: boolean): void {
  for (const post of poll.posts) {
    for (const account of holdersOf(post)) {
      if (account !== by) turn.emit(account, (view) => pollUpdate(view, post, whole))
    }
  }
}

/**
 * Replaces the vote of an account; no options take it back.
 *
 * @throws RpcFault MESSAGE_POLL_CLOSED, OPTION_INVALID, OPTIONS_TOO_MUCH, REVOTE_NOT_ALLOWED
 */
export function vote(turn: Turn, post: Post, by: Account, options: readonly Uint8Array[]): void {
  const { realm } = turn
  const poll = pollOf(post)
  const keys = options.map(optionKey)
  const before = poll.votes.get(by)
  if (poll.isClosed(realm.now())) throw new RpcFault(400, 'MESSAGE_POLL_CLOSED')
  if (keys.some((key) => poll.answer(key) === undefined)) throw new RpcFault(400, 'OPTION_INVALID')
  if (keys.length > 1 && !poll.fields.multipleChoice) throw new RpcFault(400, 'OPTIONS_TOO_MUCH')
  if (before !== undefined && (poll.fields.quiz || poll.fields.revotingDisabled)) {
    throw new RpcFault(400, 'REVOTE_NOT_ALLOWED')
  }
  poll.votes.delete(by)
  if (keys.length > 0) poll.votes.set(by, { options: keys, date: realm.now() })
  turn.emit(by, (view) => pollUpdate(view, post, true))
  emitPoll(turn, poll, by, false)
  turn.tell({ kind: 'voted', post, by })
}

/** Ends a poll. Clients take the first update of the answer for the poll, so it comes before the edit. */
export function closePoll(turn: Turn, post: Post, by: Account): void {
  const poll = pollOf(post)
  if (poll.isClosed(turn.realm.now())) throw new RpcFault(400, 'MESSAGE_POLL_CLOSED')
  turn.emit(by, (view) => pollUpdate(view, post, true))
  announceEnd(turn, poll, by)
}

/** Tells everyone but the one who ended it, if somebody did. */
export function announceEnd(turn: Turn, poll: Poll, by?: Account): void {
  poll.close()
  emitPoll(turn, poll, by, true)
  for (const post of poll.posts) {
    emitEdit(turn, post)
    turn.tell({ kind: 'edited', post })
  }
}

/** Adds an answer to a poll that is open for it, or takes one away. */
export function changeAnswers(
  turn: Turn,
  post: Post,
  by: Account,
  answers: PollAnswer[],
  action: Action,
): void {
  const poll = pollOf(post)
  if (poll.isClosed(turn.realm.now())) throw new RpcFault(400, 'MESSAGE_POLL_CLOSED')
  if (!poll.fields.openAnswers && poll.creator !== by) throw new RpcFault(400, 'POLL_ANSWERS_INVALID')
  if (answers.length < 2 || answers.length > LIMITS.pollAnswers)
    throw new RpcFault(400, 'POLL_ANSWERS_INVALID')
  poll.fields.answers = answers
  for (const copy of poll.posts) emitEdit(turn, copy)
  emitPoll(turn, poll, undefined, true)
  publish(turn, post.room, by, { action, replyTo: { post } })
}
