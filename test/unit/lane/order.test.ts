import { expect, test } from 'vitest'
import { ManualClock, settled } from '../../support/manual-clock.ts'
import { FakeLedger, end, gate, wait } from './ledger.ts'

test('rows are tried one after the other, in their order, over several windows', async () => {
  const ledger = new FakeLedger(new ManualClock(), { windowRows: 3 })
  const ids = ledger.add(10)
  let inside = 0
  let most = 0
  ledger.answer = async (row) => {
    inside += 1
    most = Math.max(most, inside)
    await settled()
    inside -= 1
    return end(row)
  }
  await ledger.lane().run()
  expect(ledger.tried).toEqual(ids)
  expect(ledger.ended).toEqual(ids)
  expect(most).toBe(1)
})

test('a head that has to wait holds everything behind it', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  const [head = 0, ...others] = ledger.add(3)
  let broken = true
  ledger.answer = (row) => (broken && row.id === head ? wait() : end(row))
  const run = ledger.lane().run()
  await clock.advance(10_000)
  expect(new Set(ledger.tried)).toEqual(new Set([head]))
  expect(ledger.tried.length).toBeGreaterThan(1)
  expect(others.map((id) => ledger.stateOf(id))).toEqual(['queued', 'queued'])
  broken = false
  await clock.advance(120_000)
  await run
  expect(ledger.ended).toEqual([head, ...others])
})

test.each(['rejected', 'unknown', 'expired'] as const)(
  'a head that ends as %s lets the next go',
  async (state) => {
    const ledger = new FakeLedger(new ManualClock())
    const [head, next] = ledger.add(2)
    ledger.answer = (row) => end(row, row.id === head ? state : 'delivered')
    await ledger.lane().run()
    expect(ledger.changes.map(({ id, state: now }) => [id, now])).toEqual([
      [head, state],
      [next, 'delivered'],
    ])
  },
)

test('a row is told what comes behind it, within its window', async () => {
  const ledger = new FakeLedger(new ManualClock(), { windowRows: 2 })
  const [first, second, third] = ledger.add(3)
  await ledger.lane().run()
  expect(ledger.attempts.map(({ id, attempt }) => [id, attempt.next?.id])).toEqual([
    [first, second],
    [second, undefined],
    [third, undefined],
  ])
})

test('rows that were there at the start are called inherited, later ones are not', async () => {
  const ledger = new FakeLedger(new ManualClock())
  const [, second = 0] = ledger.add(3)
  ledger.inheritedUpTo = second
  await ledger.lane().run()
  expect(ledger.attempts.map(({ attempt }) => attempt.inherited)).toEqual([true, true, false])
})

test('no more than a window is ever asked for, however much is waiting', async () => {
  const ledger = new FakeLedger(new ManualClock(), { windowRows: 20 })
  ledger.add(501)
  await ledger.lane().run()
  expect(ledger.ended).toHaveLength(501)
  expect(Math.max(...ledger.peeks.map((peek) => peek.given))).toBe(20)
  expect(new Set(ledger.peeks.map((peek) => peek.limit))).toEqual(new Set([20]))
  expect(ledger.peeks).toHaveLength(26)
})

test('a flood in one lane does not keep another waiting, even with a single slot', async () => {
  const ledger = new FakeLedger(new ManualClock(), { slots: 1, windowRows: 5 })
  ledger.add(1_000, 1)
  const [quiet = 0] = ledger.add(1, 2)
  const flood = ledger.lane(1).run()
  const other = ledger.lane(2).run()
  await Promise.all([flood, other])
  expect(ledger.tried.indexOf(quiet)).toBeLessThanOrEqual(5)
  expect(ledger.tried).toHaveLength(1_001)
})

test('a lane that waits gives its slot away', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock, { slots: 1 })
  const [blocked = 0] = ledger.add(1, 1)
  const [free = 0] = ledger.add(1, 2)
  ledger.answer = (row) => (row.id === blocked ? wait() : end(row))
  const lane = ledger.lane(1)
  void lane.run()
  await settled()
  await ledger.lane(2).run()
  expect(ledger.ended).toEqual([free])
  await lane.stop()
})

test('a wake that comes while the last window ends is not lost', async () => {
  const ledger = new FakeLedger(new ManualClock(), { windowRows: 3 })
  const [first = 0] = ledger.add(1)
  const { open, passed } = gate()
  ledger.answer = async (row) => {
    if (row.id === first) await passed
    return end(row)
  }
  const lane = ledger.lane()
  const run = lane.run()
  await settled()
  // The window was read before this row was there.
  const [late = 0] = ledger.add(1)
  void lane.run()
  open()
  await run
  expect(ledger.ended).toEqual([first, late])
  expect(lane.active).toBe(false)
})

test('a wake at each turn of a drain that ends finds every row', async () => {
  for (let turns = 0; turns < 12; turns += 1) {
    const ledger = new FakeLedger(new ManualClock(), { windowRows: 3 })
    ledger.add(1)
    const lane = ledger.lane()
    const run = lane.run()
    for (let i = 0; i < turns; i += 1) await Promise.resolve()
    ledger.add(1)
    await Promise.all([run, lane.run()])
    expect(ledger.ended, `woken after ${turns} turns`).toEqual([1, 2])
  }
})

test('a lane that has ended can be run again', async () => {
  const ledger = new FakeLedger(new ManualClock())
  const lane = ledger.lane()
  ledger.add(1)
  await lane.run()
  expect(lane.active).toBe(false)
  ledger.add(1)
  await lane.run()
  expect(ledger.ended).toEqual([1, 2])
})
