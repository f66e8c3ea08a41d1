import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matrixUserId, remoteUserId } from '../../../../src/model/ids.ts'
import { BREAKER, fromMarkup } from '../../../../src/networks/whatsapp/from-markup.ts'
import { toMarkup, toPlain } from '../../../../src/networks/whatsapp/to-markup.ts'

const bob = {
  digits: '15550002',
  user: matrixUserId('@wa_15550002:hs'),
  remote: remoteUserId('15550002@s.whatsapp.net'),
  name: 'Bob',
}
const pill = '<a href="https://matrix.to/#/%40wa_15550002%3Ahs">@Bob</a>'
const mention = (user: string) => (user === bob.user ? bob.remote : undefined)
const wa = (html: string) => toMarkup(html, { mention }).text

describe('from WhatsApp', () => {
  test.each([
    ['*bold*', '<strong>bold</strong>'],
    ['a *b* c', 'a <strong>b</strong> c'],
    ['_i_ ~s~ `c`', '<em>i</em> <del>s</del> <code>c</code>'],
    ['*_both_*', '<strong><em>both</em></strong>'],
    ['_*~all~*_!', '<em><strong><del>all</del></strong></em>!'],
    ['(*x*)', '(<strong>x</strong>)'],
    ['```mono```', '<code>mono</code>'],
    ['a\n```\nx < 1\ny\n```\nb', 'a<pre><code>x &lt; 1\ny\n</code></pre>b'],
    ['`*x*`', '<code>*x*</code>'],
    ['> one\n> two\nthree', '<blockquote>one<br>two</blockquote>three'],
    ['- a\n- *b*', '<ul><li>a</li><li><strong>b</strong></li></ul>'],
    ['1. a\n2. b', '<ol><li>a</li><li>b</li></ol>'],
    ['3. a', '<ol start="3"><li>a</li></ol>'],
    ['*é*', '<strong>é</strong>'],
  ])('%j', (text, html) => {
    expect(fromMarkup(text)).toEqual({ body: text, html })
  })

  test.each([
    'snake_case_name',
    '2*3*4',
    'a * not*',
    '*not *',
    '**',
    '****',
    '*a\nb*',
    '`',
    '```',
    '``````',
    'https://x.example/_a_/*b*',
    '>not a quote',
    '<b>x</b>',
    '@15550002',
    'é*x*',
    `*${BREAKER}x*`,
  ])('%j is text', (text) => {
    expect(fromMarkup(text)).toEqual({ body: text })
  })

  test('who is mentioned is a pill, and digits alone are not', () => {
    expect(fromMarkup('hi @15550002 and @15550003', [bob])).toEqual({
      body: 'hi @Bob and @15550003',
      html: `hi ${pill} and @15550003`,
      mentions: [{ user: bob.user, remote: bob.remote, name: 'Bob' }],
    })
    expect(fromMarkup('nobody', [bob])).toEqual({ body: 'nobody' })
  })

  test('a name cannot bring HTML', () => {
    const evil = { ...bob, name: '<img src=x>' }
    expect(fromMarkup('@15550002', [evil]).html).toContain('&lt;img')
  })

  test('any text: no tag of its own, nothing lost', () => {
    const alphabet = fc.constantFrom(...Array.from('*_~`>-1. \n<a@&é'))
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 60 }), (text) => {
        const { html = '', body } = fromMarkup(text)
        expect(body).toBe(text)
        const tags = html.match(/<\/?[a-z]+/g) ?? []
        const known = ['strong', 'em', 'del', 'code', 'pre', 'br', 'ul', 'ol', 'li', 'blockquote']
        for (const tag of tags) expect(known).toContain(tag.replace(/^<\/?/, ''))
        const open = tags.filter((tag) => !tag.startsWith('</') && tag !== '<br').length
        expect(tags.length - tags.filter((tag) => tag === '<br').length).toBe(open * 2)
      }),
    )
  })

  test('a long text of openings ends soon', () => {
    const started = performance.now()
    fromMarkup('*a _b ~c '.repeat(8_000))
    fromMarkup('*a '.repeat(20_000) + 'x*')
    fromMarkup('`'.repeat(65_536))
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('to WhatsApp', () => {
  test.each([
    ['<strong>b</strong> <em>i</em> <del>s</del> <code>c</code>', '*b* _i_ ~s~ `c`'],
    ['<b><i>x</i></b>', '*_x_*'],
    ['<b>a <i>b</i> c</b>', '*a _b_ c*'],
    ['<b> x </b>y', ' *x* y'.trim()],
    ['a<b>b</b>c', 'abc'],
    ['<b>a*b</b>', 'a*b'],
    ['<p>one</p><p>two</p>', 'one\n\ntwo'],
    ['one<br>two', 'one\ntwo'],
    ['<b>one<br>two</b>', '*one*\n*two*'],
    ['<h1>T</h1>x', '*T*\n\nx'],
    ['<blockquote>q<br>r</blockquote>a', '> q\n> r\n\na'],
    ['<ul><li>a</li><li>b</li></ul>', '- a\n- b'],
    ['<ol start="3"><li>a</li><li>b</li></ol>', '3. a\n4. b'],
    ['<ul><li>a<ul><li>b</li></ul></li></ul>', '- a\n  - b'],
    ['<pre><code class="language-ts">let a_b = `*x*`\n</code></pre>', '```\nlet a_b = `*x*`\n```'],
    ['<a href="https://x.example/a_b_">here</a>', 'here (https://x.example/a_b_)'],
    ['<a href="https://x.example">https://x.example</a>', 'https://x.example'],
    ['https://x.example/_a_', 'https://x.example/_a_'],
    ['<span data-mx-spoiler="why">x</span>', '(spoiler: why) x'],
    ['<mx-reply>gone</mx-reply>x', 'x'],
    ['<img alt="🙂">', '🙂'],
    ['<a href="javascript:x">y</a>', 'y'],
    ['&lt;b&gt;', '<b>'],
    ['snake_case', 'snake_case'],
  ])('%j', (html, text) => {
    expect(wa(html)).toBe(text)
  })

  test('a pill of somebody on WhatsApp is a mention; another stays a name', () => {
    expect(toMarkup(`hi ${pill}, <a href="https://matrix.to/#/@x:hs">X</a>`, { mention })).toEqual({
      text: 'hi @15550002, X',
      mentioned: [bob.remote],
    })
  })

  test('literal markers show as they are', () => {
    expect(fromMarkup(wa('*a* _b_ ~c~ `d` ```e```')).html).toBeUndefined()
    expect(fromMarkup(toPlain('> q\n- i\n1. n\n*b*')).html).toBeUndefined()
  })

  const nasty = fc.string({ unit: fc.constantFrom(...Array.from('*_~`>-1. \nab<@&')), maxLength: 40 })

  test('plain text is never marked, and stays what it was', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const sent = toPlain(text)
        expect(fromMarkup(sent).html).toBeUndefined()
        expect(sent.replaceAll(BREAKER, '').trim()).toBe(text.trim())
      }),
      { numRuns: 500 },
    )
  })

  test('a style of ours marks exactly its own text', () => {
    const word = fc.string({ unit: fc.constantFrom(...Array.from('ab1é😀')), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(nasty, word, nasty, (before, inside, after) => {
        const escape = (text: string) =>
          text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '')
        const sent = wa(`${escape(before)} <b>${inside}</b> ${escape(after)}`)
        expect(fromMarkup(sent).html?.match(/<(?:strong|em|del|code)>.*?<\//g)).toEqual([
          `<strong>${inside}</`,
        ])
      }),
      { numRuns: 500 },
    )
  })

  test('any HTML gives text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            '<b>',
            '</b>',
            '<pre>',
            '<ol>',
            '<li>',
            '<a href="',
            'x',
            '">',
            '\n',
            '</ol>',
            '<blockquote>',
          ),
        }),
        (html) => {
          expect(typeof wa(html)).toBe('string')
        },
      ),
    )
  })
})
