import { afterEach, beforeEach, expect, test } from 'vitest'
import { Inbox, routedUpdate } from '../../../src/store/inbox.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'

let database: FreshDatabase
let inbox: Inbox

beforeEach(async () => {
  database = await freshDatabase()
  inbox = new Inbox(database.db)
})

afterEach(() => database.drop())

const bytes = (text: string) => Buffer.from(text)

test('a transaction that comes again is stored once, and says so', async () => {
  expect(await inbox.store('1', bytes('{"events":[]}'))).toBe(true)
  expect(await inbox.store('1', bytes('{"events":[]}'))).toBe(false)
  expect(await inbox.unrouted(10)).toHaveLength(1)
})

test('the same id with other bytes is another transaction: ids restart with a new homeserver', async () => {
  expect(await inbox.store('1', bytes('{"events":[1]}'))).toBe(true)
  expect(await inbox.store('1', bytes('{"events":[2]}'))).toBe(true)
  expect(await inbox.store('2', bytes('{"events":[1]}'))).toBe(true)
  expect((await inbox.unrouted(10)).map((row) => row.raw.toString())).toEqual([
    '{"events":[1]}',
    '{"events":[2]}',
    '{"events":[1]}',
  ])
})

test('the same transaction twice in one commit is stored once', async () => {
  const results = await Promise.all([
    inbox.store('other', bytes('{}')),
    inbox.store('1', bytes('{"a":1}')),
    inbox.store('1', bytes('{"a":1}')),
  ])
  expect(results).toContain(true)
  expect(await inbox.unrouted(10)).toHaveLength(2)
})

test('bytes are kept as they came, whatever they are', async () => {
  const raw = Buffer.from(Array.from({ length: 512 }, (_, i) => i % 256))
  await inbox.store('txn\u0000id', raw)
  const [row] = await inbox.unrouted(1)
  expect(row?.raw.equals(raw)).toBe(true)
  expect(await inbox.store('txn\u0000id', raw)).toBe(false)
})

test('transactions are routed in the order in which they came, and counted until then', async () => {
  await Promise.all(Array.from({ length: 250 }, (_, i) => inbox.store(`t${i}`, bytes(`{"n":${i}}`))))
  const first = await inbox.unrouted(100)
  expect(first.map((row) => row.txnId)).toEqual(Array.from({ length: 100 }, (_, i) => `t${i}`))
  expect(await inbox.lag()).toEqual({ waiting: 250, oldest: first[0]?.receivedAt })
  await database.db.once([
    routedUpdate(
      first.map((row) => row.id),
      new Date(),
    ),
  ])
  expect((await inbox.unrouted(1))[0]?.txnId).toBe('t100')
  expect((await inbox.lag()).waiting).toBe(150)
})

test('the purge clears bytes first, forgets rows later, and touches nothing that is not routed', async () => {
  for (const name of ['old', 'middle', 'new', 'waiting']) await inbox.store(name, bytes(`"${name}"`))
  const rows = await inbox.unrouted(4)
  for (const [i, at] of ['2026-01-01', '2026-03-01', '2026-05-01'].entries())
    await database.db.once([routedUpdate([rows[i]?.id ?? 0], new Date(at))])
  await inbox.purge(new Date('2026-04-01'), new Date('2026-02-01'))
  const left = await database.db.query<{ name: string; bytes: number }>(
    'select txn_id as name, length(raw) as bytes from inbox order by id',
  )
  expect(left).toEqual([
    { name: 'middle', bytes: 0 },
    { name: 'new', bytes: 5 },
    { name: 'waiting', bytes: 9 },
  ])
})
