import type { LocationContent, MessageContent } from '../model/content.ts'
import { matrixEventId, matrixUserId } from '../model/ids.ts'
import type { Target } from '../model/remote-action.ts'
import type { LiveAct } from '../matrix/live-location.ts'
import type { Database, Queryable } from '../store/db.ts'
import {
  beginLiveLocation,
  claimFirstPlace,
  endLiveLocation,
  liveLocationBy,
  liveLocationOf,
  moveLiveLocation,
} from '../store/live-location.ts'
import type { LiveLocation } from '../store/live-location.ts'
import { fromJsonBytes } from '../store/text.ts'
import type { Plan, PlanInput } from './action.ts'
import { chatOf } from './portal-rooms.ts'

const IN_WORDS = 'is sharing a live location; only single locations cross the bridge'

type Find = (event: LiveLocation['eventId']) => Promise<Target | 'wait' | undefined>

/**
 * A live location of Matrix as one message of the network that is edited as the place moves. It is sent with its first
 * place, for a network cannot show it without one, and stands for the event that began it.
 */
export async function liveLocationAction(
  db: Database,
  input: PlanInput,
  act: LiveAct,
  find: Find,
): Promise<Plan> {
  const { connector, portal, by, row } = input
  const native = connector.capabilities(chatOf(portal), by.login).liveLocation === true
  const sender = matrixUserId(row.sender)
  if (!native) {
    if (act.kind !== 'live-begin') return nothing(input, 'the network has no live locations')
    return { kind: 'send', ...both({ kind: 'unsupported', what: 'live location', text: IN_WORDS }) }
  }
  switch (act.kind) {
    case 'live-begin': {
      const eventId = matrixEventId(row.sourceId)
      const { until, name = null } = act
      // At once, whatever becomes of the one before: the places that follow name this one.
      await beginLiveLocation(db, { eventId, portal: portal.id, sender, begunBy: row.id, until, name })
      return ending(db, input, find, 'it is told with its first place')
    }
    case 'live-end':
      return ending(db, input, find, 'nothing of it was told')
    case 'live-place':
      return place(db, input, act, find)
  }
}

async function place(
  db: Database,
  input: PlanInput,
  act: Extract<LiveAct, { kind: 'live-place' }>,
  find: Find,
): Promise<Plan> {
  const { row } = input
  const live = await liveLocationOf(db, act.target)
  if (live === undefined || live.sender !== row.sender) return nothing(input, 'it is not shared any more')
  const leftMs = live.until.getTime() - act.at.getTime()
  if (leftMs <= 0) return nothing(input, 'its time is over')
  const { latitude, longitude } = act
  const content: LocationContent = {
    kind: 'location',
    latitude,
    longitude,
    live: true,
    ...(live.name !== null && { name: live.name }),
  }
  const apply = (tx: Queryable) => moveLiveLocation(tx, live.eventId, act)
  const first = await claimFirstPlace(db, live.eventId, row.id)
  if (first === row.id) {
    return { kind: 'send', ...both({ ...content, liveForMs: leftMs }), standsFor: live.eventId, apply }
  }
  // Only where somebody is now matters to those who wait for it.
  if (isPlaceOf(input.next, act.target)) return nothing(input, 'a newer place follows')
  const found = await find(live.eventId)
  if (found === 'wait') return { kind: 'wait', why: 'its first place is still on its way' }
  // That it could not be sent was told with the first place.
  if (found === undefined) return nothing(input, 'its first place was not taken')
  return { kind: 'send', ...edit(found, content), apply }
}

/** The end of what somebody has shared so far; they share one at a time. */
async function ending(db: Database, input: PlanInput, find: Find, otherwise: string): Promise<Plan> {
  const { row, portal } = input
  const sender = matrixUserId(row.sender)
  const apply = (tx: Queryable) => endLiveLocation(tx, portal.id, sender, row.id)
  const live = await liveLocationBy(db, portal.id, sender, row.id)
  const found = live && live.until > row.at ? await find(live.eventId) : undefined
  if (found === 'wait') return { kind: 'wait', why: 'its first place is still on its way' }
  const { latitude = null, longitude = null, name = null } = live ?? {}
  if (found === undefined || latitude === null || longitude === null) return nothing(input, otherwise, apply)
  const content: LocationContent = {
    kind: 'location',
    latitude,
    longitude,
    ended: true,
    ...(name !== null && { name }),
  }
  return { kind: 'send', ...edit(found, content), apply }
}

function isPlaceOf(next: PlanInput['next'], target: string): boolean {
  if (next === undefined) return false
  const { event } = fromJsonBytes(next.body) as {
    event?: { content?: { 'm.relates_to'?: unknown }; type?: unknown }
  }
  const relates = event?.content?.['m.relates_to'] as { event_id?: unknown } | undefined
  return relates?.event_id === target && String(event?.type).endsWith('.beacon')
}

function both(content: MessageContent) {
  const action = { kind: 'message', content } as const
  return { action, meant: action }
}

function edit(target: Target, content: LocationContent) {
  const action = { kind: 'edit', target, content } as const
  return { action, meant: action }
}

function nothing(input: PlanInput, why: string, apply?: (tx: Queryable) => Promise<unknown>): Plan {
  return {
    kind: 'settled',
    settlement: {
      change: { id: input.row.id, state: 'delivered', errorText: why },
      ...(apply && { apply: async (tx) => void (await apply(tx)) }),
    },
  }
}
