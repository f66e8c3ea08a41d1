import type { tl } from '@mtcute/core'
import { Long } from '@mtcute/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromEntities } from '../../../../src/networks/telegram/from-entities.ts'
import { toEntities, toPlain } from '../../../../src/networks/telegram/to-entities.ts'
import type { TgMention } from '../../../../src/networks/telegram/to-entities.ts'
import { anyEntities, anyText } from './entities.ts'
import { ghostUser, view } from './setup.ts'

const BOB: tl.TypeInputUser = { _: 'inputUser', userId: 2000, accessHash: Long.fromNumber(20_000) }

const mention = (mxid: string): TgMention | undefined => {
  if (mxid === '@vd_telegram_2000:hs') return { user: BOB }
  if (mxid === '@zoe:x.org') return { username: 'zoe' }
  const userId = ghostUser(mxid)
  return userId === undefined ? undefined : { user: { _: 'inputUser', userId, accessHash: Long.ZERO } }
}

/** Entities as `Bold 0+3`, with what they carry. */
function written(html: string): [string, string[]] {
  const { text, entities } = toEntities(html, { mention })
  const words = entities.map((entity) => {
    const kind = entity._.replace(/^(?:input)?m?M?essageEntity/, '')
    const more =
      'url' in entity
        ? ` ${entity.url}`
        : 'language' in entity
          ? ` ${entity.language}`
          : entity._ === 'inputMessageEntityMentionName' && entity.userId._ === 'inputUser'
            ? ` ${entity.userId.userId}`
            : ''
    return `${kind} ${entity.offset}+${entity.length}${more}`
  })
  return [text, words]
}

