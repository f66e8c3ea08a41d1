import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DeliveryState } from '../../../src/model/delivery.ts'
import { changeStates, insertDeliveries, peekLane, purgeDeliveries } from '../../../src/store/delivery.ts'
import { depth, discard, listDeliveries, requeue } from '../../../src/store/ledger-view.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'
import { newRow, portalOf, queue, rowOf } from '../../support/rows.ts'

let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
})

afterEach(() => database.drop())

const AT = new Date('2026-02-03T04:05:06Z')

const setState = async (sourceId: string, state: DeliveryState) => {
  const { id } = await rowOf(database.db, sourceId)
  await changeStates(database.db, [{ id, state }], AT)
  return id
}

test('the same source, part and kind is queued once, and only what is new names its lane', async () => {
  const { db } = database
  const [town, hall] = [await portalOf(db, '#town'), await portalOf(db, '#hall')]
  expect(await insertDeliveries(db, [newRow(town, '$a')])).toEqual([{ direction: 'to_remote', portal: town }])
  expect(await insertDeliveries(db, [newRow(town, '$a', { body: 'another body' })])).toEqual([])
  const others = [
    newRow(town, '$a', { part: 1 }),
    newRow(town, '$a', { kind: 'edit' }),
    newRow(town, '$a', { direction: 'to_matrix' }),
    newRow(hall, '$a'),
    newRow(town, '$b'),
  ]
  expect(await insertDeliveries(db, [newRow(town, '$a'), ...others])).toHaveLength(others.length)
  expect(await insertDeliveries(db, [newRow(hall, '$twice'), newRow(hall, '$twice')])).toHaveLength(1)
  expect((await rowOf(db, '$twice')).body.toString()).toBe('{"text":"$twice"}')
})

test('rows come back in the order in which they were given, also from one statement of thousands', async () => {
  const { db } = database
  const portal = await portalOf(db, '#town')
  await queue(db, portal, 3_000)
  const rows = await peekLane(db, { direction: 'to_remote', portal }, 10_000)
  expect(rows.map((row) => row.sourceId)).toEqual(Array.from({ length: 3_000 }, (_, i) => `$e${i}`))
})

test('any text is kept: NUL, lone surrogates and emoji', async () => {
  const { db } = database
  const portal = await portalOf(db, '#town')
  const body = { text: 'a\u0000b \uD800 👍🏽' }
  await insertDeliveries(db, [newRow(portal, '$nul\u0000', { sender: 's\u0000', body })])
  const [row] = await peekLane(db, { direction: 'to_remote', portal }, 1)
  expect(JSON.parse(row?.body.toString() ?? '')).toEqual(body)
  expect(row).toMatchObject({ sourceId: '$nul\uFFFD', sender: 's\uFFFD' })
})

test('a lane shows its own unfinished rows and no others', async () => {
  const { db } = database
  const [town, hall] = [await portalOf(db, '#town'), await portalOf(db, '#hall')]
  await queue(db, town, 7)
  await queue(db, hall, 1)
  await insertDeliveries(db, [newRow(town, '$back', { direction: 'to_matrix' })])
  await setState('$e1', 'sending')
  await setState('$e2', 'parked')
  for (const [i, state] of (['delivered', 'rejected', 'unknown', 'expired'] as const).entries())
    await setState(`$e${i + 3}`, state)
  const lane = { direction: 'to_remote' as const, portal: town }
  expect((await peekLane(db, lane, 10)).map((row) => row.sourceId)).toEqual(['$e0', '$e1', '$e2'])
  expect((await peekLane(db, lane, 2)).map((row) => row.sourceId)).toEqual(['$e0', '$e1'])
})

test('outcomes of many rows are written together, each with its own', async () => {
  const { db } = database
  const portal = await portalOf(db, '#town')
  await queue(db, portal, 4)
  const [a, b, c, d] = await peekLane(db, { direction: 'to_remote', portal }, 4)
  if (!a || !b || !c || !d) throw new Error('four rows were queued')
  const notBefore = new Date('2026-02-03T05:00:00Z')
  await changeStates(
    db,
    [
      { id: a.id, state: 'delivered', targetId: 'remote-1', clearBody: true },
      { id: b.id, state: 'rejected', errorCode: 'network_refused', errorText: 'banned\u0000', told: true },
      { id: c.id, state: 'queued', errorCode: 'network_down', notBefore, countAttempt: true },
      { id: d.id, state: 'parked', waitsFor: 'login' },
    ],
    AT,
  )
  expect(await rowOf(db, '$e0')).toMatchObject({
    state: 'delivered',
    targetId: 'remote-1',
    finishedAt: AT,
    body: Buffer.alloc(0),
  })
  expect(await rowOf(db, '$e1')).toMatchObject({
    state: 'rejected',
    errorCode: 'network_refused',
    errorText: 'banned\uFFFD',
    told: true,
    finishedAt: AT,
  })
  expect(await rowOf(db, '$e2')).toMatchObject({
    state: 'queued',
    attempts: 1,
    notBefore,
    finishedAt: null,
    told: false,
  })
  expect(await rowOf(db, '$e3')).toMatchObject({
    state: 'parked',
    waitsFor: 'login',
    attempts: 0,
    finishedAt: null,
  })
})

test('a later outcome keeps what is still true and forgets what is not', async () => {
  const { db } = database
  const portal = await portalOf(db, '#town')
  await queue(db, portal, 1)
  const { id } = await rowOf(db, '$e0')
  await changeStates(db, [{ id, state: 'parked', waitsFor: 'login', errorCode: 'x', errorText: 'y' }], AT)
  await changeStates(db, [{ id, state: 'delivered', targetId: 'remote', told: true }], AT)
  await changeStates(db, [{ id, state: 'rejected', errorCode: 'late' }], AT)
  expect(await rowOf(db, '$e0')).toMatchObject({
    waitsFor: null,
    targetId: 'remote',
    told: true,
    errorCode: 'late',
    errorText: null,
  })
})

