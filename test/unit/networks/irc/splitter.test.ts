import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stripFormat } from '../../../../src/networks/irc/format-codes.ts'
import { cutBytes, payloadLimit, splitLines, splitText } from '../../../../src/networks/irc/splitter.ts'
import { wellFormedText, runs } from './runs.ts'

const a = (n: number) => 'a'.repeat(n)

describe('splitText', () => {
  const cases: [string, string, string[]][] = [
    ['a short line', 'hello', ['hello']],
    ['lines', 'one\ntwo', ['one', 'two']],
    ['empty lines between', 'one\n\ntwo', ['one', ' ', 'two']],
    ['empty lines around', '\n\none\n\x02\x02\n', ['one']],
    ['nothing', '', []],
    ['only codes', '\x02\x0304\x0f', []],
    ['a space', ' ', [' ']],
    ['words', `${a(30)} ${a(30)}`, [`${a(30)} `, a(30)]],
    ['one long word', a(100), [a(48), a(48), a(4)]],
    ['umlauts', 'ä'.repeat(30), ['ä'.repeat(24), 'ä'.repeat(6)]],
    ['a family at the edge', `${a(40)}👨‍👩‍👧`, [a(40), '👨‍👩‍👧']],
    ['an endless grapheme', `e${'\u0301'.repeat(40)}`, [`e${'\u0301'.repeat(23)}`, '\u0301'.repeat(17)]],
    ['open bold', `\x02${a(50)}\x02 x`, [`\x02${a(47)}`, `\x02${a(3)}\x02 x`]],
    [
      'open colour before a digit',
      `\x034${a(30)} ${'5'.repeat(20)}`,
      [`\x034${a(30)} `, `\x0304${'5'.repeat(20)}`],
    ],
    ['open colour before a comma', `\x034${a(45)} ,5`, [`\x034${a(45)} `, '\x0304\x02\x02,5']],
    [
      'both colours and more',
      `\x02\x1d\x0304,05${a(41)}z`,
      [`\x02\x1d\x0304,05${a(40)}`, '\x02\x1d\x0304,05az'],
    ],
    [
      'hexadecimal colours',
      `\x04FF0000,00ff00${a(50)}`,
      [`\x04FF0000,00ff00${a(34)}`, `\x04ff0000,00ff00${a(16)}`],
    ],
    ['codes at the edge', `${a(47)}\x02${a(5)}`, [a(47), `\x02${a(5)}`]],
    ['no format over an LF', '\x02bold\nplain', ['\x02bold', 'plain']],
  ]
  it.each(cases)('splits %s', (_, text, lines) => {
    expect(splitText(text, 48)).toEqual(lines)
  })

  const piece = fc.oneof(
    wellFormedText(30).map((s) => s.replaceAll('\r', '')),
    fc.constantFrom(
      ' ',
      '  ',
      '\n',
      '\n\n',
      ',5',
      '7',
      'é',
      '👨‍👩‍👧',
      '\x02',
      '\x1d',
      '\x0f',
      '\x16',
      '\x03',
      '\x034',
      '\x0304,12',
      '\x04ff0000',
    ),
    fc.string({ unit: fc.constantFrom('a', 'b', '5', ','), maxLength: 80 }),
  )
  const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))

  it('loses nothing but formats, and every line fits', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 48, max: 120 }), (text, limit) => {
        const lines = splitLines(text, limit)
        for (const line of lines) {
          expect(Buffer.byteLength(line.text)).toBeLessThanOrEqual(limit)
          expect(line.text).not.toBe('')
          expect(line.text).not.toMatch(/[\r\n]/)
        }
        const joined = lines
          .map((line, n) => (n === 0 || line.concat ? '' : '\n') + stripFormat(line.text))
          .join('')
        const wanted = text.split('\n').map(stripFormat)
        while (wanted.at(0) === '') wanted.shift()
        while (wanted.at(-1) === '') wanted.pop()
        expect(joined).toBe(wanted.map((line) => line || ' ').join('\n'))
      }),
      runs,
    )
  })
})

describe('payloadLimit', () => {
  const o = {
    nick: 'nick',
    user: '~user',
    host: 'host.example',
    command: 'PRIVMSG',
    target: '#channel',
    lineLen: 512,
  }

  it('leaves room for the line as it is relayed', () => {
    const limit = payloadLimit(o)
    const line = `:nick!~user@host.example PRIVMSG #channel :${a(limit)}\r\n`
    expect(line.length).toBe(502)
  })

  it('assumes a long prefix when it is unknown', () => {
    const { user: _, host: __, ...rest } = o
    expect(payloadLimit(o) - payloadLimit(rest)).toBe(11 - 5 + (63 - 12))
  })

  it('counts framing, and never becomes useless', () => {
    expect(payloadLimit(o) - payloadLimit({ ...o, extra: 9 })).toBe(9)
    expect(payloadLimit({ ...o, lineLen: 20 })).toBe(48)
  })
})

it.each([
  ['hello', 10, 'hello'],
  ['hello', 3, 'hel'],
  ['añb', 2, 'a'],
  ['a\x0304b', 3, 'a'],
  ['👨‍👩‍👧', 10, ''],
  ['x', 0, ''],
])('cuts %j to %i bytes', (text, limit, kept) => {
  expect(cutBytes(text, limit)).toBe(kept)
})
