import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BatchAssembler, isBatch, multilineText } from '../../../../src/networks/irc/batch.ts'
import type { Batch } from '../../../../src/networks/irc/batch.ts'
import { parseLine } from '../../../../src/networks/irc/wire.ts'
import type { IrcMessage } from '../../../../src/networks/irc/wire.ts'
import { runs } from './runs.ts'

const t0 = new Date('2026-01-01T00:00:00Z')
const later = (ms: number) => new Date(t0.getTime() + ms)

function parsed(line: string): IrcMessage {
  const message = parseLine(line)
  if (message === undefined) throw new Error(`bad line in test: ${line}`)
  return message
}

function feed(assembler: BatchAssembler, lines: string[], at = t0) {
  return lines.flatMap((line) => assembler.push(parsed(line), at))
}

type Shape = string | Shape[]
const shape = (item: IrcMessage | Batch): Shape =>
  isBatch(item)
    ? [item.batch + (item.incomplete ? '!' : ''), ...item.items.map(shape)]
    : item.params.join(' ')

describe('BatchAssembler', () => {
  const cases: [string, string[], Shape[]][] = [
    ['no batch', ['PING a', 'PING b'], ['a', 'b']],
    [
      'a batch',
      ['BATCH +1 t p', '@batch=1 PING a', 'PING b', '@batch=1 PING c', 'BATCH -1'],
      ['b', ['t', 'a', 'c']],
    ],
    ['a colon', ['BATCH +1 :t', '@batch=1 PING a', 'BATCH :-1'], [['t', 'a']]],
    ['an empty batch', ['BATCH +1 chathistory #c', 'BATCH -1'], [['chathistory']]],
    [
      'nesting',
      [
        'BATCH +o chathistory #c',
        '@batch=o PING a',
        '@batch=o BATCH +i draft/multiline #c',
        '@batch=i PING b',
        '@batch=i PING c',
        'BATCH -i',
        '@batch=o PING d',
        'BATCH -o',
      ],
      [['chathistory', 'a', ['draft/multiline', 'b', 'c'], 'd']],
    ],
    [
      'interleaving',
      ['BATCH +1 x', 'BATCH +2 y', '@batch=2 PING b', '@batch=1 PING a', 'BATCH -2', 'BATCH -1'],
      [
        ['y', 'b'],
        ['x', 'a'],
      ],
    ],
    [
      'an end before the inner end',
      ['BATCH +1 x', '@batch=1 BATCH +2 y', '@batch=2 PING a', 'BATCH -1', 'BATCH -2'],
      [['x', ['y!', 'a']]],
    ],
    ['an unknown id', ['@batch=9 PING a', 'BATCH -9'], ['a']],
    ['an unknown outer batch', ['@batch=9 BATCH +1 x', '@batch=1 PING a', 'BATCH -1'], [['x', 'a']]],
    [
      'a repeated id',
      ['BATCH +1 x', '@batch=1 PING a', 'BATCH +1 y', '@batch=1 PING b', 'BATCH -1'],
      [
        ['x!', 'a'],
        ['y', 'b'],
      ],
    ],
    ['nonsense', ['BATCH', 'BATCH +', 'BATCH 1', 'BATCH :'], []],
  ]
  it.each(cases)('takes %s', (_, lines, expected) => {
    expect(feed(new BatchAssembler(), lines).map(shape)).toEqual(expected)
  })

  it('keeps type, id, parameters and the tags of the opening line', () => {
    const [batch] = feed(new BatchAssembler(), ['@label=l;msgid=m BATCH +1 draft/multiline #c', 'BATCH -1'])
    expect(batch).toMatchObject({
      batch: 'draft/multiline',
      id: '1',
      params: ['#c'],
      tags: { label: 'l', msgid: 'm' },
    })
  })

  it('counts unknown ids', () => {
    const assembler = new BatchAssembler()
    feed(assembler, ['@batch=9 PING a', 'BATCH -9'])
    expect(assembler.unknownIds).toBe(2)
  })

  it('gives up after 30 seconds and keeps what comes later out of the live lines', () => {
    const assembler = new BatchAssembler()
    feed(assembler, [
      'BATCH +1 chathistory #c',
      '@batch=1 PING a',
      '@batch=1 BATCH +2 draft/multiline #c',
      '@batch=2 PING b',
    ])
    expect(assembler.expire(later(29_999))).toEqual([])
    expect(assembler.expire(later(30_000)).map(shape)).toEqual([
      ['chathistory!', 'a', ['draft/multiline!', 'b']],
    ])
    expect(assembler.expire(later(90_000))).toEqual([])
    expect(feed(assembler, ['@batch=1 PING c', 'BATCH -1', '@batch=1 PING d']).map(shape)).toEqual([
      ['chathistory!', 'c'],
      'd',
    ])
  })

  it('delivers a batch that grows beyond 2000 lines', () => {
    const assembler = new BatchAssembler()
    feed(assembler, ['BATCH +1 x', '@batch=1 BATCH +2 y'])
    const out = feed(
      assembler,
      Array.from({ length: 2_000 }, (_, n) => `@batch=${1 + (n % 2)} PING ${n}`),
    )
    expect(out).toHaveLength(2)
    expect(out[0]).toMatchObject({ batch: 'x', incomplete: true })
  })

  it('forgets on clear', () => {
    const assembler = new BatchAssembler()
    feed(assembler, ['BATCH +1 x', '@batch=1 PING a'])
    assembler.clear()
    expect(feed(assembler, ['@batch=1 PING b']).map(shape)).toEqual(['b'])
  })

  it('loses and repeats no line, whatever the order of batches', () => {
    const step = fc.record({
      kind: fc.constantFrom('+', '-', 'line', 'line'),
      id: fc.nat(3),
      in: fc.option(fc.nat(3)),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const assembler = new BatchAssembler()
        const sent: string[] = []
        const out = steps.flatMap((s, n) => {
          const tag = s.in === null ? '' : `@batch=${s.in} `
          if (s.kind !== 'line') return feed(assembler, [`${tag}BATCH ${s.kind}${s.id} t`])
          sent.push(String(n))
          return feed(assembler, [`${tag}PING ${n}`])
        })
        const all = [...out, ...assembler.expire(later(1e6))]
        const flat = (item: IrcMessage | Batch): string[] =>
          isBatch(item) ? item.items.flatMap(flat) : item.params
        expect(all.flatMap(flat).sort()).toEqual(sent.sort())
      }),
      runs,
    )
  })
})

it('joins the lines of a multiline batch', () => {
  const [batch] = feed(new BatchAssembler(), [
    'BATCH +1 draft/multiline #c',
    '@batch=1 PRIVMSG #c :one ',
    '@batch=1;draft/multiline-concat PRIVMSG #c :two',
    '@batch=1 PRIVMSG #c :',
    '@batch=1 PRIVMSG #c :three',
    'BATCH -1',
  ])
  expect(batch !== undefined && isBatch(batch) ? multilineText(batch) : '').toBe('one two\n\nthree')
})
