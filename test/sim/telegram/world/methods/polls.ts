import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import type { Account } from '../account.ts'
import { changeAnswers, pollOf, pollUpdate, vote } from '../acts/vote.ts'
import type { Call, Methods } from '../call.ts'
import { needPost } from '../call.ts'
import { roomOf } from '../peers.ts'
import { optionKey } from '../poll.ts'
import type { PollAnswer, Vote } from '../poll.ts'
import type { Post } from '../post.ts'
import { gather } from '../render/gather.ts'
import { peerUser } from '../render/peer.ts'

const postIn = ({ args, view, me }: Call, field: string): Post =>
  needPost(roomOf(view, args.obj('peer')), me, args.int(field))

function sendVote(call: Call): TlValue {
  const { args, me, turn, view } = call
  const options = args.list('options').filter((option) => option instanceof Uint8Array)
  vote(turn, postIn(call, 'msg_id'), me, options)
  return turn.reply(view)
}

function getPollResults(call: Call): TlValue {
  const { view, realm } = call
  const updates = [pollUpdate(view, postIn(call, 'msg_id'), true)]
  return { _: 'updates', updates, ...gather(view, updates), date: realm.now(), seq: 0 }
}

const bytesOf = (key: string): Uint8Array => Buffer.from(key, 'hex')

function voteTl(account: Account, { options, date }: Vote, only: string | undefined): TlObject {
  const peer = peerUser(account)
  if (only !== undefined) return { _: 'messagePeerVoteInputOption', peer, date }
  const [option = ''] = options
  return options.length > 1
    ? { _: 'messagePeerVoteMultiple', peer, options: options.map(bytesOf), date }
    : { _: 'messagePeerVote', peer, option: bytesOf(option), date }
}

/** Who voted for what: of public polls only, for those who voted or when it is over. */
function getPollVotes(call: Call): TlValue {
  const { args, view, me, realm } = call
  const post = postIn(call, 'id')
  const poll = pollOf(post)
  if (post.room.kind === 'channel' && post.room.broadcast) throw new RpcFault(403, 'BROADCAST_FORBIDDEN')
  if (!poll.fields.publicVoters) throw new RpcFault(403, 'BROADCAST_FORBIDDEN')
  if (!poll.votes.has(me) && !poll.isClosed(realm.now())) throw new RpcFault(403, 'POLL_VOTE_REQUIRED')
  const option = args.optBytes('option')
  const only = option === undefined ? undefined : optionKey(option)
  const all = [...poll.votes]
    .toReversed()
    .filter(([, { options }]) => only === undefined || options.includes(only))
  const offset = Number(args.optStr('offset') ?? 0)
  const end = offset + Math.max(args.int('limit'), 1)
  const votes = all.slice(offset, end).map(([account, one]) => voteTl(account, one, only))
  return {
    _: 'messages.votesList',
    count: all.length,
    votes,
    ...gather(view, votes),
    next_offset: end < all.length ? String(end) : undefined,
  }
}

const freeOption = (taken: readonly PollAnswer[]): Buffer => {
  for (let i = taken.length; ; i++) {
    const option = Buffer.from(String(i))
    if (!taken.some((answer) => option.equals(answer.option))) return option
  }
}

function addPollAnswer(call: Call): TlValue {
  const { args, me, turn, view } = call
  const post = postIn(call, 'msg_id')
  const { answers } = pollOf(post).fields
  const text = args.obj('answer').obj('text').tl
  const answer = { text, option: freeOption(answers), addedBy: me }
  const tl = { _: 'pollAnswer', text, option: answer.option }
  changeAnswers(turn, post, me, [...answers, answer], () => ({
    _: 'messageActionPollAppendAnswer',
    answer: tl,
  }))
  return turn.reply(view)
}

function deletePollAnswer(call: Call): TlValue {
  const { args, me, turn, view } = call
  const post = postIn(call, 'msg_id')
  const { answers } = pollOf(post).fields
  const key = optionKey(args.bytes('option'))
  const gone = answers.find(({ option }) => optionKey(option) === key)
  if (gone === undefined) throw new RpcFault(400, 'OPTION_INVALID')
  const tl = { _: 'pollAnswer', text: gone.text, option: gone.option }
  changeAnswers(
    turn,
    post,
    me,
    answers.filter((answer) => answer !== gone),
    () => ({ _: 'messageActionPollDeleteAnswer', answer: tl }),
  )
  return turn.reply(view)
}

export const pollMethods: Methods = {
  'messages.sendVote': sendVote,
  'messages.getPollResults': getPollResults,
  'messages.getPollVotes': getPollVotes,
  'messages.addPollAnswer': addPollAnswer,
  'messages.deletePollAnswer': deletePollAnswer,
}
