import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CASEMAPS, fold, readCasemap } from '../../../../src/networks/irc/casemap.ts'
import { anyText, wellFormedText, runs } from './runs.ts'

describe('fold', () => {
  it.each([
    ['ascii', 'Ab[]\\~ÄZ', 'ab[]\\~Äz'],
    ['rfc1459', 'Ab[]\\~ÄZ', 'ab{}|^Äz'],
    ['rfc1459-strict', 'Ab[]\\~ÄZ', 'ab{}|~Äz'],
    ['rfc7613', 'Ab[]\\~A\u0308Z', 'ab[]\\~äz'],
  ] as const)('%s: %s is %s', (map, text, folded) => {
    expect(fold(text, map)).toBe(folded)
  })

  it('is idempotent', () => {
    fc.assert(
      fc.property(wellFormedText(), anyText(), fc.constantFrom(...CASEMAPS), (a, b, map) => {
        const once = fold(a + b, map)
        expect(fold(once, map)).toBe(once)
      }),
      runs,
    )
  })

  it('holds upper and lower case of ASCII equal', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]*$/), fc.constantFrom(...CASEMAPS), (text, map) => {
        expect(fold(text.toUpperCase(), map)).toBe(fold(text.toLowerCase(), map))
      }),
      runs,
    )
  })
})

it.each([
  [undefined, 'rfc1459'],
  ['ascii', 'ascii'],
  ['RFC1459', 'rfc1459'],
  ['strict-rfc1459', 'rfc1459-strict'],
  ['rfc1459-strict', 'rfc1459-strict'],
  ['rfc8265', 'rfc7613'],
  ['national', 'ascii'],
])('CASEMAPPING=%s is %s', (value, map) => {
  expect(readCasemap(value)).toBe(map)
})
