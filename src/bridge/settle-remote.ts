import type { Clock } from '../model/clock.ts'
import type { DeliveryKind } from '../model/delivery.ts'
import { matrixEventId, remoteMessageId } from '../model/ids.ts'
import type { MatrixEventId, RemoteMessageId } from '../model/ids.ts'
import type { SendOutcome } from '../model/outcome.ts'
import type { Delivery, NewDelivery } from '../store/delivery.ts'
import type { NewMessage } from '../store/message.ts'
import { insertPoll } from '../store/poll.ts'
import type { Portal } from '../store/portal.ts'
import { insertReaction } from '../store/reaction.ts'
import type { Plan } from './action.ts'
import { excerptOf } from './excerpt.ts'
import { noteDelivery } from './notes.ts'
import type { StatusNote } from './notes.ts'
import type { Portals } from './portals.ts'
import type { Settlement } from './settlement.ts'
import type { BridgeSettings } from './settings.ts'
import { wordsOf } from './words.ts'

type Sent = Extract<Plan, { kind: 'send' }>

export type RemoteEnding =
  | { state: 'delivered'; outcome: Extract<SendOutcome, { kind: 'delivered' }>; plan?: Sent }
  | { state: 'rejected' | 'unknown' | 'expired'; code: string; text: string; plan?: Sent }

const EXCERPT = 120

/** Everything that an ending of a delivery to a network writes: the state, what maps to what, and words to the sender. */
export async function settleRemote(
  deps: { portals: Portals; clock: Clock; settings?: Pick<BridgeSettings, 'sendStatus'> },
  row: Delivery,
  portal: Portal,
  ending: RemoteEnding,
): Promise<Settlement> {
  const now = deps.clock.now()
  if (ending.state !== 'delivered') {
    const { state, code, text } = ending
    const told = row.sourceId.startsWith('$')
    const deliveries = told ? [statusRow(row, now, { state, code, text })] : []
    return {
      change: { id: row.id, state, errorCode: code, errorText: text, told },
      deliveries: [...deliveries, ...restoreRows(row, now, ending)],
    }
  }
  const { outcome, plan } = ending
  const note = plan?.note ?? outcome.note
  const deliveries: NewDelivery[] = [...(plan?.deliveries ?? [])]
  const good = { state: 'delivered', code: 'delivered', text: 'Delivered now.' } as const
  if (row.told) deliveries.push(statusRow(row, now, good))
  else {
    if (deps.settings?.sendStatus === 'all' && SHOWN.has(row.kind) && row.sourceId.startsWith('$'))
      deliveries.push(statusRow(row, now, { ...good, quiet: true }))
    deliveries.push(...(await noteRows(deps, row, portal, note, plan)))
  }
  const target = outcome.remoteIds.at(-1)
  return {
    change: { id: row.id, state: 'delivered', ...(target !== undefined && { targetId: target }) },
    messages: plan ? mappings(row, portal, plan, outcome.remoteIds) : [],
    deliveries,
    ...(plan &&
      hasFollowUp(plan) && {
        apply: async (tx) => {
          await plan.apply?.(tx)
          await follow(tx, row, portal, plan, outcome)
        },
      }),
  }
}

/** What clients show a status beside. */
const SHOWN: ReadonlySet<DeliveryKind> = new Set([
  'message',
  'edit',
  'redaction',
  'reaction',
  'reaction-removal',
  'poll-vote',
  'poll-end',
])

/** Words for the sender about the form in which something went, unless the room has heard them. */
export async function noteRows(
  deps: { portals: Portals; clock: Clock },
  row: Delivery,
  portal: Portal,
  note: string | undefined,
  plan?: Sent,
): Promise<NewDelivery[]> {
  const say = note !== undefined && (await firstTime(deps.portals, portal, note))
  return say ? [infoRow(row, deps.clock.now(), note, plan)] : []
}

/** The message that a note about a delivery answers: clients cannot show an answer to a reaction or an edit. */
function messageOf(row: Delivery, plan: Sent | undefined): MatrixEventId | undefined {
  if (!row.sourceId.startsWith('$')) return undefined
  return plan && 'target' in plan.meant ? plan.meant.target.eventId : matrixEventId(row.sourceId)
}

