import * as fc from 'fast-check'
import { Parser } from 'htmlparser2'
import { describe, expect, it } from 'vitest'
import { matrixUserId } from '../../../../src/model/ids.ts'
import { ircToRich, sanitizeLine, stripFormat } from '../../../../src/networks/irc/format.ts'
import { anyText, runs } from './runs.ts'

describe('ircToRich', () => {
  const cases: [string, string, string, string | undefined][] = [
    ['plain text', 'a <b> & "c"', 'a <b> & "c"', undefined],
    ['bold', '\x02a\x02 b', 'a b', '<strong>a</strong> b'],
    [
      'toggles that cross',
      '\x02a\x1db\x02c',
      'abc',
      '<strong>a</strong><strong><em>b</em></strong><em>c</em>',
    ],
    [
      'everything',
      '\x02\x1d\x1f\x1e\x11a',
      'a',
      '<strong><em><u><del><code>a</code></del></u></em></strong>',
    ],
    ['colours', '\x034,2a\x03b', 'ab', '<span data-mx-color="#ff0000" data-mx-bg-color="#00007f">a</span>b'],
    ['extended colours', '\x0352a\x03', 'a', '<span data-mx-color="#ff0000">a</span>'],
    ['hexadecimal colours', '\x04ABCDEFa', 'a', '<span data-mx-color="#abcdef">a</span>'],
    ['a spoiler', '\x031,1a\x03', 'a', '<span data-mx-spoiler>a</span>'],
    ['a spoiler in equal colours', '\x031,88a', 'a', '<span data-mx-spoiler>a</span>'],
    [
      'reverse with colours',
      '\x034,2\x16a',
      'a',
      '<span data-mx-color="#00007f" data-mx-bg-color="#ff0000">a</span>',
    ],
    ['reverse without', '\x16a', 'a', undefined],
    ['only codes', '\x02\x0304\x0f', '', undefined],
    ['markup in formats', '\x02<script>&\x02', '<script>&', '<strong>&lt;script&gt;&amp;</strong>'],
    ['quotes', '\x02"\'', '"\'', '<strong>&quot;&#39;</strong>'],
    ['lines', '\x02a\nb', 'a\nb', '<strong>a</strong><br>b'],
    ['spaces', '\x02a   b', 'a   b', '<strong>a\u00a0\u00a0 b</strong>'],
    ['control bytes', 'a\x00\x01\x07\rb\tc\x7f', 'ab\tc\x7f', undefined],
    ['lone surrogates', '\ud800', '\ufffd', undefined],
  ]
  it.each(cases)('reads %s', (_, text, body, html) => {
    expect(ircToRich(text)).toEqual({ body, mentions: [], ...(html === undefined ? {} : { html }) })
  })

  const alice = { user: matrixUserId('@alice:x.org'), name: 'Alice & co' }
  const options = {
    nickOwner: (nick: string) => (['alice', 'a|ce', 'al', 'the'].includes(nick) ? alice : undefined),
    casemap: 'rfc1459' as const,
    commonWords: new Set(['the']),
  }
  const link = '<a href="https://matrix.to/#/%40alice%3Ax.org">Alice &amp; co</a>'
  const mentions: [string, string | undefined, string?][] = [
    ['alice: hi', `${link}: hi`],
    ['hi ALICE!', `hi ${link}!`],
    ['hi a\\ce', `hi ${link}`],
    ['(@alice)', `(@${link})`],
    ['[alice] `alice`', `[${link}] \`${link}\``],
    ['ali\u200bce', link, 'alice'],
    ['al', undefined],
    ['the', undefined],
    ['malice alice1', undefined],
    ['#alice https://e.org/alice https://e.org/~(alice) /alice x.alice alice.org alice@e.org', undefined],
    ['https://e.org/ alice', `https://e.org/ ${link}`],
    ['I saw alice. Yes', `I saw ${link}. Yes`],
    ['\x11alice\x11', '<code>alice</code>'],
  ]
  it.each(mentions)('looks for nicks in %j', (text, html, body = stripFormat(text)) => {
    const rich = ircToRich(text, options)
    expect(rich.html).toBe(html)
    expect(rich.body).toBe(body)
    const mentioned = html?.includes('matrix.to') === true
    expect(rich.mentions.map((mention) => mention.user)).toEqual(mentioned ? [alice.user] : [])
  })

  const text = fc
    .array(
      fc.oneof(
        anyText(6),
        fc.constantFrom(
          '<',
          '>',
          '"',
          '&',
          "'",
          '<img src=x>',
          'alice',
          '\x02',
          '\x1d',
          '\x0f',
          '\x16',
          '\x11',
          '\x03',
          '\x034',
          '\x034,4',
          '\x0399',
          '\x04ff0000',
          '\x04"><x>',
          ',',
          '5',
          '\n',
          ' ',
        ),
      ),
      { maxLength: 20 },
    )
    .map((parts) => parts.join(''))

  it('never throws, writes only its own tags, and says the same in body and HTML', () => {
    fc.assert(
      fc.property(text, (text) => {
        const { body, html, mentions } = ircToRich(text, {
          ...options,
          nickOwner: (n) => (n === 'alice' ? { ...alice, name: 'alice' } : undefined),
        })
        expect(body).not.toMatch(/[\0-\x08\x0b-\x1f]/)
        expect(mentions.length).toBeLessThanOrEqual(1)
        if (html === undefined) return
        const seen = parseBack(html)
        const attributes =
          /^(?:strong|em|u|del|code|br|span(?: data-mx-spoiler=)?(?: data-mx-color=#[0-9a-f]{6})?(?: data-mx-bg-color=#[0-9a-f]{6})?|a href=https:\/\/matrix\.to\/#\/%40alice%3Ax\.org)$/
        for (const tag of seen.tags) expect(tag).toMatch(attributes)
        expect(seen.text.replaceAll('\u00a0', ' ').toLowerCase()).toBe(
          body.replaceAll('\u00a0', ' ').toLowerCase(),
        )
      }),
      runs,
    )
  })

  it('takes long input in linear time', () => {
    const long = ircToRich(`${'a'.repeat(60_000)} ${'|'.repeat(60_000)}x${'\x02'.repeat(60_000)}`, options)
    expect(long.body).toHaveLength(120_002)
  })
})

function parseBack(html: string): { tags: string[]; text: string } {
  const tags: string[] = []
  let text = ''
  const parser = new Parser({
    onopentag(name, attributes) {
      tags.push([name, ...Object.entries(attributes).map(([key, value]) => `${key}=${value}`)].join(' '))
      if (name === 'br') text += '\n'
    },
    ontext: (part) => {
      text += part
    },
  })
  parser.end(html)
  return { tags, text }
}

it.each([
  ['a\nb', 'a b'],
  ['\x02a\x0304b\r\n\nc\x01', 'ab c'],
  [' a\u2029b ', 'a b'],
])('makes one line of %j', (text, line) => {
  expect(sanitizeLine(text)).toBe(line)
})
