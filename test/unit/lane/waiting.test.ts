import { expect, test } from 'vitest'
import { ViaductError } from '../../../src/model/errors.ts'
import { ManualClock, settled } from '../../support/manual-clock.ts'
import { FakeLedger, end, gate, wait } from './ledger.ts'

const HOUR_MS = 3_600_000

test('the pause doubles with each failure, within its bounds, up to the cap', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  ledger.add(1)
  ledger.answer = () => wait()
  const lane = ledger.lane()
  void lane.run()
  await settled()
  for (let failures = 1; failures <= 12; failures += 1) {
    const full = Math.min(60_000, 1_000 * 2 ** (failures - 1))
    const [pauseMs = 0] = clock.waiting
    expect(ledger.tried).toHaveLength(failures)
    expect(pauseMs).toBeGreaterThanOrEqual(full / 2)
    expect(pauseMs).toBeLessThanOrEqual(full)
    await clock.advance(pauseMs)
  }
  await lane.stop()
})

test('a success begins the counting anew', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  const [first = 0, second = 0] = ledger.add(2)
  let failuresLeft = 6
  ledger.answer = (row) => {
    if (row.id === second) return wait()
    failuresLeft -= 1
    return failuresLeft < 0 ? end(row) : wait()
  }
  const lane = ledger.lane()
  void lane.run()
  while (!ledger.ended.includes(first)) await clock.advance(clock.waiting[0] ?? 0)
  expect(clock.waiting[0]).toBeLessThanOrEqual(1_000)
  await lane.stop()
})

test('what a failed attempt leaves in the ledger says why, until when, and counts', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  const [id = 0] = ledger.add(1)
  ledger.answer = () => wait('connection refused', { afterMs: 7_000 })
  const lane = ledger.lane()
  void lane.run()
  await settled()
  expect(ledger.changes).toEqual([
    {
      id,
      state: 'queued',
      errorCode: 'network_down',
      errorText: 'connection refused',
      notBefore: new Date(clock.now().getTime() + 7_000),
      countAttempt: true,
    },
  ])
  expect(ledger.retried).toEqual([{ id, code: 'network_down' }])
  expect(clock.waiting).toEqual([7_000])
  await lane.stop()
})

test('an attempt knows how often the row has failed', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  ledger.add(1)
  ledger.answer = (row, attempt) => (attempt.failures < 3 ? wait() : end(row))
  const run = ledger.lane().run()
  await clock.advance(HOUR_MS)
  await run
  expect(ledger.attempts.map(({ attempt }) => attempt.failures)).toEqual([0, 1, 2, 3])
})

test('a parked head is shown as parked, is no failed attempt, and goes on when it is nudged', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  const [id = 0] = ledger.add(1)
  let loggedIn = false
  ledger.answer = (row) => (loggedIn ? end(row) : wait('not connected', { waitsFor: 'login' }))
  const lane = ledger.lane()
  const run = lane.run()
  await settled()
  expect(ledger.changes).toMatchObject([{ id, state: 'parked', waitsFor: 'login', countAttempt: false }])
  loggedIn = true
  lane.nudge()
  await run
  expect(ledger.tried).toEqual([id, id])
  expect(clock.now()).toEqual(new ManualClock().now())
})

test('a parked head that nobody wakes looks again by itself', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  ledger.add(1)
  let ready = false
  ledger.answer = (row) => (ready ? end(row) : wait('no target', { waitsFor: 'target' }))
  const run = ledger.lane().run()
  await settled()
  ready = true
  await clock.advance(30_000)
  await run
  expect(ledger.ended).toHaveLength(1)
})

test('a nudge during the attempt that parks the head ends the wait after it', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  const [id = 0] = ledger.add(1)
  const { open, passed } = gate()
  let first = true
  ledger.answer = async (row) => {
    if (!first) return end(row)
    first = false
    await passed
    return wait('not connected', { waitsFor: 'login' })
  }
  const lane = ledger.lane()
  const run = lane.run()
  await settled()
  // The login comes back while the attempt still believes that it is away.
  lane.nudge()
  open()
  await run
  expect(ledger.tried).toEqual([id, id])
  expect(clock.now()).toEqual(new ManualClock().now())
})

test('a nudge for a lane that is not waiting does no harm', async () => {
  const ledger = new FakeLedger(new ManualClock())
  ledger.add(1)
  const { open, passed } = gate()
  ledger.answer = async (row) => {
    await passed
    return end(row)
  }
  const lane = ledger.lane()
  lane.nudge()
  const run = lane.run()
  await settled()
  lane.nudge()
  open()
  await run
  expect(ledger.tried).toHaveLength(1)
})

test('a row that is too old when it fails once more is expired, with the reason, and the next goes', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  ledger.maxAgeMs = HOUR_MS
  const [old = 0] = ledger.add(1)
  let up = false
  ledger.answer = (row) => (up || row.id !== old ? end(row) : wait('no route to host'))
  const run = ledger.lane().run()
  await clock.advance(HOUR_MS - 1)
  expect(ledger.stateOf(old)).toBe('queued')
  const [young = 0] = ledger.add(1)
  await clock.advance(120_000)
  await run
  up = true
  expect(ledger.changes.filter((change) => change.state === 'expired')).toEqual([
    { id: old, state: 'expired', errorCode: 'too_old', errorText: 'no route to host' },
  ])
  expect(ledger.ended).toEqual([old, young])
})

test('a row that is old but goes through is delivered, not expired', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  ledger.maxAgeMs = HOUR_MS
  const [id = 0] = ledger.add(1)
  await clock.advance(2 * HOUR_MS)
  await ledger.lane().run()
  expect(ledger.stateOf(id)).toBe('delivered')
})

test.each([
  ['a fault of the program', new Error('cannot read properties'), 'internal'],
  ['a fault with a code', new ViaductError('database_down'), 'database_down'],
])('%s in an attempt costs a retry, never the row', async (_, fault, code) => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  const [id = 0] = ledger.add(1)
  let first = true
  ledger.answer = (row) => {
    if (!first) return end(row)
    first = false
    throw fault
  }
  const run = ledger.lane().run()
  await clock.advance(1_000)
  await run
  expect(ledger.retried).toEqual([{ id, code }])
  expect(ledger.stateOf(id)).toBe('delivered')
})

test('a store that cannot be read pauses the lane, and nothing is decided', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  const [id = 0] = ledger.add(1)
  ledger.peekFaults.push(new Error('the database is down'), new Error('the database is down'))
  const run = ledger.lane().run()
  await settled()
  expect(ledger.tried).toEqual([])
  expect(ledger.changes).toEqual([])
  expect(clock.waiting).toHaveLength(1)
  await clock.advance(60_000)
  await run
  expect(ledger.ended).toEqual([id])
})

test('an outcome that cannot be written is written later, and not asked for again', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  const [first = 0, second = 0] = ledger.add(2)
  ledger.settleFaults.push(new Error('the disk is full'))
  const run = ledger.lane().run()
  await settled()
  expect(ledger.tried).toEqual([first])
  expect(ledger.ended).toEqual([])
  await clock.advance(60_000)
  await run
  expect(ledger.tried).toEqual([first, second])
  expect(ledger.ended).toEqual([first, second])
})
