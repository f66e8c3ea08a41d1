import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeLine, formatLine, lineBytes, parseLine } from '../../../../src/networks/irc/wire.ts'
import type { OutgoingLine } from '../../../../src/networks/irc/wire.ts'
import { anyText, runs } from './runs.ts'

describe('parseLine', () => {
  const cases: [string, ReturnType<typeof parseLine> extends infer M ? Partial<NonNullable<M>> : never][] = [
    ['PING :abc def\r\n', { command: 'PING', params: ['abc def'] }],
    ['privmsg #c :', { command: 'PRIVMSG', params: ['#c', ''] }],
    ['PRIVMSG #c ::)', { params: ['#c', ':)'] }],
    [':srv.example 001 me :Welcome', { command: '001', source: { nick: 'srv.example', raw: 'srv.example' } }],
    [
      ':nick!~u@host/x PRIVMSG  #c   hi ',
      { source: { nick: 'nick', user: '~u', host: 'host/x', raw: 'nick!~u@host/x' }, params: ['#c', 'hi'] },
    ],
    [':nick@host QUIT', { source: { nick: 'nick', host: 'host', raw: 'nick@host' }, params: [] }],
    [
      '@time=2020;msgid=a\\sb\\:c\\\\d\\r\\n\\q\\;+x/y;k= :n PRIVMSG a b',
      { tags: { time: '2020', msgid: 'a b;c\\d\r\nq', '+x/y': '', k: '' } },
    ],
    ['@a=1;a=2 PING', { tags: { a: '2' } }],
    ['@__proto__=1 PING', { command: 'PING' }],
    ['BATCH :-1', { command: 'BATCH', params: ['-1'] }],
    ['  PING x', { command: 'PING', params: ['x'] }],
  ]
  it.each(cases)('reads %j', (line, expected) => {
    expect(parseLine(line)).toMatchObject(expected)
  })

  it.each(['', '\r\n', '   ', ':only.source', '@tags', '@a :b', '12 x', 'PRIV-MSG x', ':', '@', '\0'])(
    'refuses %j',
    (line) => {
      expect(parseLine(line)).toBeUndefined()
    },
  )

  it('never throws', () => {
    fc.assert(
      fc.property(anyText(), fc.constantFrom('', '@', ':', '@a ', ':a ', '@;=;\\ :!@ '), (tail, head) => {
        parseLine(head + tail)
      }),
      runs,
    )
  })
})

describe('formatLine', () => {
  const cases: [OutgoingLine, string][] = [
    [{ command: 'PRIVMSG', params: ['#c', 'hi'] }, 'PRIVMSG #c :hi'],
    [{ command: 'privmsg', params: ['#c', ''] }, 'PRIVMSG #c :'],
    [{ command: 'PRIVMSG', params: ['#c', ':)'] }, 'PRIVMSG #c ::)'],
    [{ command: 'JOIN', params: ['#c'] }, 'JOIN #c'],
    [{ command: 'PART', params: ['#c'] }, 'PART #c'],
    [{ command: 'PART', params: ['#c', 'bye'] }, 'PART #c :bye'],
    [{ command: 'KICK', params: ['#c', 'bob', 'out'] }, 'KICK #c bob :out'],
    [{ command: 'USER', params: ['u', '0', '*', 'name'] }, 'USER u 0 * :name'],
    [{ command: 'PASS', params: ['two words'] }, 'PASS :two words'],
    [{ command: 'PING', params: ['t'], trailing: true }, 'PING :t'],
    [
      { command: 'TAGMSG', params: ['#c'], tags: { '+typing': 'active', flag: true } },
      '@+typing=active;flag TAGMSG #c',
    ],
    [
      { command: 'PRIVMSG', params: ['#c', 'x'], tags: { '+draft/reply': 'a; \\b\r\n' } },
      '@+draft/reply=a\\:\\s\\\\b\\r\\n PRIVMSG #c :x',
    ],
  ]
  it.each(cases)('writes %j', (message, line) => {
    expect(formatLine(message)).toBe(line)
  })

  const refused: OutgoingLine[] = [
    { command: 'PRIVMSG', params: ['#c', 'a\nQUIT'] },
    { command: 'PRIVMSG', params: ['#c', 'a\rQUIT'] },
    { command: 'PRIVMSG', params: ['#c', 'a\0'] },
    { command: 'PRIVMSG', params: ['#c d', 'a'] },
    { command: 'PRIVMSG', params: ['', 'a'] },
    { command: 'PRIVMSG', params: [':x', 'a'] },
    { command: 'JOIN', params: ['#c x'], trailing: false },
    { command: 'JOIN #c', params: [] },
    { command: '', params: [] },
    { command: 'PING', params: [], tags: { 'a b': '1' } },
    { command: 'PING', params: [], tags: { 'a=b': '1' } },
    { command: 'PING', params: [], tags: { a: '\0' } },
    { command: 'PING', params: [], tags: { a: 'ä'.repeat(2047) } },
  ]
  it.each(refused)('refuses %j', (message) => {
    expect(() => formatLine(message)).toThrow(/IRC line refused/)
  })

  it('takes tag data up to the limit', () => {
    expect(formatLine({ command: 'PING', params: [], tags: { a: 'x'.repeat(4092) } })).toHaveLength(
      1 + 4094 + 1 + 4,
    )
  })

  it('gives one line that reads back as what was written, or throws', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', ' ', ':', ';', '\r', '\n', '\0', '\\', '=', '@', 'é', '\ud800', '\x01'),
    })
    const message = fc.record({
      command: fc.constantFrom('PRIVMSG', 'JOIN', 'KICK', 'X\r\nQUIT', 'QUIT'),
      params: fc.array(word, { maxLength: 4 }),
      tags: fc.dictionary(fc.oneof(fc.constantFrom('label', '+draft/reply'), word), word),
    })
    fc.assert(
      fc.property(message, (m) => {
        let line: string
        try {
          line = formatLine(m)
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_request' })
          return
        }
        expect(line).not.toMatch(/[\0\r\n]/)
        const read = parseLine(line)
        expect(read?.command).toBe(m.command)
        expect(read?.params).toEqual(m.params.map((p) => p.toWellFormed()))
        expect({ ...read?.tags }).toEqual(
          Object.fromEntries(Object.entries(m.tags).map(([k, v]) => [k, v.toWellFormed()])),
        )
      }),
      runs,
    )
  })

  it('counts a line without its tags', () => {
    expect(lineBytes('@a=b PRIVMSG #c :é')).toBe(Buffer.byteLength('PRIVMSG #c :é\r\n'))
    expect(lineBytes('PING x')).toBe(8)
  })
})

describe('decodeLine', () => {
  it.each([
    [Buffer.from('grüße €'), 'grüße €'],
    [Buffer.from([0x67, 0xfc, 0x80, 0x93]), 'gü€“'],
    [Buffer.from([0xef, 0xbb, 0xbf, 0x61]), '\ufeffa'],
    [Buffer.from([0xed, 0xa0, 0x80]), 'í\u00a0€'],
  ])('decodes %j', (bytes, text) => {
    expect(decodeLine(bytes)).toBe(text)
  })
})
