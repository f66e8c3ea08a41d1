import { describe, expect, test } from 'vitest'
import { escapeHtml, htmlToPlain, safeLink, sanitize } from '../../../src/matrix/html.ts'
import { stripReplyFallback } from '../../../src/matrix/plain.ts'

describe('sanitize', () => {
  test.each([
    ['plain text', 'a &amp; b', 'a &amp; b'],
    ['lone brackets', 'a < b > c & d', 'a &lt; b &gt; c &amp; d'],
    ['allowed markup', '<b>a</b> <i>b</i> <code>c</code>', '<b>a</b> <i>b</i> <code>c</code>'],
    ['upper case', '<B>a</B>', '<b>a</b>'],
    ['unclosed', '<b>a<i>b', '<b>a<i>b</i></b>'],
    ['misnested', '<b>a<i>b</b>c</i>', '<b>a<i>b</i></b>c'],
    ['stray end', 'a</b></div>c', 'ac'],
    ['void elements', 'a<br>b<br/>c<hr>', 'a<br>b<br>c<hr>'],
    ['list with optional ends', '<ul><li>a<li>b</ul>', '<ul><li>a</li><li>b</li></ul>'],
    ['nested lists', '<ul><li>a<ul><li>b</ul><li>c</ul>', '<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>'],
    ['paragraphs', '<p>a<p>b', '<p>a</p><p>b</p>'],
    [
      'table',
      '<table><tr><td>a<td>b<tr><td>c</table>',
      '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>',
    ],
    ['unknown element', '<foo>a</foo><marquee>b</marquee>', 'ab'],
    ['script', 'a<script>alert(1)</script>b', 'ab'],
    ['script in upper case', 'a<SCRIPT SRC=x>alert(1)</SCRIPT >b', 'ab'],
    ['style', 'a<style>*{}</style>b', 'ab'],
    ['iframe', 'a<iframe src="https://x">i</iframe>b', 'ab'],
    ['svg', 'a<svg onload=alert(1)><text>t</text></svg>b', 'ab'],
    ['math', 'a<math><mi>x</mi></math>b', 'ab'],
    ['nested object', 'a<object><object>x</object>y</object>b', 'ab'],
    ['embed has no end', 'a<embed src=x>b', 'ab'],
    ['event handlers', '<b onclick="alert(1)" onmouseover=x>a</b>', '<b>a</b>'],
    ['style attribute', '<span style="color:red">a</span>', '<span>a</span>'],
    ['class', '<p class="x">a</p>', '<p>a</p>'],
    ['mx-reply', '<mx-reply><blockquote>old</blockquote></mx-reply>new', 'new'],
    ['mx-reply in upper case', '<MX-REPLY>old</MX-REPLY>new', 'new'],
    ['comment', 'a<!-- <b>x</b> -->b', 'ab'],
    ['cdata', 'a<![CDATA[<b>x</b>]]>b', 'ab'],
    ['doctype', '<!DOCTYPE html>a', 'a'],
    ['processing instruction', '<?xml version="1.0"?>a', 'a'],
    ['entities', '&lt;script&gt; &#60;b&#62; &eacute; &#x1F600;', '&lt;script&gt; &lt;b&gt; é 😀'],
    ['NUL and lone surrogate', 'a\0b\uD800c', 'a\uFFFDb\uFFFDc'],
    [
      'link',
      '<a href="https://example.org/?a=1&b=2">x</a>',
      '<a href="https://example.org/?a=1&amp;b=2">x</a>',
    ],
    ['pill', '<a href="https://matrix.to/#/@a:b.c">A</a>', '<a href="https://matrix.to/#/@a:b.c">A</a>'],
    ['mail', '<a href="mailto:a@b.c">x</a>', '<a href="mailto:a@b.c">x</a>'],
    ['matrix link', '<a href="matrix:u/a:b.c">x</a>', '<a href="matrix:u/a:b.c">x</a>'],
    ['magnet', '<a href="magnet:?xt=1">x</a>', '<a href="magnet:?xt=1">x</a>'],
    ['target is dropped', '<a href="https://x.y" target="_self">x</a>', '<a href="https://x.y">x</a>'],
    ['javascript link', '<a href="javascript:alert(1)">x</a>', '<a>x</a>'],
    ['javascript with entities', '<a href="java&#115;cript&colon;alert(1)">x</a>', '<a>x</a>'],
    ['javascript with controls', '<a href=" \u0001java\nscript:alert(1)">x</a>', '<a>x</a>'],
    ['vbscript', '<a href="vbscript:x">x</a>', '<a>x</a>'],
    ['data link', '<a href="data:text/html,x">x</a>', '<a>x</a>'],
    ['relative link', '<a href="/x">x</a>', '<a>x</a>'],
    ['protocol-relative link', '<a href="//x.y">x</a>', '<a>x</a>'],
    ['http without host', '<a href="https:///x">x</a>', '<a>x</a>'],
    [
      'quotes in an attribute',
      `<a href='https://x.y/"onclick=z'>x</a>`,
      '<a href="https://x.y/&quot;onclick=z">x</a>',
    ],
    [
      'nested links',
      '<a href="https://x.y">a<a href="https://z.y">b</a>',
      '<a href="https://x.y">a</a><a href="https://z.y">b</a>',
    ],
    [
      'image',
      '<img src="mxc://a.b/c" alt="x" width="3" height="x">',
      '<img src="mxc://a.b/c" alt="x" width="3">',
    ],
    [
      'emoticon',
      '<img data-mx-emoticon src="mxc://a.b/c" alt=":x:" height="32">',
      '<img src="mxc://a.b/c" alt=":x:" height="32" data-mx-emoticon>',
    ],
    ['web image leaves its words', '<img src="https://x.y/z.png" alt="<b>">', '&lt;b&gt;'],
    ['mxc with a path', '<img src="mxc://a.b/../c" alt="x">', 'x'],
    [
      'colours',
      '<span data-mx-color="#ff0000" data-mx-bg-color="red">x</span>',
      '<span data-mx-color="#ff0000">x</span>',
    ],
    ['font becomes span', '<font color="#00ff00">x</font>', '<span data-mx-color="#00ff00">x</span>'],
    ['strike becomes del', '<strike>x</strike>', '<del>x</del>'],
    ['spoiler', '<span data-mx-spoiler>x</span>', '<span data-mx-spoiler>x</span>'],
    ['spoiler with reason', '<span data-mx-spoiler="why">x</span>', '<span data-mx-spoiler="why">x</span>'],
    ['maths', '<span data-mx-maths="x^2">x</span>', '<span data-mx-maths="x^2">x</span>'],
    ['code language', '<code class="language-js evil">x</code>', '<code class="language-js">x</code>'],
    ['list start', '<ol start="3"><li>x</ol>', '<ol start="3"><li>x</li></ol>'],
    ['bad list start', '<ol start="x"><li>x</ol>', '<ol><li>x</li></ol>'],
    ['cut tag', 'a<b href="', 'a'],
    [
      'prototype names',
      '<constructor>a</constructor><valueOf>b</valueOf><b constructor=1 __proto__=2>c</b>',
      'ab<b>c</b>',
    ],
    [
      'first of two attributes',
      '<a href="https://a.b" href="javascript:x">x</a>',
      '<a href="https://a.b">x</a>',
    ],
    ['textarea', '<textarea><b>x</textarea>', '&lt;b&gt;x'],
    ['title hides', '<title><b>x</title>y', 'y'],
    ['mutation by noscript', '<noscript><p title="</noscript><img src=x onerror=alert(1)>">', ''],
    ['mutation by namespace', '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>', ''],
  ])('%s', (_name, html, expected) => {
    expect(sanitize(html)).toBe(expected)
  })

  test('is at most 100 elements deep and stays balanced', () => {
    const out = sanitize(`${'<b>'.repeat(500)}x${'</b>'.repeat(500)}y`)
    expect(out).toBe(`${'<b>'.repeat(100)}x${'</b>'.repeat(100)}y`)
  })

  test('is bounded for endless input', () => {
    expect(sanitize('x'.repeat(1_000_000)).length).toBe(131_072)
    expect(sanitize('<b>'.repeat(1_000_000)).length).toBeLessThan(1_000)
  })
})

