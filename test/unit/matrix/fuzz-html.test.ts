import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeHtml, htmlToPlain, sanitize } from '../../../src/matrix/html.ts'

/** `VIADUCT_FUZZ_ITERATIONS` runs longer. */
const numRuns = Number(process.env['VIADUCT_FUZZ_ITERATIONS'] ?? 2_000)

const TAGS =
  'del h1 blockquote p a ul ol sup sub li b i u strong em s code hr br div table thead tbody tr th td caption pre span img details summary'.split(
    ' ',
  )

/** Everything that the output may consist of; written apart from the code under test. */
const TAG =
  /<(?:\/(?<end>[a-z0-9]+)|(?<start>[a-z0-9]+)(?<attributes>(?: (?:data-mx-emoticon|data-mx-spoiler|data-mx-maths|alt|title)| [a-z-]+="[^"<>]*")*))>/y
const ATTRIBUTE = / (?<name>[a-z-]+)="(?<value>[^"<>]*)"/g
const VALUES: Record<string, RegExp> = {
  href: /^(?:https?:\/\/|mailto:|magnet:\?|matrix:)/i,
  src: /^mxc:\/\/[^/]+\/[\w-]+$/,
  'data-mx-color': /^#[0-9a-f]{6}$/i,
  'data-mx-bg-color': /^#[0-9a-f]{6}$/i,
  width: /^\d+$/,
  height: /^\d+$/,
  start: /^-?\d+$/,
  class: /^language-/,
  alt: /^/,
  title: /^/,
  'data-mx-spoiler': /^/,
  'data-mx-maths': /^/,
}

/** Reads the output with a grammar of its own; the words say what is wrong with it. */
function faultOf(html: string): string | undefined {
  const open: string[] = []
  let at = 0
  while (at < html.length) {
    if (html[at] !== '<') {
      if (html[at] === '>' || html[at] === '"' || html[at] === "'") return `a bare ${html[at]} at ${at}`
      if (html[at] === '&' && !/^&(?:amp|lt|gt|quot|#39);/.test(html.slice(at, at + 6)))
        return `a bare & at ${at}`
      at++
      continue
    }
    TAG.lastIndex = at
    const groups = TAG.exec(html)?.groups
    if (groups === undefined) return `a strange tag at ${at}: ${html.slice(at, at + 40)}`
    const { start, end, attributes = '' } = groups
    const fault = attributeFault(attributes)
    if (fault !== undefined) return fault
    if (start !== undefined) {
      if (!TAGS.includes(start)) return `element ${start}`
      if (!['br', 'hr', 'img'].includes(start)) open.push(start)
    } else if (open.pop() !== end) return `unbalanced ${String(end)}`
    if (open.length > 100) return 'too deep'
    at = TAG.lastIndex
  }
  return open.length === 0 ? undefined : `unclosed ${open.join(' ')}`
}

function attributeFault(attributes: string): string | undefined {
  for (const { groups } of attributes.matchAll(ATTRIBUTE)) {
    const { name = '', value = '' } = groups ?? {}
    const allowed = VALUES[name]
    if (allowed === undefined) return `attribute ${name}`
    if (!allowed.test(value)) return `value ${name}=${value}`
  }
  return undefined
}

const pieces = fc.constantFrom(
  ...TAGS.flatMap((tag) => [`<${tag}>`, `</${tag}>`, `<${tag} `, `<${tag}/>`, `<${tag.toUpperCase()}\n`]),
  ...'script style svg math iframe object embed template noscript title textarea xmp plaintext noembed mx-reply font form input base meta link foreignObject annotation-xml mglyph'
    .split(' ')
    .flatMap((tag) => [`<${tag}>`, `</${tag}>`, `<${tag} `]),
  ' href=',
  ' src=',
  ' onerror=',
  ' onclick="x"',
  ' style="x:y"',
  ' alt=',
  ' title=',
  ' class=',
  ' data-mx-spoiler=',
  'javascript:alert(1)',
  'java\tscript:x',
  '&#106;avascript:',
  'data:text/html,x',
  'https://x.y',
  'mxc://a.b/c',
  '#ff0000',
  '"',
  "'",
  '>',
  '<',
  '/',
  '=',
  '`',
  '&',
  '&lt;',
  '&#60;',
  '&#x3c',
  '&quot;',
  '&colon;',
  '&NewLine;',
  '\0',
  '\n',
  ' ',
  '<!--',
  '-->',
  '--!>',
  '<!',
  '<?',
  '?>',
  '<![CDATA[',
  ']]>',
  '</',
  '\uD800',
  '\uDC00',
  '😀',
  'é',
  '\u2028',
  'x',
)

const adversarial = fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join(''))
const anything = fc.oneof(
  adversarial,
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
)

test('the grammar finds faults', () => {
  for (const bad of [
    '<script>',
    '<b>',
    '</b>',
    '<b onclick="x"></b>',
    '<a href="javascript:x"></a>',
    '<b',
    'a & b',
  ]) {
    expect(faultOf(bad)).toBeTypeOf('string')
  }
  expect(faultOf('<a href="https://x.y">a &amp; <br></a>')).toBeUndefined()
})

test('whatever comes in, only allowed and balanced HTML comes out', () => {
  fc.assert(
    fc.property(anything, (html) => {
      const out = sanitize(html)
      expect(faultOf(out), out).toBeUndefined()
      expect(out.isWellFormed()).toBe(true)
    }),
    { numRuns },
  )
})

test('sanitising twice changes nothing more', () => {
  fc.assert(
    fc.property(anything, (html) => {
      const once = sanitize(html)
      expect(sanitize(once)).toBe(once)
    }),
    { numRuns },
  )
})

test('escaped text survives as it was written', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (text) => {
      const escaped = escapeHtml(text)
      expect(sanitize(escaped)).toBe(escapeHtml(text.replaceAll('\0', '\uFFFD').toWellFormed()))
      expect(faultOf(escaped)).toBeUndefined()
    }),
    { numRuns },
  )
})

test('plain text never fails and holds no end of a script', () => {
  fc.assert(
    fc.property(anything, (html) => {
      expect(htmlToPlain(html)).toBeTypeOf('string')
      expect(htmlToPlain(`<script>${html.replaceAll('<', '')}</script>`)).toBe('')
    }),
    { numRuns },
  )
})
