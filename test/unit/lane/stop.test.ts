import { expect, test } from 'vitest'
import { ManualClock, settled } from '../../support/manual-clock.ts'
import { FakeLedger, end, gate, wait } from './ledger.ts'

test('a stop lets the present attempt end, writes its outcome, and begins no other', async () => {
  const ledger = new FakeLedger(new ManualClock())
  const [first = 0, second = 0] = ledger.add(2)
  const { open, passed } = gate()
  ledger.answer = async (row) => {
    await passed
    return end(row)
  }
  const lane = ledger.lane()
  void lane.run()
  await settled()
  let stopped = false
  const stop = lane.stop().then(() => {
    stopped = true
  })
  await settled()
  expect(stopped).toBe(false)
  expect(ledger.attempts[0]?.attempt.signal.aborted).toBe(true)
  open()
  await stop
  expect(ledger.tried).toEqual([first])
  expect(ledger.stateOf(first)).toBe('delivered')
  expect(ledger.stateOf(second)).toBe('queued')
})

test('a stop ends the wait of a head at once', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  ledger.add(1)
  ledger.answer = () => wait('down', { afterMs: 3_600_000 })
  const lane = ledger.lane()
  const run = lane.run()
  await settled()
  await lane.stop()
  await run
  expect(ledger.tried).toHaveLength(1)
  expect(clock.waiting).toEqual([])
})

test('a head that fails while the lane stops is left for the next start', async () => {
  const clock = new ManualClock()
  const ledger = new FakeLedger(clock)
  const [id = 0] = ledger.add(1)
  const { open, passed } = gate()
  ledger.answer = async () => {
    await passed
    return wait()
  }
  const lane = ledger.lane()
  void lane.run()
  await settled()
  const stop = lane.stop()
  open()
  await stop
  expect(ledger.stateOf(id)).toBe('queued')
  expect(clock.waiting).toEqual([])
})

test('a stopped lane does not begin again', async () => {
  const ledger = new FakeLedger(new ManualClock())
  const lane = ledger.lane()
  await lane.stop()
  ledger.add(1)
  await lane.run()
  expect(ledger.tried).toEqual([])
})
