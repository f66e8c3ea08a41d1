import { afterAll, beforeAll, expect, test } from 'vitest'
import { DIRECTIONS } from '../../../src/model/delivery.ts'
import type { PortalId } from '../../../src/model/ids.ts'
import type { Queryable, Row } from '../../../src/store/db.ts'
import { lanesWithWork, peekLane } from '../../../src/store/delivery.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'
import { portalOf } from '../../support/rows.ts'

type Plan = {
  'Node Type': string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: Plan[]
}

const BLOCKED_ROWS = 50_000
const PORTALS = 200

let database: FreshDatabase
let blocked: PortalId
const portals: PortalId[] = []

/** One portal that holds the 50,000 oldest rows, and others with three each behind them. */
beforeAll(async () => {
  database = await freshDatabase()
  const { db } = database
  blocked = await portalOf(db, '#blocked')
  await queueMany(blocked, BLOCKED_ROWS)
  for (let i = 0; i < PORTALS; i += 1) portals.push(await portalOf(db, `#channel-${i}`))
  for (const portal of portals) await queueMany(portal, 3)
  await db.query(
    `insert into delivery (direction, portal_id, source_id, kind, sender, body, at, state, finished_at)
     select 'to_remote', $1, '$old' || n, 'message', '@a:b', '', now(), 'delivered', now()
     from generate_series(1, 20000) n`,
    [portals[0]],
  )
})

afterAll(() => database.drop())

const queueMany = (portal: PortalId, count: number) =>
  database.db.query(
    `insert into delivery (direction, portal_id, source_id, kind, sender, body, at)
     select 'to_remote', $1, '$e' || n, 'message', '@a:b', '{}', now() from generate_series(1, $2::int) n`,
    [portal, count],
  )

test('every lane with work is found once', async () => {
  const lanes = await lanesWithWork(database.db)
  expect(lanes.map((lane) => lane.portal).sort((a, b) => a - b)).toEqual([blocked, ...portals])
})

test('both directions of a portal are lanes of their own, and an empty ledger has none', async () => {
  const fresh = await freshDatabase()
  try {
    expect(await lanesWithWork(fresh.db)).toEqual([])
    const portal = await portalOf(fresh.db, '#town')
    for (const direction of DIRECTIONS) {
      await fresh.db.query(
        `insert into delivery (direction, portal_id, source_id, kind, sender, body, at)
         values ($1, $2, 'x', 'message', '', '{}', now())`,
        [direction, portal],
      )
    }
    expect(await lanesWithWork(fresh.db)).toHaveLength(2)
    await fresh.db.query(`update delivery set state = 'delivered', finished_at = now()`)
    expect(await lanesWithWork(fresh.db)).toEqual([])
  } finally {
    await fresh.drop()
  }
})

// A server plans differently before it has statistics, and afterwards.
for (const statistics of [false, true]) {
  const when = statistics ? 'with statistics' : 'without statistics'

  test(`finding the lanes costs their number, not that of the rows, ${when}`, async () => {
    if (statistics) await database.db.query('analyze delivery')
    const plan = await planOf((db) => lanesWithWork(db))
    expect(readsOf(plan)).toBeLessThanOrEqual(2 * (PORTALS + 1))
    expect(typesOf(plan)).not.toContain('Seq Scan')
    expect(typesOf(plan)).not.toContain('Sort')
  })

  test(`a window costs its own rows, behind a blocked portal and in it, ${when}`, async () => {
    if (statistics) await database.db.query('analyze delivery')
    for (const portal of [blocked, ...portals.slice(0, 3)]) {
      const plan = await planOf((db) => peekLane(db, { direction: 'to_remote', portal }, 20))
      expect(readsOf(plan), `portal ${portal}`).toBeLessThanOrEqual(20)
      expect(typesOf(plan)).not.toContain('Seq Scan')
    }
  })
}

test('after 50,000 rows have ended, what is read is still only what is left, also by old statistics', async () => {
  const { db } = database
  await db.query('analyze delivery')
  await db.query(`update delivery set state = 'delivered', finished_at = now() where portal_id = $1`, [
    blocked,
  ])
  await db.query('vacuum delivery')
  await db.query(
    `insert into delivery (direction, portal_id, source_id, kind, sender, body, at)
     values ('to_remote', $1, '$late', 'message', '@a:b', '{}', now())`,
    [blocked],
  )
  expect(readsOf(await planOf((explain) => lanesWithWork(explain)))).toBeLessThanOrEqual(2 * (PORTALS + 1))
  const lane = { direction: 'to_remote' as const, portal: blocked }
  expect(await peekLane(db, lane, 20)).toHaveLength(1)
  expect(readsOf(await planOf((explain) => peekLane(explain, lane, 20)))).toBeLessThanOrEqual(20)
})

/** The plan that the server takes for a query, with the rows that it really read. */
async function planOf(run: (db: Queryable) => Promise<unknown>): Promise<Plan> {
  let plan: Plan | undefined
  await run({
    async query<T extends Row>(text: string, values?: unknown[]): Promise<T[]> {
      const [row] = await database.db.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `explain (analyze, timing off, format json) ${text}`,
        values,
      )
      plan = row?.['QUERY PLAN'][0].Plan
      return []
    },
  })
  if (!plan) throw new Error('nothing was explained')
  return plan
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]

const typesOf = (plan: Plan) => nodesOf(plan).map((node) => node['Node Type'])

/** Rows that were fetched from the table, also those that were then thrown away. */
function readsOf(plan: Plan): number {
  const scans = nodesOf(plan).filter((node) =>
    /^(?:Index|Seq|Bitmap Heap|Index Only) ?.*Scan$/.test(node['Node Type']),
  )
  return scans.reduce(
    (sum, node) => sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
    0,
  )
}
