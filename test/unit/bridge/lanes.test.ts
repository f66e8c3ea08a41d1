import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Direction } from '../../../src/model/delivery.ts'
import type { PortalId } from '../../../src/model/ids.ts'
import { DEFAULT_LANES, Lanes } from '../../../src/bridge/lanes.ts'
import type { LanesOptions } from '../../../src/bridge/lanes.ts'
import type { Attempt, Deliverer, Verdict } from '../../../src/bridge/lane.ts'
import { Settler } from '../../../src/bridge/settlement.ts'
import type { Tx } from '../../../src/store/db.ts'
import { insertDeliveries } from '../../../src/store/delivery.ts'
import type { Delivery } from '../../../src/store/delivery.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { newRow, portalOf, queue, rowOf } from '../../support/rows.ts'
import { testLog } from '../../support/settings.ts'
import { end, wait } from '../lane/ledger.ts'

let database: FreshDatabase
let clock: ManualClock
let lanes: Lanes
let tried: { direction: Direction; portal: PortalId; source: string; inherited: boolean }[]
let answer: (row: Delivery, attempt: Attempt) => Verdict | Promise<Verdict>

beforeEach(async () => {
  database = await freshDatabase()
  clock = new ManualClock()
  tried = []
  answer = (row) => end(row)
  lanes = makeLanes()
})

afterEach(async () => {
  await lanes.stop()
  await database.drop()
})

function makeLanes(options: Partial<LanesOptions> = {}): Lanes {
  const { db } = database
  const deliverer: Deliverer = {
    maxAgeMs: Number.POSITIVE_INFINITY,
    async attempt(row, attempt) {
      const { direction, portal, sourceId: source } = row
      tried.push({ direction, portal, source, inherited: attempt.inherited })
      return answer(row, attempt)
    },
    expire: (row) => Promise.resolve({ change: { id: row.id, state: 'expired' } }),
  }
  return new Lanes(
    {
      db,
      clock,
      log: testLog,
      settler: new Settler(db, clock, (direction, portal) => lanes.wake(direction, portal)),
      events: { ended: () => {}, retried: () => {} },
    },
    { to_remote: deliverer, to_matrix: deliverer },
    { ...DEFAULT_LANES, ...options },
  )
}

const unfinished = async (): Promise<number> => {
  const [row] = await database.db.query<{ n: number }>(
    `select count(*)::int as n from delivery where state in ('queued', 'sending', 'parked')`,
  )
  return row?.n ?? -1
}

const idle = () => vi.waitFor(() => expect(lanes.count).toBe(0), { timeout: 30_000 })

const sourcesOf = (portal: PortalId) => tried.filter((t) => t.portal === portal).map((t) => t.source)

test('a start takes up whatever the ledger holds, in both directions, each lane in its order', async () => {
  const { db } = database
  const [town, hall] = [await portalOf(db, '#town'), await portalOf(db, '#hall')]
  await queue(db, town, 45)
  await queue(db, hall, 3)
  await insertDeliveries(db, [newRow(town, 'in-1', { direction: 'to_matrix' })])
  await lanes.start()
  await idle()
  expect(await unfinished()).toBe(0)
  expect(sourcesOf(hall)).toEqual(['$e0', '$e1', '$e2'])
  const toRemote = tried.filter((t) => t.portal === town && t.direction === 'to_remote')
  expect(toRemote.map((t) => t.source)).toEqual(Array.from({ length: 45 }, (_, i) => `$e${i}`))
  expect(tried).toHaveLength(49)
})

test('what was there before the start is inherited, what comes after is not', async () => {
  const portal = await portalOf(database.db, '#town')
  await queue(database.db, portal, 1, '$old')
  await lanes.start()
  await queue(database.db, portal, 1, '$new')
  lanes.wake('to_remote', portal)
  await idle()
  expect(tried.map((t) => [t.source, t.inherited])).toEqual([
    ['$old0', true],
    ['$new0', false],
  ])
})

test('a delivery that follows from another is taken up without anybody asking', async () => {
  const portal = await portalOf(database.db, '#town')
  answer = (row) =>
    row.direction === 'to_matrix'
      ? end(row)
      : {
          kind: 'end',
          settlement: {
            change: { id: row.id, state: 'rejected' },
            deliveries: [newRow(portal, `why:${row.id}`, { direction: 'to_matrix', kind: 'status' })],
          },
        }
  await queue(database.db, portal, 3)
  await lanes.start()
  await vi.waitFor(async () => expect(await unfinished()).toBe(0))
  expect(tried.filter((t) => t.direction === 'to_matrix')).toHaveLength(3)
})

test('rows that come while lanes drain and end are all delivered, once and in order', async () => {
  const { db } = database
  const portals = [await portalOf(db, '#a'), await portalOf(db, '#b'), await portalOf(db, '#c')]
  await lanes.start()
  for (let i = 0; i < 60; i += 1) {
    for (const portal of portals) {
      await insertDeliveries(db, [newRow(portal, `$e${i}`)])
      lanes.wake('to_remote', portal)
    }
  }
  await idle()
  expect(await unfinished()).toBe(0)
  for (const portal of portals)
    expect(sourcesOf(portal)).toEqual(Array.from({ length: 60 }, (_, i) => `$e${i}`))
})

