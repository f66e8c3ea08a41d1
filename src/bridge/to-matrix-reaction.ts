import type { MatrixUserId } from '../model/ids.ts'
import { reactionEvent } from '../matrix/to-event.ts'
import type { Tx } from '../store/db.ts'
import { loginById } from '../store/login.ts'
import type { Message } from '../store/message.ts'
import { deleteReaction, insertReaction, reactionBy, reactionsOf } from '../store/reaction.ts'
import type { Reaction } from '../store/reaction.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { Verdict } from './lane.ts'
import { done, inWords, isFollowedBy, redactAs, sendBase, verdictOf } from './matrix-job.ts'
import type { Job } from './matrix-job.ts'

type ReactionNews = Extract<StoredRemoteEvent, { kind: 'reaction' | 'reaction-removal' | 'reaction-tally' }>

/** What people of a network think of a message. */
export async function deliverReaction(
  job: Job,
  event: ReactionNews,
  target: Message | undefined,
  as: MatrixUserId,
): Promise<Verdict> {
  switch (event.kind) {
    case 'reaction': {
      if (!target) return inWords(job, as, `reacted ${event.key}`)
      if (await find(job, event, target, as)) return done(job)
      return add(job, event, target, as)
    }
    case 'reaction-removal': {
      const found = target && (await find(job, event, target, as))
      if (!found) return done(job)
      const outcome = await redactAs(job, as, found.eventId, {})
      return verdictOf(job, outcome, { apply: (tx) => deleteReaction(tx, job.portal.id, found.eventId) })
    }
    case 'reaction-tally':
      return target && !isFollowedBy(job, event.target) ? tally(job, event, target) : done(job)
  }
}

async function add(
  job: Job,
  event: Extract<ReactionNews, { kind: 'reaction' }>,
  target: Message,
  as: MatrixUserId,
): Promise<Verdict> {
  const made = reactionEvent(target.eventId, event.key)
  const outcome = await job.deps.matrix.send({ ...sendBase(job), as, ...made })
  if (outcome.kind !== 'delivered') return verdictOf(job, outcome)
  const row = { portal: job.portal.id, eventId: outcome.eventId, targetEventId: target.eventId }
  return verdictOf(job, outcome, {
    apply: (tx) => insertReaction(tx, { ...row, sender: as, key: event.key, remoteId: event.id }),
  })
}

/** The same reaction in the room: of whoever shows it, or for a login's own of its owner, who may have set it here. */
async function find(
  job: Job,
  { key, sender }: Extract<ReactionNews, { key: string }>,
  target: Message,
  as: MatrixUserId,
): Promise<Reaction | undefined> {
  const { db } = job.deps
  const found = await reactionBy(db, job.portal.id, target.eventId, as, key)
  if (found || sender?.self === undefined) return found
  const owner = await loginById(db, sender.self)
  return owner && reactionBy(db, job.portal.id, target.eventId, owner.owner, key)
}

/** Reactions of people without names stand together under the message, each kind with its number, as the bot's. */
async function tally(
  job: Job,
  event: Extract<ReactionNews, { kind: 'reaction-tally' }>,
  target: Message,
): Promise<Verdict> {
  const { db, matrix, members } = job.deps
  const { bot } = job.deps.settings
  const barred = await members.ensureJoined(job.room, bot)
  if (barred) return verdictOf(job, barred)
  const wanted = new Set(
    event.counts.filter(({ count }) => count > 0).map(({ key, count }) => `${key} ${count}`),
  )
  const there = await reactionsOf(db, job.portal.id, target.eventId, bot)
  const { puppet: _, ...base } = sendBase(job)
  const writes: ((tx: Tx) => Promise<void>)[] = []
  let part = 0
  for (const { key, eventId } of there) {
    if (wanted.delete(key)) continue
    const outcome = await matrix.redact({ ...base, part: (part += 1), as: bot, eventId })
    if (outcome.kind === 'retry') return verdictOf(job, outcome)
    writes.push((tx) => deleteReaction(tx, job.portal.id, eventId))
  }
  for (const key of wanted) {
    const made = reactionEvent(target.eventId, key)
    const outcome = await matrix.send({ ...base, part: (part += 1), as: bot, ...made })
    if (outcome.kind !== 'delivered') return verdictOf(job, outcome)
    const row = { portal: job.portal.id, eventId: outcome.eventId, targetEventId: target.eventId }
    writes.push((tx) => insertReaction(tx, { ...row, sender: bot, key }))
  }
  return done(job, {
    apply: async (tx) => {
      for (const write of writes) await write(tx)
    },
  })
}