test('only what failed, and still has its words, is queued again', async () => {
  const { db } = database
  const portal = await portalOf(db, '#town')
  await queue(db, portal, 6)
  const ids = []
  for (const [i, state] of (['queued', 'delivered', 'rejected', 'unknown', 'expired'] as const).entries())
    ids.push(await setState(`$e${i}`, state))
  const gone = (await rowOf(db, '$e5')).id
  await changeStates(db, [{ id: gone, state: 'rejected', clearBody: true }], AT)
  const lanes = await requeue(db, [...ids, gone])
  expect(lanes).toHaveLength(3)
  const states = await Promise.all([0, 1, 2, 3, 4, 5].map(async (i) => (await rowOf(db, `$e${i}`)).state))
  expect(states).toEqual(['queued', 'delivered', 'queued', 'queued', 'queued', 'rejected'])
  const again = await rowOf(db, '$e3')
  expect(again).toMatchObject({ progress: null, finishedAt: null, errorCode: null, notBefore: null })
})

test('a row that is queued again gets its whole time anew and keeps that its sender was told', async () => {
  const { db } = database
  const portal = await portalOf(db, '#town')
  await queue(db, portal, 1)
  const { id } = await rowOf(db, '$e0')
  await db.query(`update delivery set created_at = now() - interval '3 days' where id = $1`, [id])
  const old = await rowOf(db, '$e0')
  await changeStates(db, [{ id, state: 'expired', told: true }], AT)
  await requeue(db, [id])
  const again = await rowOf(db, '$e0')
  expect(again.told).toBe(true)
  expect(again.createdAt.getTime()).toBeGreaterThan(old.createdAt.getTime())
})

test('what is unfinished can be discarded, what has ended can not', async () => {
  const { db } = database
  const portal = await portalOf(db, '#town')
  await queue(db, portal, 4)
  const ids = [(await rowOf(db, '$e0')).id]
  ids.push(
    await setState('$e1', 'sending'),
    await setState('$e2', 'parked'),
    await setState('$e3', 'delivered'),
  )
  expect(await discard(db, ids, 'by an admin')).toHaveLength(3)
  for (const name of ['$e0', '$e1', '$e2'])
    expect(await rowOf(db, name)).toMatchObject({
      state: 'rejected',
      errorCode: 'discarded',
      errorText: 'by an admin',
    })
  expect((await rowOf(db, '$e3')).state).toBe('delivered')
  expect(await peekLane(db, { direction: 'to_remote', portal }, 9)).toEqual([])
})

test('the ledger can be listed by state, direction, room and sender, newest first', async () => {
  const { db } = database
  const town = await portalOf(db, '#town', '!town:sim.local')
  const hall = await portalOf(db, '#hall', '!hall:sim.local')
  await insertDeliveries(db, [
    newRow(town, '$a'),
    newRow(town, '$b', { sender: '@bob:sim.local' }),
    newRow(hall, '$c'),
    newRow(hall, 'in-1', { direction: 'to_matrix', sender: 'fake/carol' }),
  ])
  await setState('$a', 'unknown')
  const ids = async (filter: Omit<Parameters<typeof listDeliveries>[1], 'limit'>, limit = 9) =>
    (await listDeliveries(db, { ...filter, limit })).map((line) => line.sourceId)
  expect(await ids({})).toEqual(['in-1', '$c', '$b', '$a'])
  expect(await ids({}, 2)).toEqual(['in-1', '$c'])
  expect(await ids({ states: ['unknown', 'rejected'] })).toEqual(['$a'])
  expect(await ids({ direction: 'to_matrix' })).toEqual(['in-1'])
  expect(await ids({ room: '!town:sim.local' })).toEqual(['$b', '$a'])
  expect(await ids({ sender: '@alice:sim.local', room: '!hall:sim.local' })).toEqual(['$c'])
})

test('what waits is counted by network, direction and state, with the age of the oldest', async () => {
  const { db } = database
  const portal = await portalOf(db, '#town')
  await queue(db, portal, 4)
  await setState('$e1', 'parked')
  await setState('$e3', 'delivered')
  await db.query(`update delivery set created_at = '2026-01-01' where source_id = '$e2'`)
  const found = await depth(db)
  expect(found).toHaveLength(2)
  expect(found).toContainEqual({
    network: 'irc',
    direction: 'to_remote',
    state: 'queued',
    count: 2,
    oldest: (await rowOf(db, '$e2')).createdAt,
  })
  expect(found.find((line) => line.state === 'parked')?.count).toBe(1)
})

test('the purge forgets words first and rows later, and nothing that is unfinished or may be sent again', async () => {
  const { db } = database
  const portal = await portalOf(db, '#town')
  await queue(db, portal, 5)
  const ended = async (i: number, state: DeliveryState, finishedAt: string) => {
    const { id } = await rowOf(db, `$e${i}`)
    await changeStates(db, [{ id, state }], new Date(finishedAt))
  }
  await ended(0, 'delivered', '2026-01-01')
  await ended(1, 'delivered', '2026-03-01')
  await ended(2, 'delivered', '2026-05-01')
  await ended(3, 'unknown', '2026-03-01')
  await purgeDeliveries(db, new Date('2026-04-01'), new Date('2026-02-01'))
  await expect(rowOf(db, '$e0')).rejects.toThrow('no delivery')
  expect((await rowOf(db, '$e1')).body).toHaveLength(0)
  for (const i of [2, 3, 4]) expect((await rowOf(db, `$e${i}`)).body.length).toBeGreaterThan(0)
})