/** A message's parts, or the lines that corrected an earlier one, lead to its event. */
function mappings(row: Delivery, portal: Portal, plan: Sent, remoteIds: RemoteMessageId[]): NewMessage[] {
  const { meant } = plan
  if (meant.kind !== 'message' && meant.kind !== 'edit') return []
  if (!row.sourceId.startsWith('$')) return []
  const eventId =
    meant.kind === 'edit' ? meant.target.eventId : (plan.standsFor ?? matrixEventId(row.sourceId))
  const ids = remoteIds.length > 0 ? remoteIds : [remoteMessageId(`delivery:${row.id}`)]
  return ids.map((remoteId, part) => ({
    portal: portal.id,
    remoteId,
    part,
    eventId,
    direction: 'to_remote',
    sender: row.sender,
    at: row.at,
    ...(meant.kind === 'message' && { excerpt: excerptOf(wordsOf(meant.content), EXCERPT) }),
  }))
}

/** Whether success writes rows of other tables; a plain message, the most frequent by far, does not. */
function hasFollowUp({ apply, meant }: Sent): boolean {
  const plain = meant.kind === 'message' && meant.content.kind !== 'poll'
  return apply !== undefined || !plain
}

async function follow(
  tx: Parameters<NonNullable<Settlement['apply']>>[0],
  row: Delivery,
  portal: Portal,
  plan: Sent,
  { remoteIds, optionIds = [] }: Extract<SendOutcome, { kind: 'delivered' }>,
): Promise<void> {
  const { meant } = plan
  const eventId = matrixEventId(row.sourceId)
  if (meant.kind === 'reaction') {
    await insertReaction(tx, {
      portal: portal.id,
      eventId,
      targetEventId: meant.target.eventId,
      sender: row.sender,
      key: meant.key,
      ...(remoteIds[0] !== undefined && { remoteId: remoteIds[0] }),
    })
  }
  if (meant.kind === 'message' && meant.content.kind === 'poll') {
    const { question, options, maxSelections } = meant.content
    await insertPoll(tx, {
      eventId,
      portal: portal.id,
      question,
      options: options.map((option, i) => {
        const remoteId = optionIds[i]
        return remoteId === undefined ? option : { ...option, remoteId }
      }),
      maxSelections,
      creator: row.sender,
    })
  }
  if (meant.kind === 'edit') {
    await tx.query('update message set excerpt = $3 where portal_id = $1 and event_id = $2', [
      portal.id,
      meant.target.eventId,
      excerptOf(wordsOf(meant.content), EXCERPT).replaceAll('\u0000', '\uFFFD'),
    ])
  }
}

/** Whom a refused kick or ban was meant for is still there, and speaks; whom a refused invitation was for does not come. */
function restoreRows(row: Delivery, at: Date, { state, plan }: RemoteEnding): NewDelivery[] {
  if (state === 'unknown' || plan?.meant.kind !== 'membership') return []
  const { change, remote, user } = plan.meant
  if (remote === undefined) return []
  const where = { portal: row.portal, sourceId: `restore:${row.id}:${at.getTime()}`, at }
  if (change === 'invite') return [noteDelivery(where, { kind: 'decline', user })]
  return change === 'kick' || change === 'ban' ? [noteDelivery(where, { kind: 'restore', user })] : []
}

function statusRow(
  row: Delivery,
  at: Date,
  status: Omit<StatusNote, 'kind' | 'event' | 'delivery'>,
): NewDelivery {
  return noteDelivery(
    { portal: row.portal, sourceId: `status:${row.id}:${at.getTime()}`, at },
    { kind: 'status', event: matrixEventId(row.sourceId), delivery: row.id, ...status },
  )
}

function infoRow(row: Delivery, at: Date, text: string, plan?: Sent): NewDelivery {
  const replyTo = messageOf(row, plan)
  return noteDelivery(
    { portal: row.portal, sourceId: `note:${row.id}`, at },
    { kind: 'info', text, ...(replyTo && { replyTo }) },
  )
}

/** Each note is said once in a room; people learn it, and it would be noise after that. */
async function firstTime(portals: Portals, portal: Portal, note: string): Promise<boolean> {
  const notes = portal.settings.notes ?? []
  if (notes.includes(note)) return false
  await portals.update(portal, { settings: { ...portal.settings, notes: [...notes, note].slice(-20) } })
  return true
}
