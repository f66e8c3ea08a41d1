import { walkHtml } from './html-walk.ts'
import { cleanText, isMxc } from './untrusted.ts'

export { htmlToPlain } from './plain.ts'

/** Specification, "m.room.message msgtypes", with the older elements that are turned into present ones below. */
const ALLOWED = new Set(
  (
    'del h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em s code hr br div table thead tbody tr th td ' +
    'caption pre span img details summary font strike tt'
  ).split(' '),
)

const RENAMED: Readonly<Record<string, string>> = { font: 'span', strike: 'del', tt: 'code' }
const VOID = new Set(['br', 'hr', 'img'])
const LINK = /^(?:https?:\/\/[^/]|mailto:|magnet:\?|matrix:)/i
const COLOUR = /^#[0-9a-f]{6}$/i
const LANGUAGE = /^language-[\w+#.-]{1,64}$/
const LONGEST_ATTRIBUTE = 4_096

type Check = (value: string) => string | undefined

const anyText: Check = (value) => value
const colour: Check = (value) => (COLOUR.test(value) ? value : undefined)
const size: Check = (value) => (/^\d{1,5}$/.test(value) ? value : undefined)
const link: Check = (value) => safeLink(value)
const media: Check = (value) => (isMxc(value) ? value : undefined)
const language: Check = (value) => {
  const classes = value.split(/\s+/).filter((one) => LANGUAGE.test(one))
  return classes.length > 0 ? classes.join(' ') : undefined
}

const ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  span: {
    'data-mx-bg-color': colour,
    'data-mx-color': colour,
    'data-mx-spoiler': anyText,
    'data-mx-maths': anyText,
  },
  font: { 'data-mx-bg-color': colour, 'data-mx-color': colour, color: colour },
  div: { 'data-mx-maths': anyText },
  a: { href: link },
  img: {
    src: media,
    alt: anyText,
    title: anyText,
    width: size,
    height: size,
    'data-mx-emoticon': () => '',
  },
  ol: { start: (value) => (/^-?\d{1,9}$/.test(value) ? value : undefined) },
  code: { class: language },
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as HTML that shows exactly this text, also inside a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c)

/** The link when its scheme is safe, without the control characters that browsers skip over; undefined otherwise. */
export function safeLink(link: string): string | undefined {
  const plain = link.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '').trim()
  return LINK.test(plain) ? plain : undefined
}

/**
 * The subset of HTML that Matrix allows. The output is written by this function alone, tag by tag: balanced, at most 100
 * deep, every attribute checked and quoted. Elements that are not allowed leave their text behind.
 */
export function sanitize(html: string): string {
  let out = ''
  walkHtml(html, ALLOWED, {
    open: (tag, attributes) => {
      if (tag === 'img' && !isMxc(attributes.get('src'))) {
        out += escapeHtml(cleanText(attributes.get('alt') ?? ''))
        return
      }
      out += `<${RENAMED[tag] ?? tag}${written(tag, attributes)}>`
    },
    close: (tag) => {
      if (!VOID.has(tag)) out += `</${RENAMED[tag] ?? tag}>`
    },
    text: (text) => {
      out += escapeHtml(cleanText(text))
    },
  })
  return out
}

function written(tag: string, attributes: ReadonlyMap<string, string>): string {
  let out = ''
  const names = new Set<string>()
  for (const [name, check] of Object.entries(ATTRIBUTES[tag] ?? {})) {
    const value = attributes.get(name)
    const checked = value === undefined || value.length > LONGEST_ATTRIBUTE ? undefined : check(value)
    const target = name === 'color' ? 'data-mx-color' : name
    if (checked === undefined || names.has(target)) continue
    names.add(target)
    out += checked === '' ? ` ${target}` : ` ${target}="${escapeHtml(cleanText(checked))}"`
  }
  return out
}
