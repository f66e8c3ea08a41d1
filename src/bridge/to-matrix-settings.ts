import type { ChatSettings } from '../model/remote-event.ts'
import type { PersonalChange } from '../matrix/person.ts'
import { loginById } from '../store/login.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { Verdict } from './lane.ts'
import { done, verdictOf } from './matrix-job.ts'
import type { Job } from './matrix-job.ts'

/**
 * How somebody has put a conversation away on their phone is how it is put away for them here, where the bridge may act for
 * them. It is nobody else's business, so otherwise there is nothing to show.
 */
export async function deliverSettings(
  job: Job,
  event: Extract<StoredRemoteEvent, { kind: 'settings' }>,
): Promise<Verdict> {
  const { db, matrix, settings, clock, log } = job.deps
  if (!settings.doublePuppet) return done(job)
  const login = await loginById(db, event.login)
  if (!login) return done(job)
  for (const change of changesOf(event.settings, clock.now())) {
    const outcome = await matrix.people.change(login.owner, job.room, change)
    if (outcome.kind === 'retry') return verdictOf(job, outcome)
    if (outcome.kind === 'rejected') log.debug({ code: outcome.code, change: change.kind }, 'not put away')
  }
  return done(job)
}

function changesOf({ mute, archived, unread, favourite }: ChatSettings, now: Date): PersonalChange[] {
  const changes: PersonalChange[] = []
  if (mute !== undefined) {
    const on = typeof mute === 'object' ? mute.untilMs > now.getTime() : mute === 'forever'
    changes.push({ kind: 'mute', on })
  }
  if (archived !== undefined) changes.push({ kind: 'tag', tag: 'm.lowpriority', on: archived })
  if (favourite !== undefined) changes.push({ kind: 'tag', tag: 'm.favourite', on: favourite })
  if (unread !== undefined) changes.push({ kind: 'unread', on: unread })
  return changes
}
