import type { MatrixEventId } from '../model/ids.ts'
import { pinnedIn } from '../matrix/state-from-event.ts'
import { messageOfRemote } from '../store/message.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { Verdict } from './lane.ts'
import { done, verdictOf } from './matrix-job.ts'
import type { Job } from './matrix-job.ts'

/** Pins and unpins what the room has of the messages, as the bot: others may not have the power. */
export async function deliverPins(
  job: Job,
  event: Extract<StoredRemoteEvent, { kind: 'pin' }>,
): Promise<Verdict> {
  const { db, matrix, settings } = job.deps
  const found = await Promise.all(event.targets.map((id) => messageOfRemote(db, job.portal.id, id)))
  const targets = found.flatMap((message): MatrixEventId[] => (message ? [message.eventId] : []))
  const before = pinnedIn((await matrix.getState(job.room, 'm.room.pinned_events')) ?? {})
  const others = before.filter((id) => !targets.includes(id))
  // What is pinned already stays where it is in the list.
  const after = event.pinned ? [...new Set([...before, ...targets])] : others
  if (after.length === before.length) return done(job)
  const state = { room: job.room, type: 'm.room.pinned_events', key: '', content: { pinned: after } }
  return verdictOf(job, await matrix.state({ ...state, as: settings.bot, at: job.row.at }))
}
