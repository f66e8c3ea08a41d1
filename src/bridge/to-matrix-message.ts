import type { MessageContent } from '../model/content.ts'
import { matrixEventId } from '../model/ids.ts'
import type { MatrixEventId, MatrixUserId, RemoteMessageId } from '../model/ids.ts'
import type { EventOptions } from '../matrix/to-event.ts'
import { pollEndEvent, toEvent } from '../matrix/to-event.ts'
import { messageOfRemote } from '../store/message.ts'
import type { Message } from '../store/message.ts'
import { deleteReaction, reactionOfRemote } from '../store/reaction.ts'
import type { StoredRemoteEvent } from './accept.ts'
import { excerptOf } from './excerpt.ts'
import { withInlineImages } from './inline-images.ts'
import type { Verdict } from './lane.ts'
import { chatOf } from './portal-rooms.ts'
import { noteRows } from './settle-remote.ts'
import { remoteCommand } from './remote-polls.ts'
import { deliverPollNews, recordPoll } from './to-matrix-poll.ts'
import { deliverReaction } from './to-matrix-reaction.ts'
import { durationWords, wordsOf } from './words.ts'
import { done, ghostOf, redactAs, sendBase, senderOf, verdictOf } from './matrix-job.ts'
import type { Job } from './matrix-job.ts'

type MessageLike = Extract<
  StoredRemoteEvent,
  {
    kind:
      | 'message'
      | 'edit'
      | 'redaction'
      | 'reaction'
      | 'reaction-removal'
      | 'reaction-tally'
      | 'poll-vote'
      | 'poll-end'
      | 'poll-tally'
  }
>

/** While the other direction is busy, what a remote event refers to may be about to be recorded. */
const TARGET_PATIENCE_MS = 15_000
const TARGET_RETRY_MS = 200
const EXCERPT = 120
const OWN_GHOST =
  'What you write with another app appears here as from your ghost. As from yourself it appears where the admin has set up double puppeting.'

export async function deliverMessage(job: Job, event: MessageLike): Promise<Verdict> {
  const sender = await senderOf(job, event)
  if (sender.puppet === undefined || !event.sender) return deliverAs(job, event, sender.user)
  const verdict = await deliverAs({ ...job, puppet: sender.puppet }, event, sender.user)
  const refused = verdict.kind === 'end' && verdict.settlement.change.errorCode === 'no_puppet'
  return refused ? deliverAs(job, event, await ghostOf(job, event.sender)) : verdict
}

async function deliverAs(job: Job, event: MessageLike, as: MatrixUserId): Promise<Verdict> {
  const barred = job.puppet ? undefined : await job.deps.members.ensureJoined(job.room, as)
  if (barred?.kind === 'retry') return verdictOf(job, barred)
  if (event.kind === 'message') return deliverNew(job, event, as)
  const target = await findTarget(job, event.target)
  if (target === 'wait') return waitForTarget(event.target)
  return deliverAbout(job, event, target, as)
}

async function deliverNew(
  job: Job,
  event: Extract<MessageLike, { kind: 'message' }>,
  as: MatrixUserId,
): Promise<Verdict> {
  const command = await remoteCommand(job, event, as)
  if (command) return command
  const replyTo = event.replyTo && (await findTarget(job, event.replyTo))
  if (replyTo === 'wait') return waitForTarget(event.replyTo ?? '')
  const root = event.threadRoot && (await findTarget(job, event.threadRoot))
  const made = toEvent(await withInlineImages(job, event.content), {
    ...(replyTo && { replyTo: replyTo.eventId }),
    ...(root && root !== 'wait' && { threadRoot: root.eventId }),
    ...(await take(job, event.content)),
    ...(event.album !== undefined && { album: event.album }),
  })
  const outcome = await job.deps.matrix.send({ ...sendBase(job), as, ...made })
  if (outcome.kind !== 'delivered') return verdictOf(job, outcome)
  if (event.content.kind === 'poll' && event.content.closed === true) {
    const end = { ...sendBase(job), part: 1, as, ...pollEndEvent(outcome.eventId) }
    const ended = await job.deps.matrix.send(end)
    if (ended.kind === 'retry') return verdictOf(job, ended)
  }
  const { expiresAfterMs } = event
  const gone = expiresAfterMs === undefined ? undefined : disappearing(expiresAfterMs)
  const own = event.sender?.self !== undefined && !job.deps.settings.doublePuppet
  return verdictOf(job, outcome, {
    messages: [event.id, ...(event.alsoIds ?? [])].map((id) =>
      mapping(job, id, outcome.eventId, event.content),
    ),
    deliveries: await noteRows(job.deps, job.row, job.portal, gone ?? (own ? OWN_GHOST : undefined)),
    ...(event.content.kind === 'poll' && { apply: recordPoll(job, event.content, outcome.eventId, as) }),
  })
}

