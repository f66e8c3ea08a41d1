import type { NetworkName } from '../model/ids.ts'
import type { MatrixOutcome } from '../matrix/index.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { Verdict } from './lane.ts'
import { done, ghostBehind, verdictOf } from './matrix-job.ts'
import type { Job } from './matrix-job.ts'
import { chatOf } from './portal-rooms.ts'

type StateEvent = Extract<StoredRemoteEvent, { kind: 'topic' | 'name' | 'avatar' | 'power' }>

/** Brings the room's name, topic, picture and power to what the network says. */
export async function deliverRoomState(job: Job, event: StateEvent): Promise<Verdict> {
  const { portals } = job.deps
  switch (event.kind) {
    case 'topic':
      await portals.update(job.portal, { topic: event.topic })
      return verdictOf(job, await setState(job, event, 'm.room.topic', { topic: event.topic }))
    case 'name':
      await portals.update(job.portal, { name: event.name })
      return verdictOf(job, await setState(job, event, 'm.room.name', { name: event.name }))
    case 'avatar':
      return deliverAvatar(job, event)
    case 'power':
      return deliverPower(job, event)
  }
}

/** As the person who did it where they may, else as the bot, which always may. */
async function setState(
  job: Job,
  event: StateEvent,
  type: string,
  content: Record<string, unknown>,
): Promise<MatrixOutcome> {
  const { matrix, members, settings } = job.deps
  const state = { room: job.room, type, key: '', content, at: job.row.at }
  if (event.sender) {
    const as = await ghostBehind(job, event)
    if (as && (await members.joined(job.room)).has(as)) {
      const outcome = await matrix.state({ ...state, as })
      if (outcome.kind !== 'rejected') return outcome
    }
  }
  return matrix.state({ ...state, as: settings.bot })
}

/** Fetches of a picture that fail one after the other before the conversation goes on without it. */
const MOST_FAILURES = 5

async function deliverAvatar(job: Job, event: Extract<StateEvent, { kind: 'avatar' }>): Promise<Verdict> {
  const { picture } = event
  let url = event.avatar
  if (picture) {
    const key = `picture/${job.portal.network}/${picture.id}`
    try {
      const taken = await job.deps.media.take(chatOf(job.portal), picture.media, key)
      if ('missing' in taken) return done(job)
      url = taken.mxc
    } catch (error) {
      if (job.attempt.failures < MOST_FAILURES) throw error
      return done(job)
    }
  }
  return verdictOf(job, await setState(job, event, 'm.room.avatar', url ? { url } : {}))
}

async function deliverPower(job: Job, event: Extract<StateEvent, { kind: 'power' }>): Promise<Verdict> {
  const { connectors, matrix, puppets } = job.deps
  const network = job.portal.network as NetworkName
  const users: Record<string, number> = {}
  for (const { user, level } of event.users ?? []) {
    users[connectors.get(network)?.ownerOf(user.id) ?? puppets.userIdOf(network, user.id)] = level
  }
  const { speak, topic, name, pin, invite, joinable } = event.room ?? {}
  const events = {
    ...(topic !== undefined && { 'm.room.topic': topic }),
    ...(name !== undefined && { 'm.room.name': name, 'm.room.avatar': name }),
    ...(pin !== undefined && { 'm.room.pinned_events': pin }),
  }
  const outcome = await matrix.setPower(job.room, {
    users,
    levels: {
      ...(speak !== undefined && { events_default: speak }),
      ...(invite !== undefined && { invite }),
    },
    ...(Object.keys(events).length > 0 && { events }),
  })
  if (outcome.kind !== 'delivered' || joinable === undefined) return verdictOf(job, outcome)
  return done(job)
}
