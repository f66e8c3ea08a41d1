import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlToIrc, ircToRich, stripFormat, textToIrc } from '../../../../src/networks/irc/format.ts'
import { payloadLimit, splitText } from '../../../../src/networks/irc/splitter.ts'
import { formatLine, lineBytes } from '../../../../src/networks/irc/wire.ts'
import { anyText, runs } from './runs.ts'

const o = { mention: (user: string) => (user === '@alice:x.org' ? 'al|' : undefined) }
const pill = '<a href="https://matrix.to/#/@alice:x.org">Alice</a>'

describe('htmlToIrc', () => {
  const cases: [string, string, string][] = [
    [
      'styles',
      '<b>a</b> <em>b</em> <u>c</u> <del>d</del> <s>e</s> <tt>f</tt>',
      '\x02a\x0f \x1db\x0f \x1fc\x0f \x1ed\x0f \x1ee\x0f \x11f\x0f',
    ],
    ['nested styles', '<strong>a<i>b</i>c</strong>', '\x02a\x1db\x1dc\x0f'],
    ['overlapping styles', '<b>a<i>b</b>c</i>', '\x02a\x1db\x0fc'],
    ['the same style twice', '<b>a<strong>b</strong>c</b>d', '\x02abc\x0fd'],
    ['paragraphs', '<p>a</p>\n\n<p>b<br/>c</p>', 'a\nb\nc'],
    ['white space', '  a \n  b <b> c</b>  ', 'a b \x02c\x0f'],
    ['headings', '<h2>T</h2><p>x</p>', '\x02T\x0f\nx'],
    ['lists', '<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>d', '- a\n- b\n  - c\nd'],
    ['numbered lists', '<ol start="9"><li><p>a</p></li><li>b<br>c</li></ol>', '9. a\n10. b\n    c'],
    ['quotes', '<blockquote><p>a</p><blockquote>b</blockquote></blockquote><p>c</p>', '> a\n> > b\nc'],
    [
      'code blocks',
      '<pre><code>if x:\n\ty\n\n  z\n</code></pre>',
      '\x11if x:\x0f\n\x11    y\x0f\n\n\x11  z\x0f',
    ],
    [
      'tables',
      '<table><thead><tr><th>a</th><th>b</th></tr></thead><tr><td>c<br>d</td><td><p>e</p></td></tr></table>f',
      'a | b\nc d | e\nf',
    ],
    ['links', '<a href="https://e.org/x">there</a>!', 'there <https://e.org/x>!'],
    [
      'links that say so',
      '<a href="https://e.org/">https://e.org</a> <a href="mailto:a@b.c">a@b.c</a>',
      'https://e.org a@b.c',
    ],
    ['links without words', '<a href="https://e.org"><b></b></a>', 'https://e.org'],
    ['links that are none', '<a href="javascript:alert(1)">x</a><a>y</a>', 'xy'],
    ['links with spaces', '<a href="https://e.org/a b&#10;QUIT">x</a>', 'x <https://e.org/a%20b%0AQUIT>'],
    ['a pill at the beginning', `${pill} look`, 'al|: look'],
    ['a pill with its colon', `${pill}: look`, 'al|: look'],
    ['a pill inside', `look, ${pill}!`, 'look, al|!'],
    ['a pill alone', pill, 'al|'],
    ['an escaped pill', '<a href="https://matrix.to/#/%40alice%3Ax.org?via=x">A</a>', 'al|'],
    ['a matrix: pill', '<a href="matrix:u/alice:x.org">A</a>', 'al|'],
    ['a pill of somebody else', '<a href="https://matrix.to/#/@bob:x.org">Bob</a> hi', 'Bob hi'],
    [
      'a link to a room',
      '<a href="https://matrix.to/#/%23r:x.org">#r:x.org</a>',
      '#r:x.org <https://matrix.to/#/%23r:x.org>',
    ],
    ['emoticons', '<img data-mx-emoticon src="mxc://a/b" alt=":cat:"> <img title="t">', ':cat: t'],
    ['replies', '<mx-reply><blockquote><a href="x">In reply to</a></blockquote></mx-reply>new', 'new'],
    ['scripts', 'a<script>b</script><style>c</style>d', 'ad'],
    [
      'formulas',
      '<span data-mx-maths="\\frac{1}{2}"><code>1/2</code></span> <div data-mx-maths="x">y</div>z',
      '\\frac{1}{2}\nx\nz',
    ],
    ['unknown tags', '<blink><b>a</b> b</blink>', '\x02a\x0f b'],
    ['spoilers', '<span data-mx-spoiler>a <font color="red">b</font></span> c', '\x0301,01a b\x0f c'],
    ['spoilers with a reason', 'x <span data-mx-spoiler="why">a</span>', 'x (why) \x0301,01a\x0f'],
    ['colours', '<span data-mx-color="#ff0000">a</span><font color="blue">b</font>', '\x0304a\x0360b\x0f'],
    ['colours between', '<font color="#fe0102" data-mx-bg-color="#000">a</font>', '\x0304,01a\x0f'],
    ['bad colours', '<font color="url(x)" data-mx-bg-color="#12">a</font>', 'a'],
    [
      'digits after colours',
      '<font color="#ff0000">1</font>,<font color="#f00">,2</font>',
      '\x03041\x0f,\x0304\x02\x02,2\x0f',
    ],
    ['entities', '&lt;b&gt; &amp; &#x41; &nbsp;', '<b> & A \u00a0'],
    ['control bytes', 'a\x02b&#3;4&#x1;c\x00\x0f', 'ab4c'],
    ['Unicode lines', 'a\u2028b<pre>c\u2029d</pre>', 'a b\n\x11c\x0f\n\x11d\x0f'],
    ['lone surrogates', 'a\ud800b', 'a\ufffdb'],
    ['a rule', 'a<hr>b', 'a\n---\nb'],
    ['empty lines', '<br>a<br><br>b<br>', 'a\n\nb'],
    ['nothing', '<p></p>', ''],
    ['broken markup', '<b>a<', '\x02a<\x0f'],
  ]
  it.each(cases)('writes %s', (_, html, irc) => {
    expect(htmlToIrc(html, o)).toBe(irc)
  })

  it('writes hexadecimal colours where asked', () => {
    const html = '<font color="#FE0102" data-mx-bg-color="#0f0">a</font>'
    expect(htmlToIrc(html, { ...o, hexColours: true })).toBe('\x04fe0102,00ff00a\x0f')
  })

  it('never throws, and its words hold no control byte', () => {
    const tag = fc.constantFrom(
      '<b>',
      '</b>',
      '<a href="https://e.org">',
      '</a>',
      pill,
      '<li>',
      '<ul>',
      '</ul>',
      '<ol start=2>',
      '<pre>',
      '</pre>',
      '<blockquote>',
      '</blockquote>',
      '<td>',
      '<tr>',
      '</table>',
      '<table>',
      '<br>',
      '<mx-reply>',
      '</mx-reply>',
      '<span data-mx-spoiler=x>',
      '</span>',
      '<font color=red>',
      '</font>',
      '<script>',
      '</script>',
      '<div data-mx-maths="x\ny">',
      '</div>',
      '&#10;',
      '&#2;',
    )
    const html = fc.array(fc.oneof(tag, anyText(8), fc.constantFrom(' ', '\n', '5', ',5', 'word')), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(html, (parts) => {
        const irc = htmlToIrc(parts.join(''), o)
        expect(stripFormat(irc)).not.toMatch(/[\0-\x09\x0b-\x1f]/)
        expect(irc).not.toMatch(/^\n|\n$|[\r\0\x01]/)
        expect(irc.isWellFormed()).toBe(true)
      }),
      runs,
    )
  })

  it('takes long input in linear time', () => {
    const irc = htmlToIrc(`a${' '.repeat(60_000)}b${'\n'.repeat(60_000)}${'<b>'.repeat(5_000)}c`, o)
    expect(irc).toBe('a b \x02c\x0f')
  })

  it('survives the way to IRC and back', () => {
    const html =
      '<strong>a</strong><strong><em>b</em></strong> &lt;c&gt; <code>d</code><del>e</del><u>f</u> <span data-mx-spoiler>g</span> <span data-mx-color="#ff0000" data-mx-bg-color="#00007f">h</span>'
    expect(ircToRich(htmlToIrc(html, o)).html).toBe(html)
  })
})

