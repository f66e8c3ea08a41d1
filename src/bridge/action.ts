import type { Clock } from '../model/clock.ts'
import type { MediaContent } from '../model/content.ts'
import { matrixUserId } from '../model/ids.ts'
import type { MatrixEventId, MatrixUserId, MxcUri } from '../model/ids.ts'
import type { ActingUser, Connector } from '../model/network.ts'
import type { RemoteAction, Target } from '../model/remote-action.ts'
import { fromEvent } from '../matrix/from-event.ts'
import type { MatrixAct } from '../matrix/from-event.ts'
import type { RawEvent } from '../matrix/event.ts'
import type { Database } from '../store/db.ts'
import type { Delivery, NewDelivery } from '../store/delivery.ts'
import { castVote, closePoll, pollOfEvent, toRemoteOptions } from '../store/poll.ts'
import { forgetLiveLocation } from '../store/live-location.ts'
import { deleteReaction, reactionOfEvent } from '../store/reaction.ts'
import type { Portal } from '../store/portal.ts'
import type { Settlement } from './settlement.ts'
import { renderFallback } from './fallback.ts'
import { liveLocationAction } from './live-location.ts'
import type { Names } from './names.ts'
import { memberAction, powerAction } from './member-action.ts'
import { chatOf } from './portal-rooms.ts'
import type { Puppets } from './puppets.ts'
import { isSaying } from './stored.ts'
import type { StoredForRemote, StoredMatrixEvent, StoredSaying, StoredSettings } from './stored.ts'
import { tallyOf, tallyRow } from './tally.ts'
import { fromJsonBytes } from '../store/text.ts'
import { replacing } from './reaction-limit.ts'
import { findTarget } from './target.ts'

/** What to do about a row, once everything that it refers to is looked up. */
export type Plan =
  | {
      kind: 'send'
      action: RemoteAction
      /** What the Matrix user did, before the network's abilities were asked. */
      meant: RemoteAction
      /** Words for the sender when it goes in another form. */
      note?: string
      /** Rows of other tables that belong to success. */
      apply?: Settlement['apply']
      /** The event that the message stands for, where it is not the one that brought it. */
      standsFor?: MatrixEventId
      /** What has to happen on Matrix after it. */
      deliveries?: NewDelivery[]
    }
  | { kind: 'wait'; why: string }
  | { kind: 'settled'; settlement: Settlement; note?: string }
  | { kind: 'refused'; code: string; why: string }

export type PlanDeps = {
  db: Database
  puppets: Puppets
  names: Names
  clock: Clock
  mediaLink: (media: MediaContent) => string | undefined
  toMatrixBusy(portal: Portal): boolean
}

export type PlanInput = {
  row: Delivery
  portal: Portal
  connector: Connector
  by: ActingUser
  stored: StoredForRemote
  next: Delivery | undefined
}

/** An event can overtake the commit of what it refers to by a moment; after this the target is taken as unknown. */
const TARGET_PATIENCE_MS = 10_000

const TARGET_UNKNOWN = 'What it refers to is not in the conversation on the other side.'
const MOST_PEOPLE = 50

/** Reads a row into the action that its connector shall carry out. */
export async function planAction(deps: PlanDeps, input: PlanInput): Promise<Plan> {
  const { stored, connector, portal, by } = input
  if (isSaying(stored)) return saying(deps, input, stored)
  const meant = await wanted(deps, input, stored)
  if (meant.kind !== 'send') return meant
  const caps = connector.capabilities(chatOf(portal), by.login)
  const fallback = renderFallback(meant.action, caps, {
    actorName: by.name,
    mediaLink: deps.mediaLink,
    at: input.row.at,
  })
  if ('drop' in fallback) {
    const settlement: Settlement = {
      change: { id: input.row.id, state: 'delivered', errorText: fallback.drop },
      ...(meant.apply && { apply: meant.apply }),
    }
    return { kind: 'settled', settlement, note: fallback.drop }
  }
  const note = fallback.note ?? meant.note
  return { ...meant, action: fallback.action, ...(note !== undefined && { note }) }
}

