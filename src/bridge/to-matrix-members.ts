import { matrixUserId } from '../model/ids.ts'
import type { MatrixUserId, NetworkName } from '../model/ids.ts'
import type { MembershipChange, RemoteUser } from '../model/remote-event.ts'
import type { MatrixOutcome } from '../matrix/index.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { Verdict } from './lane.ts'
import { done, ghostBehind, verdictOf } from './matrix-job.ts'
import type { Job } from './matrix-job.ts'

type MemberEvent = Extract<StoredRemoteEvent, { kind: 'membership' | 'rename' | 'members' }>

const ACTIONS: Record<MembershipChange, 'join' | 'leave' | 'kick' | 'ban' | 'unban' | 'invite'> = {
  join: 'join',
  leave: 'leave',
  kick: 'kick',
  ban: 'ban',
  unban: 'unban',
  invite: 'invite',
}

/** Brings the room's members to what the network says. Each step names a state and not a move, so a repeat is harmless. */
export function deliverMembership(job: Job, event: MemberEvent): Promise<Verdict> {
  switch (event.kind) {
    case 'membership':
      return deliverChange(job, event)
    case 'rename':
      return deliverRename(job, event)
    case 'members':
      return deliverMembers(job, event)
  }
}

async function deliverChange(
  job: Job,
  event: Extract<MemberEvent, { kind: 'membership' }>,
): Promise<Verdict> {
  const { attendance, connectors } = job.deps
  const owner = connectors.get(job.portal.network as NetworkName)?.ownerOf(event.user.id)
  if (owner !== undefined) {
    const out = event.change === 'leave' || event.change === 'kick' || event.change === 'ban'
    const reason = event.reason ?? 'is in the conversation no more'
    const dismissed = out ? await attendance.dismiss(job.portal, job.room, owner, reason) : undefined
    return dismissed ? verdictOf(job, dismissed) : done(job)
  }
  const ghost = await ghostUser(job, event.user)
  if (ghost === undefined) return done(job)
  const there = (await job.deps.members.joined(job.room)).has(ghost)
  const leaving = event.change === 'leave' || event.change === 'kick'
  if (leaving && !there) return done(job)
  const by = event.sender && event.sender.id !== event.user.id ? await ghostBehind(job, event) : undefined
  return finish(job, await change(job, ghost, event.change, by, event.reason))
}

async function deliverRename(job: Job, event: Extract<MemberEvent, { kind: 'rename' }>): Promise<Verdict> {
  const { members, puppets } = job.deps
  const network = job.portal.network as NetworkName
  const before = await puppets.ghostOf(network, event.from)
  const after = await puppets.ensure(network, event.to)
  if (before.userId === after.userId) return done(job)
  if (!(await members.joined(job.room)).has(before.userId)) return done(job)
  const joined = await change(job, matrixUserId(after.userId), 'join')
  if (joined.kind === 'retry') return verdictOf(job, joined)
  const name = event.to.name ?? after.name ?? event.to.id
  const left = await change(job, matrixUserId(before.userId), 'leave', undefined, `is now known as ${name}`)
  if (left.kind === 'retry' || job.portal.type !== 'dm') return finish(job, left)
  return finish(job, await nameRoom(job, name))
}

/** A private conversation is called like whom it is with. */
async function nameRoom(job: Job, name: string): Promise<MatrixOutcome> {
  const { matrix, portals, settings } = job.deps
  if (job.portal.name !== null) await portals.update(job.portal, { name })
  const state = { room: job.room, type: 'm.room.name', key: '', content: { name }, at: job.row.at }
  return matrix.state({ ...state, as: settings.bot })
}

async function deliverMembers(job: Job, event: Extract<MemberEvent, { kind: 'members' }>): Promise<Verdict> {
  const { members, puppets } = job.deps
  const network = job.portal.network as NetworkName
  const present = new Set<string>()
  for (const user of event.users) {
    if (event.lazy === true) present.add(puppets.userIdOf(network, user.id))
    else {
      const ghost = await ghostUser(job, user)
      if (ghost === undefined) continue
      present.add(ghost)
      const outcome = await members.ensureJoined(job.room, ghost)
      if (outcome?.kind === 'retry') return verdictOf(job, outcome)
    }
  }
  const gone = [...(await members.joined(job.room))].filter(
    (user) => puppets.isGhost(user) && !present.has(user),
  )
  for (const user of gone) {
    const outcome = await change(job, matrixUserId(user), 'leave')
    if (outcome.kind === 'retry') return verdictOf(job, outcome)
  }
  return done(job)
}

/** The person's ghost; undefined for somebody who is one of our own users. */
async function ghostUser(job: Job, user: RemoteUser): Promise<MatrixUserId | undefined> {
  const { connectors, puppets } = job.deps
  const network = job.portal.network as NetworkName
  if (connectors.get(network)?.ownerOf(user.id)) return undefined
  return matrixUserId((await puppets.ensure(network, user)).userId)
}

async function change(
  job: Job,
  user: MatrixUserId,
  what: MembershipChange,
  by?: MatrixUserId,
  reason?: string,
): Promise<MatrixOutcome> {
  const { matrix, members, settings } = job.deps
  const request = { room: job.room, user, action: ACTIONS[what], ...(reason !== undefined && { reason }) }
  let outcome = await matrix.membership({ ...request, ...(by && { by }) })
  // The ghost of whoever kicked may have no power in the room; the bot always has.
  if (outcome.kind === 'rejected' && by) outcome = await matrix.membership({ ...request, by: settings.bot })
  if (outcome.kind === 'delivered') members.seen(job.room, user, what === 'join' ? 'join' : 'leave')
  return outcome
}

function finish(job: Job, outcome: MatrixOutcome): Verdict {
  return verdictOf(job, outcome)
}
