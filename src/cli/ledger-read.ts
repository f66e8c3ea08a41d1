import { formatDuration } from '../config/units.ts'
import type { Database } from '../store/db.ts'
import type { Delivery } from '../store/delivery.ts'
import { depth, listDeliveries, showDelivery } from '../store/ledger-view.ts'
import type { LedgerLine } from '../store/ledger-view.ts'
import { UsageError } from './command.ts'
import type { Input, Io } from './command.ts'
import { filterOf, idsOf } from './ledger-filter.ts'
import { columns, cut, table } from './table.ts'

const HEAD = ['ID', 'STATE', 'DIRECTION', 'KIND', 'CHAT', 'SENDER', 'AGE', 'TRIES', 'REASON']

/** Prints deliveries, newest first. */
export async function list(db: Database, input: Input, io: Io): Promise<number> {
  const filter = filterOf(input)
  const lines = await listDeliveries(db, filter)
  const bodies = input.on('body') ? await bodiesOf(db, lines) : undefined
  if (input.on('json')) {
    for (const line of lines) {
      const body = bodies?.get(line.id)
      io.out(JSON.stringify({ ...line, ...(body !== undefined && { body: readable(body) }) }))
    }
    return 0
  }
  if (lines.length === 0) io.out('No deliveries match.')
  else
    for (const row of table(
      HEAD,
      lines.map((line) => rowOf(line, new Date())),
    ))
      io.out(row)
  if (bodies !== undefined) for (const line of lines) io.out(`${line.id}: ${bodyText(bodies.get(line.id))}`)
  if (lines.length === filter.limit) io.out(`The newest ${filter.limit}; --limit shows more.`)
  io.out(await summary(db))
  return 0
}

/** Prints everything about one delivery. */
export async function show(db: Database, words: string[], input: Input, io: Io): Promise<number> {
  const [id, more] = idsOf(words)
  if (id === undefined || more !== undefined) throw new UsageError('show needs the id of one delivery')
  const row = await showDelivery(db, id)
  if (row === undefined) {
    io.err(`There is no delivery ${id}: it never was, or it is past its retention.`)
    return 1
  }
  const { body, progress, ...rest } = row
  const shown: Record<string, unknown> = { ...rest, bodyBytes: body.length }
  if (input.on('body')) {
    shown['body'] = readable(body)
    if (progress !== null) shown['progress'] = readable(progress)
  }
  if (input.on('json')) {
    io.out(JSON.stringify(shown))
    return 0
  }
  const cells = Object.entries(shown)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => [key, textOf(value)])
  for (const line of columns(cells)) io.out(line)
  return 0
}

function rowOf(line: LedgerLine, now: Date): string[] {
  const waits = line.waitsFor === null ? '' : `waits for ${line.waitsFor}: `
  return [
    String(line.id),
    line.state,
    line.direction,
    line.kind,
    cut(line.chatId, 32),
    cut(line.sender, 32),
    formatDuration(now.getTime() - line.createdAt.getTime()),
    String(line.attempts),
    cut(waits + [line.errorCode, line.errorText].filter((text) => text !== null).join(': '), 80),
  ]
}

async function summary(db: Database): Promise<string> {
  const depths = await depth(db)
  const waiting = depths.reduce((sum, { count }) => sum + count, 0)
  if (waiting === 0) return 'Nothing waits.'
  const oldest = Math.min(...depths.map((one) => one.oldest.getTime()))
  return `${waiting} wait in all, the oldest for ${formatDuration(Date.now() - oldest)}.`
}

async function bodiesOf(db: Database, lines: LedgerLine[]): Promise<Map<number, Buffer>> {
  const rows = await db.query<{ id: number; body: Buffer }>(
    'select id, body from delivery where id = any($1::bigint[])',
    [lines.map((line) => line.id)],
  )
  return new Map(rows.map(({ id, body }) => [id, body]))
}

/** What a row holds, as JSON where it is; bodies past their retention are empty. */
function readable(bytes: Delivery['body']): unknown {
  const text = bytes.toString('utf8')
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function bodyText(bytes: Buffer | undefined): string {
  const value = bytes === undefined ? undefined : readable(bytes)
  return value === undefined ? '(cleared)' : JSON.stringify(value)
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'string' ? value : JSON.stringify(value)
}