test.each([
  ['https://a.b/c', 'https://a.b/c'],
  ['  HTTPS://a.b ', 'HTTPS://a.b'],
  ['http\t://a.b', 'http://a.b'],
  ['ftp://a.b', undefined],
  ['file:///etc/passwd', undefined],
  ['javascript:alert(1)//https://a.b', undefined],
  ['', undefined],
])('safeLink %j', (link, expected) => {
  expect(safeLink(link)).toBe(expected)
})

test('escapeHtml leaves no way out of text or attribute', () => {
  expect(escapeHtml(`<a b="c" d='e'>&amp;`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;')
})

test.each([
  ['text', 'a &amp; b', 'a & b'],
  ['whitespace collapses', ' a \n  b ', 'a b'],
  ['inline markup', 'a <b>b</b><i>c</i>', 'a bc'],
  ['space around markup', '<b>a </b>b <i> c</i>', 'a b c'],
  ['breaks', 'a<br>b<br/><br>c', 'a\nb\n\nc'],
  ['paragraphs', '<p>a</p><p>b</p>', 'a\n\nb'],
  ['headings', '<h1>a</h1>b', 'a\n\nb'],
  ['divs', '<div>a</div><div>b</div>', 'a\nb'],
  ['list', '<ul><li>a</li><li>b</li></ul>', '- a\n- b'],
  ['ordered list', '<ol start="3"><li>a</li><li>b</li></ol>', '3. a\n4. b'],
  ['nested list', '<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>', '- a\n  1. b\n- c'],
  ['paragraph in item', '<ul><li><p>a</p></li><li><p>b</p></li></ul>', '- a\n- b'],
  ['quote', '<blockquote>a<br>b</blockquote>c', '> a\n> b\nc'],
  ['nested quote', '<blockquote>a<blockquote>b</blockquote></blockquote>', '> a\n> > b'],
  ['code block', '<pre><code>a\n  b\n\nc</code></pre>d', 'a\n  b\n\nc\nd'],
  ['link', '<a href="https://x.y">t</a> u', 't <https://x.y> u'],
  ['bare link', '<a href="https://x.y">https://x.y</a>', 'https://x.y'],
  ['mail link', '<a href="mailto:a@b">a@b</a>', 'a@b'],
  ['pill', '<a href="https://matrix.to/#/@a:b">Al</a>: hi', 'Al: hi'],
  ['link without text', '<a href="https://x.y"></a>', 'https://x.y'],
  ['image', 'a <img src="mxc://a/b" alt=":x:"> b', 'a :x: b'],
  ['spoiler', 'a <span data-mx-spoiler>secret</span> b', 'a [spoiler] b'],
  ['spoiler with reason', '<span data-mx-spoiler="film">secret</span>', '[spoiler: film]'],
  ['maths', '<span data-mx-maths="x^2">x<sup>2</sup></span>', 'x^2'],
  ['table', '<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>', 'a | b\nc | d'],
  ['rule', 'a<hr>b', 'a\n---\nb'],
  ['reply quote', '<mx-reply>old</mx-reply>new', 'new'],
  ['script', 'a<script>b</script>', 'a'],
])('htmlToPlain: %s', (_name, html, expected) => {
  expect(htmlToPlain(html)).toBe(expected)
})

test.each([
  ['a fallback goes', '> <@a:b> old\n> older\n\nnew', 'new'],
  ['of an emote', '> * <@a:b> waves\n\nnew', 'new'],
  ['with an empty line in the quote', '> <@a:b> old\n>\n> older\n\nnew\n\nmore', 'new\n\nmore'],
  ['a quote that was written stays', '> wise words\n\nyes', '> wise words\n\nyes'],
  ['without an empty line', '> <@a:b> old\nnew', 'new'],
  ['nothing but a fallback', '> <@a:b> old', ''],
  ['plain', 'new', 'new'],
])('stripReplyFallback: %s', (_name, body, expected) => {
  expect(stripReplyFallback(body)).toBe(expected)
})
