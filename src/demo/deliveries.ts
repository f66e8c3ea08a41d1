import type { DeliveryState, Direction } from '../model/delivery.ts'
import type { Database } from '../store/db.ts'
import type { Chip } from './item.ts'

/** A row of the ledger as the page needs it. */
export type DeliveryRow = {
  id: number
  direction: Direction
  sourceId: string
  kind: string
  sender: string
  state: DeliveryState
  attempts: number
  errorText: string | null
  waitsFor: string | null
  createdAt: Date
  finishedAt: Date | null
  chatId: string
  /** The words of what came without an id of its own; other rows are found by id. */
  words: string | null
}

const MOST_ROWS = 1_500

/** The newest rows, oldest first. */
export async function readRows(db: Database): Promise<DeliveryRow[]> {
  const rows = await db.query<Omit<DeliveryRow, 'words'> & { body: Buffer | null }>(
    `select d.id, d.direction, d.source_id as "sourceId", d.kind, d.sender, d.state, d.attempts,
       d.error_text as "errorText", d.waits_for as "waitsFor", d.created_at as "createdAt",
       d.finished_at as "finishedAt", p.chat_id as "chatId",
       case when d.direction = 'to_matrix' and d.kind = 'message' and d.source_id like ':%' then d.body end as body
     from delivery d join portal p on p.id = d.portal_id order by d.id desc limit $1`,
    [MOST_ROWS],
  )
  return rows
    .toReversed()
    .map(({ body, ...row }) => ({ ...row, words: body === null ? null : wordsOf(body) }))
}

function wordsOf(body: Buffer): string | null {
  if (body.length === 0) return null
  const event = JSON.parse(body.toString('utf8')) as { content?: { body?: unknown } }
  return typeof event.content?.body === 'string' ? event.content.body : null
}

export type LedgerStatus = {
  inFlight: number
  /** Milliseconds that the oldest has waited; absent when nothing waits. */
  oldestMs?: number
  delivered: number
  failed: number
}

export async function readStatus(db: Database): Promise<LedgerStatus> {
  const [row] = await db.query<{ inFlight: number; oldest: Date | null; delivered: number; failed: number }>(
    `select count(*) filter (where state in ('queued', 'sending', 'parked'))::int as "inFlight",
       min(created_at) filter (where state in ('queued', 'sending', 'parked')) as oldest,
       count(*) filter (where state = 'delivered')::int as delivered,
       count(*) filter (where state in ('rejected', 'unknown', 'expired'))::int as failed
     from delivery`,
  )
  if (row === undefined) throw new Error('a count gave no row')
  const { oldest, ...counts } = row
  return { ...counts, ...(oldest && { oldestMs: Math.max(0, Date.now() - oldest.getTime()) }) }
}

/** What a later change of a message is called on its chip. */
const CHANGES: Readonly<Record<string, string>> = {
  edit: 'edit',
  reaction: 'reaction',
  'reaction-removal': 'reaction',
  'poll-vote': 'vote',
  'poll-end': 'end of poll',
}

/** Looks up what became of things on either side. */
export class DeliveryIndex {
  readonly #ofEvents = new Map<string, DeliveryRow[]>()
  readonly #ofRemote = new Map<string, DeliveryRow[]>()
  readonly #changes = new Map<string, DeliveryRow[]>()
  readonly #unnamed = new Map<string, DeliveryRow[]>()

  constructor(rows: readonly DeliveryRow[]) {
    for (const row of rows) {
      if (row.direction === 'to_remote') add(this.#ofEvents, row.sourceId, row)
      else this.#addRemote(row)
    }
  }

  /** Of a Matrix event on its way to a network; empty before the bridge has taken it in. */
  ofEvent(event: string, what: string): Chip[] {
    return (this.#ofEvents.get(event) ?? []).map((row) => chipOf(row, what))
  }

  /** Of a message that has an id on the network. */
  ofRemote(chat: string, id: string): Chip[] {
    return (this.#ofRemote.get(`${chat} ${id}`) ?? []).map((row) => chipOf(row, 'message'))
  }

  /** Of the latest change of each kind that people on the network made to a message. */
  changesOf(chat: string, id: string): Chip[] {
    const latest = new Map<string, Chip>()
    for (const row of this.#changes.get(`${chat} ${id}`) ?? []) {
      const what = CHANGES[row.kind]
      if (what !== undefined) latest.set(what, chipOf(row, what))
    }
    return [...latest.values()]
  }

  /** Takes the next row of a chat and sender with these words: lines without an id are told apart by their order. */
  takeUnnamed(chat: string, sender: string, words: string): Chip[] {
    const rows = this.#unnamed.get(`${chat} ${sender}`) ?? []
    const at = rows.findIndex((row) => row.words === words)
    const row = rows[at]
    if (row === undefined) return []
    rows.splice(0, at + 1)
    return [chipOf(row, 'message')]
  }

  /** What was done to a message has an id that begins with the message's, or on WhatsApp one of its own. */
  #addRemote(row: DeliveryRow): void {
    const { chatId, sourceId, sender, words } = row
    if (Object.hasOwn(CHANGES, row.kind)) {
      // An id of WhatsApp's has two parts: the author's, and the author's own.
      const [first = '', second] = sourceId.split('/')
      add(this.#changes, `${chatId} ${first}`, row)
      if (second !== undefined) add(this.#changes, `${chatId} ${first}/${second}`, row)
    } else add(this.#ofRemote, `${chatId} ${sourceId}`, row)
    if (words !== null) add(this.#unnamed, `${chatId} ${sender}`, row)
  }
}

function add(to: Map<string, DeliveryRow[]>, key: string, row: DeliveryRow): void {
  const rows = to.get(key)
  if (rows === undefined) to.set(key, [row])
  else rows.push(row)
}

function chipOf(row: DeliveryRow, what: string): Chip {
  const why = row.errorText ?? (row.waitsFor === null ? undefined : `waits for the ${row.waitsFor}`)
  return {
    what,
    state: row.state,
    row: row.id,
    attempts: row.attempts,
    ...(why !== undefined && { why }),
    ...(row.finishedAt && { tookMs: Math.max(0, row.finishedAt.getTime() - row.createdAt.getTime()) }),
  }
}
