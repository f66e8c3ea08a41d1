import { describe, expect, it } from 'vitest'
import { Isupport } from '../../../../src/networks/irc/isupport.ts'
import {
  applyModes,
  applyRanks,
  isSecret,
  levelOf,
  levelToMode,
  parseModes,
  roomPower,
} from '../../../../src/networks/irc/modes.ts'
import { parseNames } from '../../../../src/networks/irc/names-list.ts'

const isupport = new Isupport()
isupport.apply(['PREFIX=(qaohv)~&@%+', 'CHANMODES=beI,k,lf,imnpst'])

describe('parseModes', () => {
  const cases: [string, string[]][] = [
    ['+o alice', ['+o:prefix alice']],
    ['+ov-h alice bob eve', ['+o:prefix alice', '+v:prefix bob', '-h:prefix eve']],
    ['+mk-l+b key *!*@x', ['+m:D', '+k:B key', '-l:C', '+b:A *!*@x']],
    ['-k *', ['-k:B *']],
    ['-k', ['-k:B']],
    ['+l 5', ['+l:C 5']],
    ['nt', ['+n:D', '+t:D']],
    ['+b', []],
    ['+o', []],
    ['+Z-Z x', ['+Z:D', '-Z:D']],
    ['', []],
  ]
  it.each(cases)('reads %j', (line, expected) => {
    const changes = parseModes(line.split(' '), isupport)
    expect(
      changes.map(
        (c) => `${c.add ? '+' : '-'}${c.mode}:${c.type}${c.param === undefined ? '' : ` ${c.param}`}`,
      ),
    ).toEqual(expected)
  })

  it('takes no parameters at all', () => {
    expect(parseModes([], isupport)).toEqual([])
  })
})

it('keeps settings, and takes them back', () => {
  const settings = new Map<string, string>()
  const apply = (line: string) => applyModes(settings, parseModes(line.split(' '), isupport))
  expect(roomPower(settings)).toEqual({ speak: 0, topic: 0, invite: 0, joinable: true })
  apply('+mitsklo-b key 5 alice *!*@*')
  expect(Object.fromEntries(settings)).toEqual({ m: '', i: '', t: '', s: '', k: 'key', l: '5' })
  expect(roomPower(settings)).toEqual({ speak: 1, topic: 50, invite: 50, joinable: false })
  expect(isSecret(settings)).toBe(true)
  apply('-mits')
  expect(roomPower(settings)).toEqual({ speak: 0, topic: 0, invite: 0, joinable: false })
  expect(isSecret(settings)).toBe(false)
  apply('-kl key')
  expect(roomPower(settings).joinable).toBe(true)
})

it('keeps ranks', () => {
  const changes = parseModes(['+vo-h+v', 'alice', 'alice', 'alice', 'bob'], isupport)
  expect(applyRanks('h', changes, (nick) => nick === 'alice', isupport)).toBe('ov')
})

describe('levels', () => {
  it.each([
    ['', 0],
    ['v', 1],
    ['h', 50],
    ['o', 75],
    ['vo', 75],
    ['a', 90],
    ['qov', 100],
    ['Y', 0],
  ])('%j has %i', (modes, level) => {
    expect(levelOf(modes)).toBe(level)
  })

  it.each([
    [100, 'q', 'o'],
    [95, 'a', 'o'],
    [75, 'o', 'o'],
    [60, 'h', 'v'],
    [1, 'v', 'v'],
    [0, undefined, undefined],
    [-5, undefined, undefined],
  ])('%i is enough for %s, and without such ranks for %s', (level, mode, plain) => {
    expect(levelToMode(level, isupport)).toBe(mode)
    expect(levelToMode(level, new Isupport())).toBe(plain)
  })

  it('can be set', () => {
    expect(levelOf('o', { o: 100 })).toBe(100)
    expect(levelToMode(50, isupport, { o: 50, v: 10 })).toBe('o')
  })
})

it.each([
  ['alice @bob +eve ', ['alice', 'bob:o', 'eve:v']],
  ['~&@%+alice', ['alice:qaohv']],
  ['@+alice!~u@host bob!u@h', ['alice:ov!~u@host', 'bob!u@h']],
  ['@ !x@y', []],
  ['', []],
])('reads names %j', (text, expected) => {
  const shown = parseNames(text, isupport).map(
    (e) => e.nick + (e.modes && `:${e.modes}`) + (e.user === undefined ? '' : `!${e.user}@${e.host}`),
  )
  expect(shown).toEqual(expected)
})
