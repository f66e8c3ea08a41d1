import type { Mention, RichText } from '../../model/content.ts'
import type { MatrixUserId, RemoteUserId } from '../../model/ids.ts'
import { escapeHtml, textToHtml, userLink } from '../shared/html.ts'

/** Somebody who is named in a text by the digits of their address. */
export type Mentioned = { digits: string; user: MatrixUserId; remote: RemoteUserId; name: string }

export type FromMarkup = RichText & { mentions?: Mention[] }

type Marker = '*' | '_' | '~' | '`'

/** faq.whatsapp.com, "How to format your messages". */
const TAGS: Readonly<Record<Marker, string>> = { '*': 'strong', _: 'em', '~': 'del', '`': 'code' }
const ALL: readonly Marker[] = ['*', '_', '~', '`']

/** Stands between a marker and its text where the marker is meant as a character (`to-markup.ts`). */
export const BREAKER = '\u200b'

const WORD = /[\p{L}\p{N}]/u
const LINK = /https?:\/\/[^\s<>]+/iy
const MENTION = /@(\d{5,20})/y

type Context = { people: ReadonlyMap<string, Mentioned>; used: Map<string, Mentioned>; formatted: boolean }

/**
 * WhatsApp's text as Matrix shows it. Mentions become pills where the message lists whom it mentions; `@` and digits
 * alone name nobody. Total, and its time grows with the text's length.
 */
export function fromMarkup(text: string, mentioned: readonly Mentioned[] = []): FromMarkup {
  const source = text.toWellFormed().replace(/\r\n?/g, '\n')
  const context: Context = {
    people: new Map(mentioned.map((each) => [each.digits, each])),
    used: new Map(),
    formatted: false,
  }
  const html = fences(source, context)
  const body = named(source, context.people)
  const mentions = [...context.used.values()].map(({ user, remote, name }) => ({ user, remote, name }))
  return { body, ...(context.formatted && { html }), ...(mentions.length > 0 && { mentions }) }
}

const named = (text: string, people: ReadonlyMap<string, Mentioned>): string =>
  text.replace(/@(\d{5,20})/g, (all, digits: string) => {
    const found = people.get(digits)
    return found === undefined ? all : `@${found.name}`
  })

/** Text between ``` is shown as it is, over several lines or within one. */
function fences(text: string, context: Context): string {
  const parts: string[] = []
  let from = 0
  for (;;) {
    const start = text.indexOf('```', from)
    const end = start < 0 ? -1 : text.indexOf('```', start + 3)
    if (end < 0) break
    const code = text.slice(start + 3, end)
    if (code.trim() === '') {
      parts.push(blocks(text.slice(from, end + 3), context))
    } else {
      const several = code.includes('\n')
      const before = text.slice(from, start)
      parts.push(blocks(several ? before.replace(/\n$/, '') : before, context))
      parts.push(several ? `<pre><code>${escapeHtml(code.replace(/^\n/, ''))}</code></pre>` : monospace(code))
      context.formatted = true
    }
    from = end + 3
    if (code.includes('\n') && text[from] === '\n') from++
  }
  parts.push(blocks(text.slice(from), context))
  return parts.join('')
}

const monospace = (code: string): string => `<code>${textToHtml(code)}</code>`

type Block = { kind: 'text' | 'quote' | 'ul' | 'ol'; lines: string[]; start?: number }

/** Lines by what they begin with: quotes, lists, text. */
function blocks(text: string, context: Context): string {
  if (text === '') return ''
  const all: Block[] = []
  for (const line of text.split('\n')) {
    const next = blockOf(line)
    const last = all.at(-1)
    if (last !== undefined && last.kind === next.kind) last.lines.push(...next.lines)
    else all.push(next)
  }
  return all.map((block) => render(block, context)).join('')
}

function blockOf(line: string): Block {
  const quote = /^> (.*\S.*)$/.exec(line)?.[1]
  if (quote !== undefined) return { kind: 'quote', lines: [quote] }
  const item = /^[-*] (.*\S.*)$/.exec(line)?.[1]
  if (item !== undefined) return { kind: 'ul', lines: [item] }
  const [, number, numbered] = /^(\d{1,3})\. (.*\S.*)$/.exec(line) ?? []
  if (numbered !== undefined) return { kind: 'ol', lines: [numbered], start: Number(number) }
  return { kind: 'text', lines: [line] }
}

function render({ kind, lines, start }: Block, context: Context): string {
  const inner = lines.map((line) => inline(line, ALL, context))
  if (kind === 'text') return inner.join('<br>')
  context.formatted = true
  if (kind === 'quote') return `<blockquote>${inner.join('<br>')}</blockquote>`
  const items = inner.map((item) => `<li>${item}</li>`).join('')
  const from = kind === 'ol' && start !== 1 ? ` start="${start}"` : ''
  return `<${kind}${from}>${items}</${kind}>`
}

const isSpace = (c: string | undefined): boolean => c === undefined || /\s/.test(c) || c === BREAKER

/** Whether a marker at `i` can begin something: not within a word, and its text follows at once. */
function opens(text: string, i: number): boolean {
  return !isWord(text, i, -1) && !isSpace(text[i + 1]) && text[i + 1] !== text[i]
}

function closes(text: string, i: number): boolean {
  return !isWord(text, i, 1) && !isSpace(text[i - 1])
}

function isWord(text: string, i: number, step: 1 | -1): boolean {
  const beside = step > 0 ? text.codePointAt(i + 1) : codePointBefore(text, i)
  return beside !== undefined && WORD.test(String.fromCodePoint(beside))
}

function codePointBefore(text: string, i: number): number | undefined {
  const low = text.charCodeAt(i - 1)
  return low >= 0xdc00 && low <= 0xdfff ? text.codePointAt(i - 2) : text.codePointAt(i - 1)
}

/** For every place where the next closing marker is; from the right, so that a long text costs one pass. */
function closers(text: string, marker: Marker): Int32Array {
  const next = new Int32Array(text.length + 1).fill(-1)
  for (let i = text.length - 1; i >= 0; i--) {
    next[i] = text[i] === marker && closes(text, i) ? i : (next[i + 1] ?? -1)
  }
  return next
}

function inline(text: string, allowed: readonly Marker[], context: Context): string {
  const ends = new Map<Marker, Int32Array>()
  let html = ''
  let plain = ''
  const flush = () => {
    html += textToHtml(plain)
    plain = ''
  }
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? ''
    const whole = c === 'h' || c === 'H' ? sticky(LINK, text, i) : undefined
    if (whole !== undefined && !isWord(text, i, -1)) {
      plain += whole
      i += whole.length - 1
      continue
    }
    const person = c === '@' ? context.people.get(sticky(MENTION, text, i)?.slice(1) ?? '') : undefined
    if (person !== undefined) {
      flush()
      html += `<a href="${userLink(person.user)}">@${escapeHtml(person.name)}</a>`
      context.formatted = true
      context.used.set(person.digits, person)
      i += person.digits.length
      continue
    }
    const marker = allowed.find((each) => each === c)
    if (marker !== undefined && opens(text, i)) {
      const table = ends.get(marker) ?? closers(text, marker)
      ends.set(marker, table)
      const end = table[i + 2] ?? -1
      if (end > i + 1) {
        flush()
        const inside = text.slice(i + 1, end)
        const others = allowed.filter((each) => each !== marker)
        html += `<${TAGS[marker]}>${marker === '`' ? textToHtml(inside) : inline(inside, others, context)}</${TAGS[marker]}>`
        context.formatted = true
        i = end
        continue
      }
    }
    plain += c
  }
  flush()
  return html
}

function sticky(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
