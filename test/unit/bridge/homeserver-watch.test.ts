import { afterEach, beforeEach, expect, test } from 'vitest'
import { Continuity } from '../../../src/bridge/continuity.ts'
import { HomeserverWatch } from '../../../src/bridge/homeserver-watch.ts'
import type { MatrixSide, PingResult } from '../../../src/matrix/index.ts'
import type { Database } from '../../../src/store/db.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { testLog, testSettings } from '../../support/settings.ts'

let clock: ManualClock
let watch: HomeserverWatch
let up: boolean
let scans: number

beforeEach(() => {
  clock = new ManualClock()
  up = true
  scans = 0
  const ping = (): Promise<PingResult> => {
    return Promise.resolve(up ? { ok: true, ms: 1 } : { ok: false, ms: 1, why: 'no route to the bridge' })
  }
  const matrix = {
    ping,
    state: () => Promise.resolve({ kind: 'delivered' }),
  } as unknown as MatrixSide
  // Only the control room is read.
  const db = {
    query: () => Promise.resolve([{ value: Buffer.from('!control:sim.local') }]),
  } as unknown as Database
  watch = new HomeserverWatch({
    db,
    matrix,
    settings: testSettings(),
    continuity: new Continuity({
      db,
      matrix,
      puppets: { isOurs: () => false },
      clock,
      log: testLog,
      onFound: () => {},
    }),
    clock,
    log: testLog,
    scanGaps: () => Promise.resolve((scans += 1) > 0),
    databaseBack: () => {},
    pinged: () => {},
    nudged: () => {},
  })
})
afterEach(() => watch.stop())

test('a first ping that fails is followed by one that counts within a second', async () => {
  up = false
  watch.start()
  await clock.advance(0)
  expect(watch.health).toMatchObject({ ok: false, why: 'no route to the bridge' })
  up = true
  await clock.advance(1_000)
  expect(watch.health).toEqual({ ok: true, checkedAt: expect.any(Date) })
  expect(scans).toBe(1)
})

test('a homeserver that was away is looked at for what it kept to itself', async () => {
  watch.start()
  await clock.advance(100_000)
  const before = scans
  up = false
  await clock.advance(300_000)
  expect(watch.health.ok).toBe(false)
  expect(scans).toBe(before)
  up = true
  await clock.advance(30_000)
  expect(watch.health.ok).toBe(true)
  await clock.advance(1_000)
  expect(scans).toBeGreaterThan(before)
})