/** Further ids of a message lead to its event. Nobody says this, so nothing is shown. */
export async function deliverAlias(
  job: Job,
  event: Extract<StoredRemoteEvent, { kind: 'alias' }>,
): Promise<Verdict> {
  const target = await findTarget(job, event.target)
  if (target === 'wait') return waitForTarget(event.target)
  if (!target) return done(job)
  const { eventId, direction, sender, at } = target
  const messages = event.ids.map((remoteId) => ({
    portal: job.portal.id,
    remoteId,
    part: 0,
    eventId,
    direction,
    sender,
    at,
  }))
  return done(job, { messages })
}

/** Everything that refers to an earlier message. Without that message it is said in words: nothing is dropped. */
async function deliverAbout(
  job: Job,
  event: Exclude<MessageLike, { kind: 'message' }>,
  target: Message | undefined,
  as: MatrixUserId,
): Promise<Verdict> {
  const { deps, portal } = job
  const base = sendBase(job)
  switch (event.kind) {
    case 'edit': {
      const made = toEvent(await withInlineImages(job, event.content), {
        ...(target && { edit: target.eventId }),
        ...(await take(job, event.content)),
      })
      const outcome = await deps.matrix.send({ ...base, as, ...made })
      if (outcome.kind !== 'delivered' || target) return verdictOf(job, outcome)
      return verdictOf(job, outcome, {
        messages: [mapping(job, event.target, outcome.eventId, event.content)],
      })
    }
    case 'redaction': {
      const reaction = target ? undefined : await reactionOfRemote(deps.db, portal.id, event.target)
      const eventId = target?.eventId ?? reaction?.eventId
      if (!eventId) return done(job)
      const reason = event.reason === undefined ? {} : { reason: event.reason }
      const outcome = await redactAs(job, as, eventId, reason)
      return verdictOf(
        job,
        outcome,
        reaction ? { apply: (tx) => deleteReaction(tx, portal.id, eventId) } : {},
      )
    }
    case 'reaction':
    case 'reaction-removal':
    case 'reaction-tally':
      return deliverReaction(job, event, target, as)
    case 'poll-vote':
    case 'poll-end':
    case 'poll-tally':
      return deliverPollNews(job, event, target, as)
  }
}

async function findTarget(job: Job, id: RemoteMessageId): Promise<Message | 'wait' | undefined> {
  const { deps, portal, row } = job
  // Asked first: what ends between the two questions is found by the second one.
  const busy = deps.toRemoteBusy(portal)
  const found = await messageOfRemote(deps.db, portal.id, id)
  if (found) return found
  const age = deps.clock.now().getTime() - row.createdAt.getTime()
  return busy && age < TARGET_PATIENCE_MS ? 'wait' : undefined
}

function waitForTarget(id: string): Verdict {
  return {
    kind: 'wait',
    code: 'waits_for_target',
    why: `the message ${id} is still on its way`,
    waitsFor: 'target',
    afterMs: TARGET_RETRY_MS,
  }
}

/** What disappears on the network does not here, and people should know. */
const disappearing = (ms: number): string =>
  `Messages of this conversation disappear on the network after ${durationWords(ms)}. In this room they stay.`

/** Brings an attachment over. What cannot be had is said in words, in the place of the attachment. */
async function take(job: Job, content: MessageContent): Promise<EventOptions> {
  if (content.kind !== 'media' || content.source.at !== 'remote') return {}
  const taken = await job.deps.media.take(chatOf(job.portal), content, `delivery/${job.row.id}`)
  return 'mxc' in taken ? { uploaded: taken.mxc } : { missing: taken.missing }
}

function mapping(job: Job, remoteId: RemoteMessageId, eventId: MatrixEventId, content: MessageContent) {
  return {
    portal: job.portal.id,
    remoteId,
    part: 0,
    eventId: matrixEventId(eventId),
    direction: 'to_matrix' as const,
    sender: job.row.sender,
    at: job.row.at,
    excerpt: excerptOf(wordsOf(content), EXCERPT),
  }
}