test('one blocked portal with thousands of rows at the head keeps nobody waiting and nothing in memory', async () => {
  const { db } = database
  const blocked = await portalOf(db, '#blocked')
  await queue(db, blocked, 5_000)
  const others: PortalId[] = []
  for (let i = 0; i < 30; i += 1) others.push(await portalOf(db, `#channel-${i}`))
  for (const portal of others) await queue(db, portal, 5)
  answer = (row) => (row.portal === blocked ? wait('the network is down') : end(row))
  lanes = makeLanes({ active: 4 })
  await lanes.start()
  await vi.waitFor(async () => expect(await unfinished()).toBe(5_000), { timeout: 30_000 })
  expect(new Set(sourcesOf(blocked))).toEqual(new Set(['$e0']))
  for (const portal of others) expect(sourcesOf(portal)).toHaveLength(5)
  await vi.waitFor(() => expect(lanes.count).toBe(1))
  expect(lanes.busy('to_remote', blocked)).toBe(true)
  expect(lanes.busy('to_matrix', blocked)).toBe(false)
})

test('a lane that nobody woke is found by the slow look', async () => {
  const portal = await portalOf(database.db, '#town')
  await lanes.start()
  await queue(database.db, portal, 2)
  expect(tried).toEqual([])
  await clock.advance(30_000)
  await vi.waitFor(async () => expect(await unfinished()).toBe(0))
  // It goes on: each look sets the time of the next.
  await queue(database.db, portal, 2, '$later')
  await vi.waitFor(() => expect(clock.waiting).toEqual([30_000]))
  await clock.advance(30_000)
  await vi.waitFor(async () => expect(await unfinished()).toBe(0))
})

test('a nudge ends the waits that it means and no others', async () => {
  const { db } = database
  const [town, hall] = [await portalOf(db, '#town'), await portalOf(db, '#hall')]
  for (const portal of [town, hall]) {
    await queue(db, portal, 1)
    await insertDeliveries(db, [newRow(portal, 'in', { direction: 'to_matrix' })])
  }
  answer = () => wait('not connected', { waitsFor: 'login' })
  const counts = () => [
    tried.filter((t) => t.direction === 'to_remote' && t.portal === town).length,
    tried.filter((t) => t.direction === 'to_remote' && t.portal === hall).length,
    tried.filter((t) => t.direction === 'to_matrix').length,
  ]
  // A head is asleep when its parking is written and its timer is set, beside the timer of the slow look.
  const asleep = () => vi.waitFor(() => expect(clock.waiting).toHaveLength(5))
  await lanes.start()
  await asleep()
  expect(counts()).toEqual([1, 1, 2])
  lanes.nudge('to_remote', [town])
  await vi.waitFor(() => expect(counts()).toEqual([2, 1, 2]))
  await asleep()
  lanes.nudge('to_remote')
  await vi.waitFor(() => expect(counts()).toEqual([3, 2, 2]))
})

test('a stop leaves the rest in the ledger, and another start takes it up where it was', async () => {
  const portal = await portalOf(database.db, '#town')
  await queue(database.db, portal, 100)
  let reached = () => {}
  const third = new Promise<void>((resolve) => {
    reached = resolve
  })
  answer = (row) => {
    if (row.sourceId === '$e3') reached()
    return end(row)
  }
  await lanes.start()
  await third
  await lanes.stop()
  const left = await unfinished()
  expect(left).toBeGreaterThan(0)
  expect(left).toBe(100 - tried.length)
  lanes.wake('to_remote', portal)
  expect(lanes.count).toBe(0)
  lanes = makeLanes()
  await lanes.start()
  await idle()
  expect(sourcesOf(portal)).toEqual(Array.from({ length: 100 }, (_, i) => `$e${i}`))
})

test('an ending that the database did not take is written when it is back, and the rest follows', async () => {
  const { db } = database
  const portal = await portalOf(db, '#town')
  await queue(db, portal, 5)
  let outages = 3
  answer = (row) => {
    if (row.sourceId !== '$e2') return end(row)
    // What a crash of the server does to the connection that writes this outcome.
    const apply = async (tx: Tx) => {
      outages -= 1
      if (outages >= 0) await tx.query('select pg_terminate_backend(pg_backend_pid())')
    }
    return { kind: 'end', settlement: { change: { id: row.id, state: 'delivered' }, apply } }
  }
  await lanes.start()
  await vi.waitFor(() => expect(outages).toBe(2))
  expect((await rowOf(db, '$e2')).state).toBe('queued')
  await vi.waitFor(
    async () => {
      await clock.advance(60_000)
      expect(await unfinished()).toBe(0)
    },
    { timeout: 30_000 },
  )
  await idle()
  expect(outages).toBe(-1)
  // The outcome was known by then: nothing is attempted twice.
  expect(sourcesOf(portal)).toEqual(['$e0', '$e1', '$e2', '$e3', '$e4'])
})
