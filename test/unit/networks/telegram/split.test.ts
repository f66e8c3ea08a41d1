import type { tl } from '@mtcute/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codePoints, joined, part, trimmed } from '../../../../src/networks/telegram/spans.ts'
import { MOST_ENTITIES, split, splitAfter, splitWithLead } from '../../../../src/networks/telegram/split.ts'
import { anyEntities, anyText } from './entities.ts'

const bold = (offset: number, length: number): tl.TypeMessageEntity => ({
  _: 'messageEntityBold',
  offset,
  length,
})
const link = (offset: number, length: number): tl.TypeMessageEntity => ({
  _: 'messageEntityTextUrl',
  offset,
  length,
  url: 'https://x.org',
})
const parts = (text: string, limit: number, entities: tl.TypeMessageEntity[] = []) =>
  split({ text, entities }, limit).map((each) => each.text)

describe('split', () => {
  it.each<[string, string, number, string[]]>([
    ['what fits', 'abc', 3, ['abc']],
    ['nothing', ' \n ', 3, []],
    ['at a paragraph', 'aaaa bb\n\ncc dd', 12, ['aaaa bb', 'cc dd']],
    ['at a line', 'aaaa bb\ncc dd', 11, ['aaaa bb', 'cc dd']],
    ['at a sentence', 'aaaa bb. cc dd', 12, ['aaaa bb.', 'cc dd']],
    ['at a word', 'aaaa bb cc', 8, ['aaaa bb', 'cc']],
    ['a border right behind the limit', 'aaaa bb', 4, ['aaaa', 'bb']],
    ['no border at all', 'abcdef', 4, ['abcd', 'ef']],
    ['a paragraph that would leave too little', 'a\n\nbbbb cc dd', 10, ['a\n\nbbbb cc', 'dd']],
    ['by code points', '😀😀😀', 2, ['😀😀', '😀']],
    ['between graphemes', 'abe\u0301cd', 3, ['ab', 'e\u0301c', 'd']],
    ['a grapheme that is too long itself', 'ab👨‍👩‍👧cd', 4, ['ab', '👨‍👩‍', '👧cd']],
  ])('cuts %s', (_, text, limit, expected) => {
    expect(parts(text, limit)).toEqual(expected)
  })

  it('does not cut a link in two when it fits into the next part', () => {
    const text = 'aaaaaa here it is'
    expect(parts(text, 12, [link(7, 10)])).toEqual(['aaaaaa', 'here it is'])
    expect(split({ text, entities: [link(7, 10)] }, 12)[1]?.entities).toEqual([link(0, 10)])
  })

  it('goes on with a format in the next part', () => {
    expect(split({ text: 'aaaa bbbb', entities: [bold(2, 6)] }, 5)).toEqual([
      { text: 'aaaa', entities: [bold(2, 2)] },
      { text: 'bbbb', entities: [bold(0, 3)] },
    ])
  })

  it('keeps what would be lost when there are more entities than the service reads', () => {
    const text = 'a '.repeat(200)
    const entities = Array.from({ length: 200 }, (_, i) => bold(i * 2, 1))
    const kept = split({ text, entities: [...entities, link(398, 1)] }, 4096)[0]?.entities ?? []
    expect(kept).toHaveLength(MOST_ENTITIES)
    expect(kept.at(-1)).toEqual(link(398, 1))
  })

  it('fills a caption first and leaves the rest to messages', () => {
    expect(splitAfter({ text: 'aaaa bbbb cccc', entities: [] }, 5, 100)).toEqual({
      first: { text: 'aaaa', entities: [] },
      rest: [{ text: 'bbbb cccc', entities: [] }],
    })
    expect(splitAfter({ text: ' ', entities: [] }, 5, 100)).toEqual({
      first: { text: '', entities: [] },
      rest: [],
    })
  })

  it('says in each part who speaks', () => {
    const lead = { text: 'Ann: ', entities: [bold(0, 3)] }
    expect(splitWithLead(lead, { text: 'aaaa bbbb', entities: [bold(0, 9)] }, 10)).toEqual([
      { text: 'Ann: aaaa', entities: [bold(0, 3), bold(5, 4)] },
      { text: 'Ann: bbbb', entities: [bold(0, 3), bold(5, 4)] },
    ])
  })

  it('loses no character, makes no part too long and no entity wrong, whatever comes', () => {
    fc.assert(
      fc.property(anyText, anyEntities, fc.integer({ min: 1, max: 40 }), (text, entities, limit) => {
        const all = split({ text, entities }, limit)
        const squeezed = (s: string) => s.replace(/\s/g, '')
        expect(squeezed(all.map((each) => each.text).join(''))).toBe(squeezed(text))
        for (const each of all) {
          expect(each.text).not.toBe('')
          expect(codePoints(each.text)).toBeLessThanOrEqual(limit)
          if (text.isWellFormed()) expect(each.text.isWellFormed()).toBe(true)
          for (const { offset, length } of each.entities) {
            expect(offset).toBeGreaterThanOrEqual(0)
            expect(length).toBeGreaterThan(0)
            expect(offset + length).toBeLessThanOrEqual(each.text.length)
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('texts with entities', () => {
  it('counts code points', () => {
    expect(['', 'a', '😀', 'a😀b', '\ud800', '\udc00\ud800'].map((text) => codePoints(text))).toEqual([
      0, 1, 1, 3, 1, 2,
    ])
  })

  it('takes pieces, trims and joins', () => {
    const text = { text: '  ab cd ', entities: [bold(0, 4), bold(5, 3)] }
    expect(trimmed(text)).toEqual({ text: 'ab cd', entities: [bold(0, 2), bold(3, 2)] })
    expect(part(text, 3, 6)).toEqual({ text: 'b c', entities: [bold(0, 1), bold(2, 1)] })
    expect(joined({ text: '😀', entities: [] }, { text: 'b', entities: [bold(0, 1)] })).toEqual({
      text: '😀b',
      entities: [bold(2, 1)],
    })
  })
})
