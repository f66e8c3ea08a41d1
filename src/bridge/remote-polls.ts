import type { PollContent } from '../model/content.ts'
import type { MatrixUserId, NetworkName } from '../model/ids.ts'
import type { RemoteEvent } from '../model/remote-event.ts'
import { pollResponseEvent, toEvent } from '../matrix/to-event.ts'
import type { NewDelivery } from '../store/delivery.ts'
import { castVote, insertPoll, pollOfPortal } from '../store/poll.ts'
import type { Poll } from '../store/poll.ts'
import { pollText } from './describe-content.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { Verdict } from './lane.ts'
import { sendBase, verdictOf } from './matrix-job.ts'
import type { Job } from './matrix-job.ts'
import { parsePollCommand, votedOptions } from './poll-text.ts'
import { chatOf } from './portal-rooms.ts'
import type { StoredSaying } from './stored.ts'
import { contentOf, tallyRow } from './tally.ts'

const POLL_PATIENCE_MS = 30_000

/**
 * `!vote` and `!poll` from a network without polls become a vote and a poll on Matrix, and the network is told how the
 * poll stands. Undefined for every other text.
 */
export async function remoteCommand(
  job: Job,
  event: Extract<StoredRemoteEvent, { kind: 'message' }>,
  as: MatrixUserId,
): Promise<Verdict | undefined> {
  if (event.content.kind !== 'text' || event.content.style === 'notice' || event.backfilled === true)
    return undefined
  const chat = chatOf(job.portal)
  if (job.deps.connectors.get(job.portal.network as NetworkName)?.capabilities(chat).polls !== 'text')
    return undefined
  const command = parsePollCommand(event.content.body)
  if (!command) return undefined
  if (command.kind === 'vote') return vote(job, event, as, command.numbers)
  if (command.kind === 'poll') return create(job, event, as, command.poll)
  const outcome = await job.deps.matrix.send({ ...sendBase(job), as, ...toEvent(event.content) })
  return verdictOf(job, outcome, { deliveries: [saying(job, command.why)] })
}

async function vote(
  job: Job,
  event: RemoteIdentity,
  as: MatrixUserId,
  numbers: number[],
): Promise<Verdict | undefined> {
  const { db, matrix } = job.deps
  // Asked first: a poll that arrives between the two questions is found by the second one.
  const busy = job.deps.toRemoteBusy(job.portal)
  const poll = await pollOfPortal(db, job.portal.id)
  if (!poll) return busy ? awaitPoll(job) : undefined
  const chosen = votedOptions(contentOf(poll), numbers)
  if ('why' in chosen) {
    const words = toEvent({ kind: 'text', style: 'text', body: `!vote ${numbers.join(' ')}` })
    const outcome = await matrix.send({ ...sendBase(job), as, ...words })
    return verdictOf(job, outcome, { deliveries: [saying(job, chosen.why)] })
  }
  const optionIds = chosen.map((option) => option.id)
  const ballot = { voter: as, optionIds, at: job.row.at }
  const outcome = await matrix.send({ ...sendBase(job), as, ...pollResponseEvent(poll.eventId, optionIds) })
  if (outcome.kind !== 'delivered') return verdictOf(job, outcome)
  return verdictOf(job, outcome, {
    messages: [mapping(job, event, outcome.eventId)],
    apply: (tx) => castVote(tx, { poll: poll.eventId, ...ballot }),
    deliveries: [tallyRow(job.row, poll.eventId)],
  })
}

/** People vote as soon as they read the question, which may be before all of its lines are known to have arrived. */
function awaitPoll(job: Job): Verdict | undefined {
  const { deps, row } = job
  if (deps.clock.now().getTime() - row.createdAt.getTime() >= POLL_PATIENCE_MS) return undefined
  return {
    kind: 'wait',
    code: 'waits_for_target',
    why: 'the poll is still on its way',
    waitsFor: 'target',
    afterMs: 200,
  }
}

async function create(
  job: Job,
  event: RemoteIdentity,
  as: MatrixUserId,
  poll: PollContent,
): Promise<Verdict> {
  const outcome = await job.deps.matrix.send({ ...sendBase(job), as, ...toEvent(poll) })
  if (outcome.kind !== 'delivered') return verdictOf(job, outcome)
  const { question, options, maxSelections } = poll
  return verdictOf(job, outcome, {
    messages: [{ ...mapping(job, event, outcome.eventId), excerpt: question }],
    apply: async (tx) => {
      await insertPoll(tx, {
        eventId: outcome.eventId,
        portal: job.portal.id,
        question,
        options,
        maxSelections,
        creator: as,
      })
    },
    deliveries: [saying(job, pollText(poll))],
  })
}

type RemoteIdentity = Pick<RemoteEvent, 'id'>

function mapping(job: Job, event: RemoteIdentity, eventId: Poll['eventId']) {
  return {
    portal: job.portal.id,
    remoteId: event.id,
    part: 0,
    eventId,
    direction: 'to_matrix' as const,
    sender: job.row.sender,
    at: job.row.at,
  }
}

function saying(job: Job, say: string): NewDelivery {
  return {
    direction: 'to_remote',
    portal: job.portal.id,
    sourceId: `say:${job.row.id}`,
    kind: 'info',
    sender: job.deps.settings.bot,
    body: { say } satisfies StoredSaying,
    at: job.row.at,
  }
}
