import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stripFormat, tidy } from '../../../../src/networks/irc/format-codes.ts'
import type { Style } from '../../../../src/networks/irc/format-codes.ts'
import { addRun, parseRuns, writeRuns } from '../../../../src/networks/irc/format-parse.ts'
import type { Run } from '../../../../src/networks/irc/format-parse.ts'
import { runs } from './runs.ts'

describe('parseRuns', () => {
  const cases: [string, [string, Style][]][] = [
    ['plain', [['plain', {}]]],
    ['', []],
    [
      '\x02b\x02p',
      [
        ['b', { bold: true }],
        ['p', {}],
      ],
    ],
    [
      '\x02b\x1dbi\x02i\x0fp',
      [
        ['b', { bold: true }],
        ['bi', { bold: true, italic: true }],
        ['i', { italic: true }],
        ['p', {}],
      ],
    ],
    [
      '\x1fu\x1e\x11x',
      [
        ['u', { underline: true }],
        ['x', { underline: true, strike: true, mono: true }],
      ],
    ],
    [
      '\x16r\x16p',
      [
        ['r', { reverse: true }],
        ['p', {}],
      ],
    ],
    ['\x034red\x03', [['red', { fg: 4 }]]],
    ['\x03045', [['5', { fg: 4 }]]],
    ['\x034,5x', [['x', { fg: 4, bg: 5 }]]],
    ['\x034,x', [[',x', { fg: 4 }]]],
    ['\x034,123', [['3', { fg: 4, bg: 12 }]]],
    [
      '\x0398,16x\x0399y',
      [
        ['x', { fg: 98, bg: 16 }],
        ['y', { bg: 16 }],
      ],
    ],
    ['\x03,5', [[',5', {}]]],
    [
      '\x034,5a\x033b\x03c',
      [
        ['a', { fg: 4, bg: 5 }],
        ['b', { fg: 3, bg: 5 }],
        ['c', {}],
      ],
    ],
    [
      '\x04FF00aa,00FF00x\x04y',
      [
        ['x', { fg: 'ff00aa', bg: '00ff00' }],
        ['y', {}],
      ],
    ],
    ['\x04ff00', [['ff00', {}]]],
    [
      '\x02a\nb',
      [
        ['a', { bold: true }],
        ['\nb', {}],
      ],
    ],
    ['\x02\x02\x0f', []],
  ]
  it.each(cases)('reads %j', (text, expected) => {
    expect(parseRuns(text).map((run) => [run.text, run.style])).toEqual(expected)
    expect(stripFormat(text)).toBe(expected.map(([part]) => part).join(''))
  })
})

describe('writeRuns', () => {
  const cases: [[string, Style][], string][] = [
    [
      [
        ['b', { bold: true }],
        ['p', {}],
      ],
      '\x02b\x0fp',
    ],
    [
      [
        ['b', { bold: true }],
        ['i', { italic: true }],
      ],
      '\x02b\x02\x1di\x0f',
    ],
    [[['5', { fg: 4 }]], '\x03045\x0f'],
    [[[',5', { fg: 4 }]], '\x0304\x02\x02,5\x0f'],
    [[[', 5', { fg: 4 }]], '\x0304, 5\x0f'],
    [
      [
        ['a', { fg: 4, bold: true }],
        ['5', { bold: true }],
      ],
      '\x02\x0304a\x03\x02\x025\x0f',
    ],
    [
      [
        ['a', { fg: 4, bg: 5 }],
        ['b', { fg: 4 }],
      ],
      '\x0304,05a\x03\x0304b\x0f',
    ],
    [[['a', { bg: 5 }]], '\x0399,05a\x0f'],
    [[['a', { fg: 'ff0000' }]], '\x04ff0000a\x0f'],
    [[['a', { bg: 'ff0000' }]], '\x0399,04a\x0f'],
    [[['a', { fg: 0, bg: 'ff0001' }]], '\x04ffffff,ff0001a\x0f'],
    [
      [
        ['a\nb', { bold: true }],
        ['c', {}],
      ],
      '\x02a\x0f\n\x02b\x0fc',
    ],
  ]
  it.each(cases)('writes %j', (runs, text) => {
    expect(writeRuns(runs.map(([text, style]) => ({ text, style })))).toBe(text)
  })

  it('is read back as it was written', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '5', ',', '\n', ' ', 'f'),
      minLength: 1,
      maxLength: 6,
    })
    const flag = fc.constantFrom(undefined, true as const)
    const colour = fc.option(fc.integer({ min: 0, max: 98 }), { nil: undefined })
    const hex = fc.stringMatching(/^[0-9a-f]{6}$/)
    const colours = fc.oneof(
      fc.record({ fg: colour, bg: colour }),
      fc.record({ fg: hex, bg: fc.option(hex, { nil: undefined }) }),
    )
    const style = fc
      .tuple(
        fc.record({ bold: flag, italic: flag, underline: flag, strike: flag, mono: flag, reverse: flag }),
        colours,
      )
      .map(([flags, colours]) => tidy({ ...flags, ...colours }))
    fc.assert(
      fc.property(fc.array(fc.record({ text, style }), { maxLength: 8 }), (written) => {
        const wanted: Run[] = []
        for (const run of written) {
          for (const part of run.text.split(/(\n)/)) addRun(wanted, part, part === '\n' ? {} : run.style)
        }
        expect(parseRuns(writeRuns(written))).toEqual(wanted)
      }),
      runs,
    )
  })
})
