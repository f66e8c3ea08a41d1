import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  nextIdent,
  nextNick,
  plainName,
  renderIdent,
  renderNick,
  renderRealname,
} from '../../../../src/networks/irc/names.ts'
import type { Who } from '../../../../src/networks/irc/names.ts'
import { anyText, runs } from './runs.ts'

const who = (display: string | undefined, localpart = 'bob', server = 'x.org'): Who => ({
  ...(display === undefined ? {} : { display }),
  localpart,
  server,
  userId: `@${localpart}:${server}`,
})

describe('renderNick', () => {
  const cases: [string, Who, number, string][] = [
    ['{display}', who('Alice'), 30, 'Alice'],
    ['{display}', who('Alice Smith-Jones'), 30, 'Alice_Smith-Jones'],
    ['{display}', who('Zoë Ångström'), 30, 'Zoe_Angstrom'],
    ['{display}', who('ｆｕｌｌ'), 30, 'full'],
    ['{display}', who('  🎉 Party! 🎉 '), 30, 'Party'],
    ['{display}', who('Al\x02ice\x0304'), 30, 'Alice'],
    ['{display}', who('alice_'), 30, 'alice_'],
    ['{display}', who(undefined), 30, 'bob'],
    ['{display}', who('山田'), 30, 'bob'],
    ['{display}', who('山田', '==', 'x'), 30, 'm869a9d'],
    ['{display}', who('1st'), 30, '_1st'],
    ['{display}', who('-x'), 30, '_-x'],
    ['{display}[m]', who('Alice'), 30, 'Alice[m]'],
    ['{display}[m]', who('Alexandra'), 9, 'Alexan[m]'],
    ['{display}[m]', who('Alexandra'), 3, 'A[m'],
    ['m-{localpart}', who(undefined), 30, 'm-bob'],
    ['{userid}', who(undefined), 30, 'bob_x_org'],
    ['{LocalPart}@{server}', who(undefined), 30, 'bobx_org'],
    ['{nothing}', who(undefined), 30, '{nothing}'],
  ]
  it.each(cases)('%s of %j within %i is %s', (template, user, nickLen, nick) => {
    expect(renderNick(template, user, { nickLen })).toBe(nick)
  })

  it('always gives a legal nick', () => {
    const name = anyText()
    fc.assert(
      fc.property(
        name,
        name,
        fc.constantFrom('{display}', '{display}[m]', '{localpart}|x', '{userid}'),
        fc.integer({ min: 4, max: 30 }),
        (display, local, template, nickLen) => {
          const nick = renderNick(template, who(display, local), { nickLen })
          expect(nick).toMatch(/^[A-Za-z[\]\\`_^{|}][A-Za-z0-9[\]\\`_^{|}-]*$/)
          expect(nick.length).toBeLessThanOrEqual(nickLen)
          expect(renderNick(template, who(display, local), { nickLen })).toBe(nick)
        },
      ),
      runs,
    )
  })
})

describe('nextNick', () => {
  it('tries an underscore, then digits', () => {
    expect([0, 1, 2, 3, 10].map((n) => nextNick('alice', n, 30))).toEqual([
      'alice',
      'alice_',
      'alice_2',
      'alice_3',
      'alice_10',
    ])
    expect([0, 1, 2, 10].map((n) => nextNick('alexandra1', n, 9))).toEqual([
      'alexandra',
      'alexandr_',
      'alexand_2',
      'alexan_10',
    ])
  })

  it('never tries the same twice', () => {
    const wanted = fc.oneof(
      fc.stringMatching(/^[a-z_]{1,12}$/),
      fc.constantFrom('abcdefgh_', 'abcdefg_2', 'abcdefg_9', 'abcdef_10'),
    )
    fc.assert(
      fc.property(wanted, fc.integer({ min: 6, max: 12 }), (wanted, nickLen) => {
        const tried = Array.from({ length: 60 }, (_, n) => nextNick(wanted, n, nickLen))
        expect(new Set(tried).size).toBe(60)
        for (const nick of tried) expect(nick.length).toBeLessThanOrEqual(nickLen)
      }),
      runs,
    )
  })
})

describe('renderIdent', () => {
  it.each([
    ['{localpart}', who(undefined), 10, 'bob'],
    ['{localpart}', who(undefined, 'alexandra.smith'), 10, 'alexandra'],
    ['{localpart}', who(undefined, '_X.y'), 10, 'x_y'],
    ['{display}', who('山', '='), 10, 'me31007'],
  ])('%s of %j within %i is %s', (template, user, userLen, ident) => {
    expect(renderIdent(template, user, { userLen })).toBe(ident)
    expect(ident.length + 1).toBeLessThanOrEqual(userLen)
  })

  it('finds others', () => {
    expect([0, 1, 12].map((n) => nextIdent('alexandra', n, 10))).toEqual([
      'alexandra',
      'alexandr1',
      'alexand12',
    ])
  })
})

it.each([
  ['{userid}', 50, '@bob:x.org'],
  ['{display} ({userid})', 50, 'A B (@bob:x.org)'],
  ['{display}', 2, 'A'],
  ['', 50, 'm55a149'],
])('real name %s within %i is %s', (template, nameLen, name) => {
  expect(renderRealname(template, who('A \n\x02B'), { nameLen })).toBe(name)
})

it('makes a word of a display name', () => {
  expect(plainName(' A\x0304 \n  äB', 4)).toBe('A ä')
})
