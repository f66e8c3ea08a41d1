import type { tl } from '@mtcute/core'
import { Long } from '@mtcute/core'
import * as fc from 'fast-check'
import { Parser } from 'htmlparser2'
import { describe, expect, it } from 'vitest'
import { fromEntities } from '../../../../src/networks/telegram/from-entities.ts'
import { anyEntities, anyText } from './entities.ts'
import { view } from './setup.ts'

type E = tl.TypeMessageEntity
type Simple =
  'Bold' | 'Italic' | 'Underline' | 'Strike' | 'Code' | 'Spoiler' | 'Blockquote' | 'Hashtag' | 'Url'
const e = (kind: Simple | 'Email' | 'Phone' | 'Mention', offset: number, length: number): E => ({
  _: `messageEntity${kind}`,
  offset,
  length,
})
const bob = 'https://matrix.to/#/%40vd_telegram_2000%3Ahs'

describe('fromEntities', () => {
  const cases: [string, string, E[], string | undefined][] = [
    ['plain text', 'a <b> & "c"', [], undefined],
    ['bold', 'ab', [e('Bold', 0, 1)], '<strong>a</strong>b'],
    ['markup in text', '<i>&', [e('Bold', 0, 4)], '<strong>&lt;i&gt;&amp;</strong>'],
    [
      'every style at once',
      'a',
      (['Bold', 'Italic', 'Underline', 'Strike', 'Spoiler', 'Code'] as const).map((kind) => e(kind, 0, 1)),
      '<strong><em><u><del><span data-mx-spoiler><code>a</code></span></del></u></em></strong>',
    ],
    ['nested', 'abc', [e('Bold', 0, 3), e('Italic', 1, 1)], '<strong>a<em>b</em>c</strong>'],
    ['overlapping', 'abc', [e('Bold', 0, 2), e('Italic', 1, 2)], '<strong>a<em>b</em></strong><em>c</em>'],
    ['twice the same', 'ab', [e('Bold', 0, 2), e('Bold', 1, 1)], '<strong>ab</strong>'],
    ['offsets in UTF-16', '😀b', [e('Bold', 2, 1)], '😀<strong>b</strong>'],
    ['half a surrogate pair', '😀b', [e('Bold', 1, 2)], '😀<strong>b</strong>'],
    ['beyond the end', 'ab', [e('Bold', 1, 99)], 'a<strong>b</strong>'],
    ['before the beginning', 'ab', [e('Bold', -1, 2)], '<strong>a</strong>b'],
    ['nothing', 'ab', [e('Bold', 1, 0), e('Bold', 5, 1), e('Bold', Number.NaN, 1)], undefined],
    ['lines', 'a\nb', [e('Bold', 0, 3)], '<strong>a<br>b</strong>'],
    ['a quote between lines', 'a\nb\nc', [e('Blockquote', 2, 1)], 'a<blockquote>b</blockquote>c'],
    [
      'a quote in bold',
      'abc',
      [e('Bold', 0, 3), e('Blockquote', 1, 1)],
      '<strong>a</strong><blockquote><strong>b</strong></blockquote><strong>c</strong>',
    ],
    [
      'code with a language',
      'let a\n<b>',
      [{ _: 'messageEntityPre', offset: 0, length: 9, language: 'c++' }, e('Bold', 0, 3)],
      '<pre><code class="language-c++">let a\n&lt;b&gt;</code></pre>',
    ],
    [
      'a language that is none',
      'a',
      [{ _: 'messageEntityPre', offset: 0, length: 1, language: '"><script>' }],
      '<pre><code>a</code></pre>',
    ],
    [
      'a named link',
      'here',
      [{ _: 'messageEntityTextUrl', offset: 0, length: 4, url: 'https://x.org/?a="&b' }],
      '<a href="https://x.org/?a=&quot;&amp;b">here</a>',
    ],
    [
      'a dangerous link',
      'here',
      [{ _: 'messageEntityTextUrl', offset: 0, length: 4, url: 'java\nscript:alert(1)' }],
      undefined,
    ],
    ['a bare domain', 'x.org', [e('Url', 0, 5)], '<a href="https://x.org">x.org</a>'],
    ['mail', 'a@x.org', [e('Email', 0, 7)], '<a href="mailto:a@x.org">a@x.org</a>'],
    ['a hashtag', '#a', [e('Hashtag', 0, 2)], undefined],
    ['a known user name', '@Bob', [e('Mention', 0, 4)], `<a href="${bob}">@Bob</a>`],
    ['an unknown user name', '@zoe', [e('Mention', 0, 4)], '<a href="https://t.me/zoe">@zoe</a>'],
    [
      'a person by number',
      'hi Bob',
      [{ _: 'messageEntityMentionName', offset: 3, length: 3, userId: 2000 }],
      `hi <a href="${bob}">Bob</a>`,
    ],
    [
      'a person by tg link',
      'Bob',
      [{ _: 'messageEntityTextUrl', offset: 0, length: 3, url: 'tg://user?id=2000' }],
      `<a href="${bob}">Bob</a>`,
    ],
    [
      'a link in a link',
      'x.org',
      [e('Url', 0, 5), { _: 'messageEntityTextUrl', offset: 0, length: 5, url: 'https://y.org' }],
      '<a href="https://x.org">x.org</a>',
    ],
    ['spaces', 'a   b', [e('Bold', 0, 5)], '<strong>a\u00a0\u00a0 b</strong>'],
    [
      'custom emoji',
      '👍',
      [{ _: 'messageEntityCustomEmoji', offset: 0, length: 2, documentId: Long.fromNumber(5) }],
      undefined,
    ],
  ]
  it.each(cases)('shows %s', (_, text, entities, html) => {
    const read = fromEntities(text, entities, view())
    expect(read.body).toBe(text)
    expect(read.html).toBe(html)
  })

  it('tells whom a text names', () => {
    const entities: E[] = [
      e('Mention', 0, 4),
      { _: 'messageEntityMentionName', offset: 5, length: 3, userId: 1000 },
    ]
    expect(fromEntities('@bob Ann', entities, view()).mentions).toEqual([
      { user: '@vd_telegram_2000:hs', remote: 'user:2000', name: '@bob' },
      { user: '@ann:hs', remote: 'user:1000', name: 'Ann' },
    ])
  })

  it('writes balanced HTML that shows the text and nothing else, whatever comes', () => {
    fc.assert(
      fc.property(anyText, anyEntities, (text, entities) => {
        const { body, html } = fromEntities(text, entities, view())
        expect(body).toBe(text)
        if (html === undefined) return
        const { shown, tags } = read(html)
        const squeezed = (s: string) => s.replace(/[\n\u00a0 ]/g, '')
        expect(squeezed(shown)).toBe(squeezed(text.toWellFormed()))
        expect(tags.filter((tag) => !ALLOWED.has(tag))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})

const ALLOWED = new Set('strong em u del code pre span blockquote a br'.split(' '))

/** The text of HTML and its tags. @throws when they are not balanced */
function read(html: string): { shown: string; tags: string[] } {
  const open: string[] = []
  const tags: string[] = []
  let shown = ''
  const parser = new Parser(
    {
      onopentagname: (name) => {
        tags.push(name)
        if (name !== 'br') open.push(name)
      },
      onclosetag: (name, implied) => {
        if (name === 'br') return
        if (implied || open.pop() !== name) throw new Error(`not balanced: ${html}`)
      },
      ontext: (text) => {
        shown += text
      },
    },
    { decodeEntities: true },
  )
  parser.end(html)
  return { shown, tags }
}
