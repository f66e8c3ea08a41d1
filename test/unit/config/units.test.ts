import { expect, test } from 'vitest'
import { formatDuration, parseDuration, parseSize } from '../../../src/config/units.ts'

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['1h 30m', 5_400_000],
  ['24h', 86_400_000],
  ['90d', 7_776_000_000],
  ['2w', 1_209_600_000],
  ['1.5s', 1500],
  ['0s', 0],
  ['30', undefined],
  ['', undefined],
  ['soon', undefined],
  ['-5s', undefined],
  ['5s!', undefined],
  ['99999999999999999w', undefined],
])('the duration %s is %s ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each([
  ['100MB', 100_000_000],
  ['1 GiB', 1_073_741_824],
  ['1.5kB', 1500],
  ['10b', 10],
  ['100', undefined],
  ['1TB2', undefined],
  ['-1MB', undefined],
])('the size %s is %s bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each([
  [0, '0ms'],
  [999, '999ms'],
  [61_000, '1m 1s'],
  [90_061_000, '1d 1h'],
  [86_400_000, '1d'],
])('%i ms read as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})
