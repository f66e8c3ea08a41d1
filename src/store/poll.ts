import type { PollOption } from '../model/content.ts'
import type { MatrixEventId, PortalId } from '../model/ids.ts'
import type { Queryable } from './db.ts'
import { pgText } from './text.ts'

/** An answer, by its id on Matrix; `remoteId` where its network calls it otherwise. */
export type StoredOption = PollOption & { remoteId?: string }

export type Poll = {
  eventId: MatrixEventId
  portal: PortalId
  /** Counts the polls of a portal, so that people can name one in words. */
  number: number
  question: string
  options: StoredOption[]
  maxSelections: number
  creator: string
  closedAt: Date | null
}
type PollRow = Omit<Poll, 'options'> & { options: string }

const COLUMNS = `event_id as "eventId", portal_id as portal, number, question, options, max_selections as "maxSelections",
  creator, closed_at as "closedAt"`

const read = (row: PollRow): Poll => ({ ...row, options: JSON.parse(row.options) as StoredOption[] })

/** Keeps a poll and gives it the portal's next number. A repeat gives the poll that is there. */
export async function insertPoll(tx: Queryable, poll: Omit<Poll, 'number' | 'closedAt'>): Promise<Poll> {
  await tx.query(
    `insert into poll (event_id, portal_id, number, question, options, max_selections, creator)
     select $1, $2, coalesce((select max(number) from poll where portal_id = $2), 0) + 1, $3, $4, $5, $6
     on conflict (event_id) do nothing`,
    [
      pgText(poll.eventId),
      poll.portal,
      pgText(poll.question),
      JSON.stringify(poll.options),
      poll.maxSelections,
      pgText(poll.creator),
    ],
  )
  const stored = await pollOfEvent(tx, poll.eventId)
  if (!stored) throw new Error('poll vanished inside its own transaction')
  return stored
}

export async function pollOfEvent(db: Queryable, event: MatrixEventId): Promise<Poll | undefined> {
  const [row] = await db.query<PollRow>(`select ${COLUMNS} from poll where event_id = $1`, [pgText(event)])
  return row && read(row)
}

/** The poll with this number, or the newest open one. */
export async function pollOfPortal(
  db: Queryable,
  portal: PortalId,
  number?: number,
): Promise<Poll | undefined> {
  const [row] = await db.query<PollRow>(
    `select ${COLUMNS} from poll where portal_id = $1 and ($2::int is null and closed_at is null or number = $2)
     order by number desc limit 1`,
    [portal, number ?? null],
  )
  return row && read(row)
}

export async function closePoll(tx: Queryable, event: MatrixEventId, at: Date): Promise<void> {
  await tx.query('update poll set closed_at = $2 where event_id = $1 and closed_at is null', [
    pgText(event),
    at,
  ])
}

/** The last vote of each voter counts; an empty choice takes the vote back. */
export async function castVote(
  tx: Queryable,
  vote: { poll: MatrixEventId; voter: string; optionIds: string[]; at: Date },
): Promise<void> {
  await tx.query(
    `insert into poll_vote (poll_event_id, voter, option_ids, at) values ($1, $2, $3, $4)
     on conflict (poll_event_id, voter) do update set option_ids = excluded.option_ids, at = excluded.at
     where poll_vote.at <= excluded.at`,
    [pgText(vote.poll), pgText(vote.voter), JSON.stringify(vote.optionIds), vote.at],
  )
}

/** What a voter has chosen at last; undefined when they never voted. */
export async function voteOf(
  db: Queryable,
  poll: MatrixEventId,
  voter: string,
): Promise<string[] | undefined> {
  const [row] = await db.query<{ options: string }>(
    'select option_ids as options from poll_vote where poll_event_id = $1 and voter = $2',
    [pgText(poll), pgText(voter)],
  )
  return row && (JSON.parse(row.options) as string[])
}

/** The answers by the names that the network has for them. Unknown ones are left out. */
export const toRemoteOptions = (poll: Poll, ids: readonly string[]): PollOption[] =>
  poll.options
    .filter(({ id }) => ids.includes(id))
    .map(({ id, text, remoteId }) => ({ id: remoteId ?? id, text }))

/** The ids on Matrix of answers that the network names. Unknown ones are left out. */
export const toMatrixOptions = (poll: Poll, remoteIds: readonly string[]): string[] =>
  poll.options.filter(({ id, remoteId }) => remoteIds.includes(remoteId ?? id)).map(({ id }) => id)

export async function votesOf(
  db: Queryable,
  poll: MatrixEventId,
): Promise<{ voter: string; optionIds: string[] }[]> {
  const rows = await db.query<{ voter: string; options: string }>(
    'select voter, option_ids as options from poll_vote where poll_event_id = $1 order by at',
    [pgText(poll)],
  )
  return rows.map((row) => ({ voter: row.voter, optionIds: JSON.parse(row.options) as string[] }))
}