async function wanted(
  deps: PlanDeps,
  input: PlanInput,
  stored: StoredMatrixEvent | StoredSettings,
): Promise<Plan> {
  if ('settings' in stored) return send({ kind: 'settings', settings: stored.settings })
  if (stored.pin) {
    const found = await target(deps, input, stored.pin.event)
    if (found === 'wait') return waiting
    return found ? send({ kind: 'pin', target: found, pinned: stored.pin.pinned }) : refused(TARGET_UNKNOWN)
  }
  const people = await peopleIn(deps, stored.event)
  const act = fromEvent(stored.event, { resolveMention: (user) => people.get(user) })
  return meaning(deps, input, act, stored.event)
}

async function meaning(deps: PlanDeps, input: PlanInput, act: MatrixAct, event: RawEvent): Promise<Plan> {
  switch (act.kind) {
    case 'message': {
      const replyTo = act.replyTo && (await target(deps, input, act.replyTo))
      if (replyTo === 'wait') return waiting
      const root = act.threadRoot && (await target(deps, input, act.threadRoot))
      return send({
        kind: 'message',
        content: act.content,
        ...(replyTo && { replyTo }),
        ...(root && root !== 'wait' && { threadRoot: root }),
      })
    }
    case 'edit': {
      const found = await target(deps, input, act.target)
      if (found === 'wait') return waiting
      if (!found) return refused(TARGET_UNKNOWN)
      const previous = found.excerpt === undefined ? {} : { previous: found.excerpt }
      return send({ kind: 'edit', target: found, content: act.content, ...previous })
    }
    case 'redaction':
      return redaction(deps, input, act)
    case 'reaction': {
      const found = await target(deps, input, act.target)
      if (found === 'wait') return waiting
      if (!found) return refused(TARGET_UNKNOWN)
      return {
        ...send({ kind: 'reaction', target: found, key: act.key }),
        ...(await replacing(deps, input, found)),
      }
    }
    case 'poll-vote':
    case 'poll-end':
      return pollAct(deps, input, act)
    case 'membership':
      return memberAction(deps.puppets, input, act)
    case 'topic':
      return send({ kind: 'topic', topic: act.topic })
    case 'name':
      return send({ kind: 'name', name: act.name })
    case 'power':
      return powerAction(deps.puppets, input, act, event)
    case 'encrypted':
      return refused('This room is encrypted, and the bridge cannot read it.')
    case 'live-begin':
    case 'live-end':
    case 'live-place':
      return liveLocationAction(deps.db, input, act, (of) => target(deps, input, of))
    case 'avatar':
      return send({ kind: 'avatar', ...(act.mxc && { avatar: pictureAt(act.mxc) }) })
    case 'pins':
    case 'tombstone':
    case 'ignored':
      return { kind: 'settled', settlement: { change: { id: input.row.id, state: 'delivered' } } }
  }
}

async function redaction(
  deps: PlanDeps,
  input: PlanInput,
  act: Extract<MatrixAct, { kind: 'redaction' }>,
): Promise<Plan> {
  const reaction = await reactionOfEvent(deps.db, input.portal.id, act.target)
  const found = await target(deps, input, reaction?.targetEventId ?? act.target)
  if (found === 'wait') return waiting
  if (!found) {
    // Nothing of it went out, so there is nothing to take back.
    return {
      kind: 'settled',
      settlement: { change: { id: input.row.id, state: 'delivered', errorText: TARGET_UNKNOWN } },
    }
  }
  if (reaction) {
    const remote = reaction.remoteId === null ? {} : { reactionRemoteId: reaction.remoteId }
    return {
      ...send({ kind: 'reaction-removal', target: found, key: reaction.key, ...remote }),
      apply: (tx) => deleteReaction(tx, input.portal.id, reaction.eventId),
    }
  }
  return {
    ...send({ kind: 'redaction', target: found, ...(act.reason !== undefined && { reason: act.reason }) }),
    apply: (tx) => forgetLiveLocation(tx, act.target),
  }
}

