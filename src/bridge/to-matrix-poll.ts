import type { PollContent } from '../model/content.ts'
import { remoteMessageId } from '../model/ids.ts'
import type { MatrixEventId, MatrixUserId } from '../model/ids.ts'
import { pollEndEvent, pollResponseEvent, toEvent } from '../matrix/to-event.ts'
import { loginById } from '../store/login.ts'
import { messageOfRemote } from '../store/message.ts'
import type { Message } from '../store/message.ts'
import { castVote, closePoll, insertPoll, pollOfEvent, toMatrixOptions, voteOf } from '../store/poll.ts'
import type { Poll } from '../store/poll.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { Verdict } from './lane.ts'
import { done, inWords, isFollowedBy, sendBase, verdictOf } from './matrix-job.ts'
import type { Job } from './matrix-job.ts'
import { countsText } from './poll-text.ts'

type PollNews = Extract<StoredRemoteEvent, { kind: 'poll-vote' | 'poll-end' | 'poll-tally' }>

/** What a network tells about a poll that both sides have. */
export async function deliverPollNews(
  job: Job,
  event: PollNews,
  target: Message | undefined,
  as: MatrixUserId,
): Promise<Verdict> {
  const poll = target && (await pollOfEvent(job.deps.db, target.eventId))
  switch (event.kind) {
    case 'poll-vote':
      return poll ? vote(job, event, poll, as) : inWords(job, as, 'voted in a poll that is not here')
    case 'poll-end':
      return poll ? end(job, poll, as) : done(job)
    case 'poll-tally':
      return poll ? tally(job, event, poll) : done(job)
  }
}

async function vote(
  job: Job,
  event: Extract<PollNews, { kind: 'poll-vote' }>,
  poll: Poll,
  as: MatrixUserId,
): Promise<Verdict> {
  const { db, matrix } = job.deps
  const optionIds = toMatrixOptions(poll, event.optionIds)
  // A network that shows votes as a state tells an owner's vote again that went out from here.
  const self = event.sender?.self
  const owner = self === undefined ? undefined : await loginById(db, self)
  const own = owner && (await voteOf(db, poll.eventId, owner.owner))
  if (own && same(own, optionIds)) return done(job)
  const outcome = await matrix.send({ ...sendBase(job), as, ...pollResponseEvent(poll.eventId, optionIds) })
  const ballot = { poll: poll.eventId, voter: as, optionIds, at: job.row.at }
  return verdictOf(job, outcome, { apply: (tx) => castVote(tx, ballot) })
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((id) => b.includes(id))

/** MSC3381: the end counts when it comes from the poll's author, or from somebody who may redact. */
async function end(job: Job, poll: Poll, as: MatrixUserId): Promise<Verdict> {
  if (poll.closedAt !== null) return done(job)
  const { matrix, settings } = job.deps
  const { puppet, ...base } = sendBase(job)
  const author = as === poll.creator
  const outcome = await matrix.send({
    ...base,
    as: author ? as : settings.bot,
    ...(author && puppet && { puppet }),
    ...pollEndEvent(poll.eventId),
  })
  return verdictOf(job, outcome, { apply: (tx) => closePoll(tx, poll.eventId, job.row.at) })
}

/** How a poll stands, in one notice below it that always says the newest. */
async function tally(
  job: Job,
  event: Extract<PollNews, { kind: 'poll-tally' }>,
  poll: Poll,
): Promise<Verdict> {
  if (isFollowedBy(job, event.target)) return done(job)
  const { db, matrix, settings, members } = job.deps
  const counts = event.counts.flatMap(({ optionId, votes }) =>
    toMatrixOptions(poll, [optionId]).map((id) => ({ id, votes })),
  )
  const key = remoteMessageId(`tally:${poll.eventId}`)
  const earlier = await messageOfRemote(db, job.portal.id, key)
  const body = `📊 ${poll.question}\n${countsText(poll.options, counts, event.voters)}`
  const made = toEvent(
    { kind: 'text', style: 'notice', body },
    earlier ? { edit: earlier.eventId } : { replyTo: poll.eventId },
  )
  const barred = await members.ensureJoined(job.room, settings.bot)
  if (barred?.kind === 'retry') return verdictOf(job, barred)
  const { puppet: _, ...base } = sendBase(job)
  const outcome = await matrix.send({ ...base, as: settings.bot, ...made })
  if (outcome.kind !== 'delivered' || earlier) return verdictOf(job, outcome)
  const notice = { part: 0, eventId: outcome.eventId, sender: settings.bot, at: job.row.at }
  return verdictOf(job, outcome, {
    messages: [{ portal: job.portal.id, remoteId: key, direction: 'to_matrix', ...notice }],
  })
}

/** Keeps a poll of the network, so that votes find it. */
export const recordPoll =
  (job: Job, content: PollContent, eventId: MatrixEventId, creator: string) =>
  async (tx: Parameters<typeof insertPoll>[0]): Promise<void> => {
    const { question, options, maxSelections, closed } = content
    await insertPoll(tx, { eventId, portal: job.portal.id, question, options, maxSelections, creator })
    if (closed === true) await closePoll(tx, eventId, job.row.at)
  }
