import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aliasLocalpart,
  escapeLocalpart,
  ghostUserId,
  portalAlias,
  unescapeLocalpart,
} from '../../../src/matrix/localpart.ts'

const LEGAL = /^[a-z0-9._=\-/+]*$/
const ids = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string())

describe('escape', () => {
  test.each([
    ['bob', 'bob'],
    ['Bob', '=42ob'],
    ['libera/nick[m]', 'libera/nick=5bm=5d'],
    ['a=b', 'a=3db'],
    ['é', '=c3=a9'],
    ['+49.1-2_3', '+49.1-2_3'],
    ['#chan', '=23chan'],
    ['', ''],
  ])('%j', (id, escaped) => {
    expect(escapeLocalpart(id)).toBe(escaped)
    expect(unescapeLocalpart(escaped)).toBe(id)
  })

  test.each([['A'], ['=5B'], ['=5'], ['='], ['=.0123'], ['=62ob'], ['=c3'], ['é']])(
    '%j was never written',
    (localpart) => {
      expect(unescapeLocalpart(localpart)).toBeUndefined()
    },
  )

  test('is legal and comes back', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const escaped = escapeLocalpart(id)
        expect(escaped).toMatch(LEGAL)
        if (id.isWellFormed()) expect(unescapeLocalpart(escaped)).toBe(id)
      }),
      { numRuns: 2_000 },
    )
  })

  test('different ids stay different', () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        fc.pre(a !== b)
        expect(escapeLocalpart(a)).not.toBe(escapeLocalpart(b))
      }),
      { numRuns: 2_000 },
    )
    expect(escapeLocalpart('\uD800')).not.toBe(escapeLocalpart('\uD801'))
    expect(escapeLocalpart('\uD800')).not.toBe(escapeLocalpart('\uFFFD'))
  })
})

describe('ghosts', () => {
  test('an escaped localpart is taken as it is', () => {
    expect(ghostUserId('_', 'irc', 'libera_nick=5bm=5d', 'example.org')).toBe(
      '@_irc_libera_nick=5bm=5d:example.org',
    )
  })

  test('one that is not escaped is made legal and stays apart from the escaped one', () => {
    const id = ghostUserId('_', 'irc', 'a[', 'example.org')
    expect(id).toMatch(/^@_irc_a=5b=\.[0-9a-f]{32}:example\.org$/)
    expect(id).not.toBe(ghostUserId('_', 'irc', 'a=5b', 'example.org'))
    expect(ghostUserId('_', 'irc', '', 'example.org')).toMatch(/^@_irc_=\./)
  })

  test('ids are at most 255 bytes and stay different', () => {
    const long = 'x'.repeat(400)
    const seen = new Set(
      ['a', 'b', 'c'].map((end) => ghostUserId('_', 'telegram', long + end, 'example.org')),
    )
    expect(seen.size).toBe(3)
    for (const id of seen) expect(Buffer.byteLength(id)).toBe(255)
  })

  test('the longest that fits is not shortened', () => {
    const most = 255 - '@_irc_:example.org'.length
    expect(ghostUserId('_', 'irc', 'x'.repeat(most), 'example.org')).toBe(
      `@_irc_${'x'.repeat(most)}:example.org`,
    )
    expect(ghostUserId('_', 'irc', 'x'.repeat(most + 1), 'example.org')).toContain('=.')
  })
})

describe('aliases', () => {
  test('of a chat', () => {
    expect(aliasLocalpart('_', 'irc', 'libera/#chan')).toBe('_irc_libera/=23chan')
    expect(aliasLocalpart('_', 'irc', '#'.repeat(300)).length).toBeLessThan(200)
  })

  test('of a portal: the same each time, different for each chat, network and receiver', () => {
    const all = [
      portalAlias('_', 'irc', 'a'),
      portalAlias('_', 'irc', 'b'),
      portalAlias('_', 'telegram', 'a'),
      portalAlias('_', 'irc', 'a', 1),
      portalAlias('_', 'irc', 'a', 11),
      portalAlias('_', 'irc', 'a1'),
    ]
    expect(new Set(all).size).toBe(all.length)
    expect(portalAlias('_', 'irc', 'a')).toBe(all[0])
    for (const alias of all) expect(alias).toMatch(/^_(irc|telegram)_=\.[0-9a-f]{32}$/)
  })
})
