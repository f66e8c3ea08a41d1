import type { NetworkName } from '../model/ids.ts'
import type { MatrixOutcome } from '../matrix/index.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { Verdict } from './lane.ts'
import { done, senderOf, verdictOf } from './matrix-job.ts'
import type { Job } from './matrix-job.ts'

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
      return verdictOf(
        job,
        await setState(job, event, 'm.room.avatar', event.avatar ? { url: event.avatar } : {}),
      )
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
    const sender = await senderOf(job, event)
    if ((await members.joined(job.room)).has(sender.user)) {
      const outcome = await matrix.state({ ...state, as: sender.user })
      if (outcome.kind !== 'rejected') return outcome
    }
  }
  return matrix.state({ ...state, as: settings.bot })
}

async function deliverPower(job: Job, event: Extract<StateEvent, { kind: 'power' }>): Promise<Verdict> {
  const { connectors, matrix, puppets } = job.deps
  const network = job.portal.network as NetworkName
  const users: Record<string, number> = {}
  for (const { user, level } of event.users ?? []) {
    users[connectors.get(network)?.ownerOf(user.id) ?? puppets.userIdOf(network, user.id)] = level
  }
  const { speak, topic, invite, joinable } = event.room ?? {}
  const outcome = await matrix.setPower(job.room, {
    users,
    levels: {
      ...(speak !== undefined && { events_default: speak }),
      ...(invite !== undefined && { invite }),
    },
    ...(topic !== undefined && { events: { 'm.room.topic': topic } }),
  })
  if (outcome.kind !== 'delivered' || joinable === undefined) return verdictOf(job, outcome)
  return done(job)
}