async function pollAct(
  deps: PlanDeps,
  input: PlanInput,
  act: Extract<MatrixAct, { kind: 'poll-vote' | 'poll-end' }>,
): Promise<Plan> {
  const found = await target(deps, input, act.target)
  if (found === 'wait') return waiting
  const poll = await pollOfEvent(deps.db, act.target)
  if (!found || !poll) return refused(TARGET_UNKNOWN)
  const at = input.row.at
  if (act.kind === 'poll-end') {
    const tally = await tallyOf(deps.db, poll)
    return {
      ...send({ kind: 'poll-end', target: found, tally }),
      apply: (tx) => closePoll(tx, poll.eventId, at),
    }
  }
  if (poll.closedAt !== null) return refused('The poll has ended.')
  const vote = { voter: input.row.sender, optionIds: act.optionIds, at }
  const apply: Settlement['apply'] = (tx) => castVote(tx, { poll: poll.eventId, ...vote })
  const caps = input.connector.capabilities(chatOf(input.portal), input.by.login)
  if (caps.polls === 'native')
    return {
      ...send({ kind: 'poll-vote', target: found, options: toRemoteOptions(poll, act.optionIds) }),
      apply,
    }
  // The vote is kept first; how the poll stands is told after, with every vote that is kept by then.
  const deliveries = [tallyRow(input.row, poll.eventId)]
  return {
    kind: 'settled',
    settlement: { change: { id: input.row.id, state: 'delivered' }, apply, deliveries },
  }
}

/** What the bridge itself says. Of tallies that wait one behind the other only the last is told. */
async function saying(deps: PlanDeps, { row, next }: PlanInput, stored: StoredSaying): Promise<Plan> {
  const nothing: Plan = { kind: 'settled', settlement: { change: { id: row.id, state: 'delivered' } } }
  if ('say' in stored) return send(spoken(stored.say))
  const following = next?.kind === 'info' ? (fromJsonBytes(next.body) as StoredForRemote) : undefined
  if (following && 'tally' in following && following.tally === stored.tally) return nothing
  const poll = await pollOfEvent(deps.db, stored.tally)
  return poll ? send(spoken(await tallyOf(deps.db, poll))) : nothing
}

const pictureAt = (mxc: MxcUri): MediaContent => ({
  kind: 'media',
  media: 'image',
  fileName: 'picture',
  source: { at: 'matrix', mxc },
})

const spoken = (body: string): RemoteAction => ({
  kind: 'message',
  content: { kind: 'text', style: 'notice', body },
})

const waiting: Plan = { kind: 'wait', why: 'what it refers to is still on its way' }
const refused = (why: string): Plan => ({ kind: 'refused', code: 'unsupported', why })

function send(action: RemoteAction): Extract<Plan, { kind: 'send' }> {
  return { kind: 'send', action, meant: action }
}

async function target(
  deps: PlanDeps,
  input: PlanInput,
  event: MatrixEventId,
): Promise<Target | 'wait' | undefined> {
  const { db, names, clock } = deps
  const { portal, row } = input
  // Asked first: what ends between the two questions is found by the second one.
  const busy = deps.toMatrixBusy(portal)
  const found = await findTarget(db, portal, event, matrixUserId(row.sender), {
    ofRemote: (network, id) => names.ofRemote(network, id),
    ofUser: (user) => (portal.roomId ? names.ofUser(portal.roomId, user) : Promise.resolve(user)),
  })
  if (found) return found
  const young = clock.now().getTime() - row.createdAt.getTime() < TARGET_PATIENCE_MS
  return young && busy ? 'wait' : undefined
}

/** Every ghost that the event speaks of, looked up once, so that reading the event stays pure. */
async function peopleIn(
  deps: PlanDeps,
  event: RawEvent,
): Promise<Map<MatrixUserId, { remote: NonNullable<Target['author']>; name?: string }>> {
  const text = JSON.stringify(event.content)
    .replaceAll('%40', '@')
    .replaceAll('%3A', ':')
    .replaceAll('%3a', ':')
  const people: Awaited<ReturnType<typeof peopleIn>> = new Map()
  const ids = new Set(
    [...text.matchAll(/@[a-z0-9._=\-/+]+:[A-Za-z0-9.:[\]-]+/g)].map(([id]) => id).slice(0, MOST_PEOPLE),
  )
  for (const id of ids) {
    const user = matrixUserId(id)
    const ghost = await deps.puppets.personBehind(user)
    if (ghost) people.set(user, { remote: ghost.remoteId, ...(ghost.name !== null && { name: ghost.name }) })
  }
  return people
}
