import type { PollContent } from '../model/content.ts'
import type { MatrixEventId } from '../model/ids.ts'
import type { Queryable } from '../store/db.ts'
import type { Delivery, NewDelivery } from '../store/delivery.ts'
import { votesOf } from '../store/poll.ts'
import type { Poll } from '../store/poll.ts'
import { renderTally } from './poll-text.ts'
import type { StoredSaying } from './stored.ts'

export const contentOf = (poll: Poll): PollContent => ({
  kind: 'poll',
  question: poll.question,
  options: poll.options,
  maxSelections: poll.maxSelections,
})

/** How a poll stands now, in words. */
export async function tallyOf(db: Queryable, poll: Poll): Promise<string> {
  const votes = await votesOf(db, poll.eventId)
  // The table keeps one vote of each voter, so their times do not matter any more.
  const counted = votes.map((vote) => ({ ...vote, at: new Date(0) }))
  return `📊 ${poll.question}\n${renderTally(contentOf(poll), counted)}`
}

/** Tells the network how a poll stands, once what `after` is about is kept. */
export function tallyRow(after: Delivery, poll: MatrixEventId): NewDelivery {
  return {
    direction: 'to_remote',
    portal: after.portal,
    sourceId: `tally:${after.id}`,
    kind: 'info',
    sender: '',
    body: { tally: poll } satisfies StoredSaying,
    at: after.at,
  }
}
