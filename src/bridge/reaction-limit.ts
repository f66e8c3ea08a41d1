import type { Target } from '../model/remote-action.ts'
import type { Queryable } from '../store/db.ts'
import { deleteReaction, reactionsOf } from '../store/reaction.ts'
import type { Plan, PlanInput } from './action.ts'
import { noteDelivery } from './notes.ts'
import { chatOf } from './portal-rooms.ts'

type Following = Pick<Extract<Plan, { kind: 'send' }>, 'note' | 'apply' | 'deliveries'>

/**
 * Where a network allows each person so many reactions on a message, one more takes the place of the oldest: what it replaces
 * is taken back on Matrix too, so that both sides show the same, and why is said once.
 */
export async function replacing(
  { db }: { db: Queryable },
  { row, portal, connector, by }: PlanInput,
  target: Target,
): Promise<Following> {
  const { reactionsEach: most, notes } = connector.capabilities(chatOf(portal), by.login)
  if (most === undefined) return {}
  const own = await reactionsOf(db, portal.id, target.eventId, row.sender)
  const replaced = own.slice(0, Math.max(0, own.length - most + 1))
  if (replaced.length === 0) return {}
  const note =
    most === 1
      ? 'Here everybody has one reaction on a message: the earlier one was taken back.'
      : `Here everybody has at most ${most} reactions on a message: the oldest was taken back.`
  return {
    note: notes?.reactions ?? note,
    apply: async (tx) => {
      for (const { eventId } of replaced) await deleteReaction(tx, portal.id, eventId)
    },
    deliveries: replaced.map(({ eventId }, i) =>
      noteDelivery(
        { portal: portal.id, sourceId: `replaced:${row.id}:${i}`, at: row.at },
        { kind: 'redact', event: eventId, reason: 'replaced by a newer reaction' },
      ),
    ),
  }
}