describe('textToIrc', () => {
  it.each([
    ['a\nb', 'a\nb'],
    ['a\r\nb\rc', 'a\nbc'],
    ['\x01ACTION x\x01', 'ACTION x'],
    ['a\x02b\x034c\0', 'ab4c'],
    ['a\tb', 'a b'],
    ['\n\na\u2028b\n', 'a\nb'],
    ['\udc00', '\ufffd'],
    ['/quit', '/quit'],
    ['<b>', '<b>'],
  ])('takes %j', (body, irc) => {
    expect(textToIrc(body)).toBe(irc)
  })
})

it('takes every control byte of C0 but LF', () => {
  const all = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('')
  expect(textToIrc(`a${all}b`)).toBe('a \nb')
  expect(htmlToIrc(`a${all}b`, o)).toBe('a  b')
})

it('gives lines that the wire takes, whatever a user writes', () => {
  const parts = fc.array(
    fc.oneof(anyText(40), fc.constantFrom('\r\n', '<b>', '<br>', '&#13;&#10;QUIT', ':', '/')),
    { maxLength: 20 },
  )
  const where = {
    nick: 'nick',
    user: '~user',
    host: 'host.example',
    command: 'PRIVMSG',
    target: '#c',
    lineLen: 512,
  }
  fc.assert(
    fc.property(parts, fc.boolean(), (parts, asHtml) => {
      const text = asHtml ? htmlToIrc(parts.join(''), o) : textToIrc(parts.join(''))
      for (const payload of splitText(text, payloadLimit(where))) {
        const line = formatLine({ command: 'PRIVMSG', params: ['#c', payload] })
        expect(line).not.toMatch(/[\r\n\0]/)
        expect(lineBytes(line) + ':nick!~user@host.example '.length).toBeLessThanOrEqual(512)
      }
    }),
    runs,
  )
})