describe('toEntities', () => {
  const cases: [string, string, string, string[]][] = [
    ['plain', 'a &amp; b', 'a & b', []],
    ['bold', 'x<strong>ab</strong>', 'xab', ['Bold 1+2']],
    [
      'styles',
      '<b>a</b><i>b</i><u>c</u><del>d</del><code>e</code>',
      'abcde',
      ['Bold 0+1', 'Italic 1+1', 'Underline 2+1', 'Strike 3+1', 'Code 4+1'],
    ],
    ['nested', '<b>a<i>b</i></b>', 'ab', ['Bold 0+2', 'Italic 1+1']],
    ['the same twice', '<b>a<strong>b</strong></b>', 'ab', ['Bold 0+2']],
    ['an emoji before', '😀<b>b</b>', '😀b', ['Bold 2+1']],
    ['space at the ends', '<p> <b> a </b> b </p>', 'a b', ['Bold 0+1']],
    ['nothing in it', '<b> </b>a<b></b>', 'a', []],
    ['breaks', 'a<br>b<br/><br/>c', 'a\nb\n\nc', []],
    ['paragraphs', '<p>a</p><p>b</p>', 'a\n\nb', []],
    ['a heading', '<h1>T</h1><p>a</p>', 'T\n\na', ['Bold 0+1']],
    ['lists', '<ul><li>a</li><li>b<ol start="3"><li>c</li></ol></li></ul>', '• a\n• b\n  3. c', []],
    ['a quote', 'a<blockquote><p>b</p><p>c</p></blockquote>d', 'a\nb\n\nc\nd', ['Blockquote 2+4']],
    ['quotes in quotes', '<blockquote>a<blockquote>b</blockquote></blockquote>', 'a\nb', ['Blockquote 0+3']],
    [
      'code',
      '<pre><code class="language-ts">a\n  b &lt;c&gt;\n</code></pre>x',
      'a\n  b <c>\nx',
      ['Pre 0+9 ts'],
    ],
    ['code without a language', '<pre>\na</pre>', 'a', ['Pre 0+1 ']],
    ['formats in code', '<code>a<b>b</b></code>', 'ab', ['Code 0+2']],
    ['a spoiler', '<span data-mx-spoiler>a</span>', 'a', ['Spoiler 0+1']],
    ['a spoiler with a reason', '<span data-mx-spoiler="end">a</span>', '(end) a', ['Spoiler 6+1']],
    ['a link', '<a href="https://x.org">here</a>', 'here', ['TextUrl 0+4 https://x.org']],
    ['a link that is its text', '<a href="https://x.org/">x.org</a>', 'x.org', []],
    ['a link without text', '<a href="https://x.org/a"></a>', 'https://x.org/a', []],
    ['mail', '<a href="mailto:a@x.org">write</a>', 'write (a@x.org)', []],
    ['an unknown scheme', '<a href="javascript:a">write</a>', 'write', []],
    [
      'a pill',
      '<a href="https://matrix.to/#/@vd_telegram_2000:hs">Bob</a>: hi',
      'Bob: hi',
      ['MentionName 0+3 2000'],
    ],
    [
      'a pill, encoded',
      '<a href="https://matrix.to/#/%40vd_telegram_2000%3Ahs">Bob</a>',
      'Bob',
      ['MentionName 0+3 2000'],
    ],
    [
      'a pill by Matrix URI',
      '<a href="matrix:u/vd_telegram_2000:hs">Bob</a>',
      'Bob',
      ['MentionName 0+3 2000'],
    ],
    ['a pill with a user name', 'hi <a href="https://matrix.to/#/@zoe:x.org">Zoe</a>', 'hi @zoe', []],
    ['a pill of somebody else', '<a href="https://matrix.to/#/@eve:x.org">Eve</a>', 'Eve', []],
    ['an emoticon', 'a <img src="mxc://a/b" alt=":x:" data-mx-emoticon>', 'a :x:', []],
    ['a formula', '<span data-mx-maths="x^2"><code>x</code></span>', 'x^2', ['Code 0+3']],
    [
      'a table',
      '<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>',
      'a | b\nc | d',
      ['Bold 0+1', 'Bold 4+1'],
    ],
    ['a rule', 'a<hr>b', 'a\n———\nb', []],
    ['a reply fallback', '<mx-reply>old</mx-reply>new', 'new', []],
    ['what is not known', '<blink>a</blink><script>b</script>', 'a', []],
    ['what is not closed', '<b>a<i>b', 'ab', ['Bold 0+2', 'Italic 1+1']],
    ['what is closed wrongly', '<b>a<i>b</b>c</i>', 'abc', ['Bold 0+2', 'Italic 1+1']],
    ['controls', 'a\u0000\u0007b', 'ab', []],
  ]
  it.each(cases)('writes %s', (_, html, text, entities) => {
    expect(written(html)).toEqual([text, entities])
  })

  it('takes plain text as it is, without space around it', () => {
    expect(toPlain('  <b> a\r\n b\u0000 \n')).toEqual({ text: '<b> a\n b', entities: [] })
  })

  it('gives entities within the text for every HTML', () => {
    const tags = 'b i u del code pre blockquote span a p br ul ol li table tr td h1 hr img mx-reply'.split(
      ' ',
    )
    const tag = fc
      .constantFrom(...tags)
      .chain((name) =>
        fc.constantFrom(
          `<${name}>`,
          `</${name}>`,
          `<${name} href="https://a.b" data-mx-spoiler="x" alt="😀" class="language-x">`,
        ),
      )
    fc.assert(
      fc.property(fc.array(fc.oneof(tag, anyText), { maxLength: 30 }), (html) => {
        const { text, entities } = toEntities(html.join(''), { mention })
        expect(text).toBe(text.trim())
        expect(text.isWellFormed()).toBe(true)
        for (const { offset, length } of entities) {
          expect(length).toBeGreaterThan(0)
          expect(offset).toBeGreaterThanOrEqual(0)
          expect(offset + length).toBeLessThanOrEqual(text.length)
          expect(text.slice(offset, offset + length).isWellFormed()).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('brings text of Telegram back as it was', () => {
    const styles: ReadonlySet<string> = new Set(
      ['Bold', 'Italic', 'Underline', 'Strike', 'Spoiler'].map((kind) => `messageEntity${kind}`),
    )
    fc.assert(
      fc.property(anyText, anyEntities, (given, all) => {
        const text = given
          .toWellFormed()
          .replace(/ {2,}/g, ' ')
          .replace(/ ?\n ?/g, '\n')
          .trim()
        const entities = all.filter((entity) => styles.has(entity._))
        const { html } = fromEntities(text, entities, view())
        if (html === undefined) return
        const back = toEntities(html, { mention })
        expect(back.text).toBe(text)
        expect(covered(back.text, back.entities)).toEqual(covered(text, entities))
      }),
      { numRuns: 500 },
    )
  })
})

/** For each character that shows, its formats. */
function covered(text: string, entities: readonly tl.TypeMessageEntity[]): string[] {
  return Array.from({ length: text.length }, (_, i) => {
    if (/\s/.test(text[i] ?? '') || /[\udc00-\udfff]/.test(text[i] ?? '')) return ''
    // A pair is marked as a whole or not at all.
    const last = /[\ud800-\udbff]/.test(text[i] ?? '') ? i + 1 : i
    const over = entities.filter(({ offset, length }) => offset <= i && last < offset + length)
    return [...new Set(over.map(({ _ }) => _))].sort().join(' ')
  })
}
