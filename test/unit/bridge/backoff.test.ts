import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from '../../../src/bridge/backoff.ts'

const OPTIONS = { baseMs: 500, capMs: 60_000 }

test.each([
  [1, 500],
  [2, 1_000],
  [3, 2_000],
  [7, 32_000],
  [8, 60_000],
  [100, 60_000],
  [1e9, 60_000],
])('after %i failures the pause is between half of %i ms and all of it', (failures, full) => {
  expect(backoffMs(failures, OPTIONS, () => 0)).toBe(full / 2)
  expect(backoffMs(failures, OPTIONS, () => 1)).toBe(full)
})

test('without a failure the pause is the shortest', () => {
  expect(backoffMs(0, OPTIONS, () => 0)).toBe(250)
})

test('whatever the numbers, the pause is whole, positive and within the cap', () => {
  const positive = fc.integer({ min: 1, max: 1e7 })
  fc.assert(
    fc.property(
      fc.nat(),
      positive,
      positive,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, baseMs, capMs, r) => {
        const pauseMs = backoffMs(n, { baseMs, capMs }, () => r)
        expect(Number.isInteger(pauseMs)).toBe(true)
        expect(pauseMs).toBeGreaterThan(0)
        expect(pauseMs).toBeLessThanOrEqual(capMs)
      },
    ),
  )
})

test('many lanes that failed together do not come back together', () => {
  const pauses = new Set(Array.from({ length: 100 }, () => backoffMs(8, OPTIONS)))
  expect(pauses.size).toBeGreaterThan(50)
})
