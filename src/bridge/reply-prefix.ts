import type { MessageContent, RichText, TextContent } from '../model/content.ts'
import type { Target } from '../model/remote-action.ts'
import { excerptOf } from './excerpt.ts'

/** Within this time a name before the text is enough to see what it answers. */
const RECENT_MS = 300_000

/**
 * Content that says in words what it answers: `nick: text` when the parent is recent and by another, otherwise
 * `nick: "beginning…" <- text`.
 */
export function withReplyPrefix(
  content: MessageContent,
  parent: Target,
  options: { at: Date; maxExcerpt: number },
): MessageContent {
  const recent = options.at.getTime() - parent.at.getTime() <= RECENT_MS
  const name = parent.own ? undefined : parent.authorName
  const excerpt = excerptOf(parent.excerpt ?? '', options.maxExcerpt)
  const quote = excerpt === '' || (recent && name !== undefined) ? undefined : `"${excerpt}" <-`
  const prefix = [name === undefined ? undefined : `${name}:`, quote].filter((part) => part !== undefined)
  if (prefix.length === 0) return content
  if (content.kind === 'text') return prefixed(content, prefix, name)
  if (content.kind === 'media') {
    const caption = content.caption ?? { body: '' }
    return { ...content, caption: before(prefix.join(' '), caption) }
  }
  return content
}

function prefixed(content: TextContent, prefix: string[], name: string | undefined): TextContent {
  // The line of an emote begins with its author, so that a name before it would read as another author.
  if (content.style === 'emote') {
    const suffix = prefix.join(' ').replace(/:$/, '').replace(/ <-$/, '')
    return { ...content, ...after(content, ` (to ${suffix})`) }
  }
  const called = name !== undefined && startsWithName(content.body, name)
  const wanted = called ? prefix.slice(1) : prefix
  return wanted.length === 0 ? content : { ...content, ...before(wanted.join(' '), content) }
}

/** Whether the text already calls the person, as in `nick: text`. */
function startsWithName(body: string, name: string): boolean {
  const start = body
    .replace(/^@/, '')
    .slice(0, name.length + 1)
    .toLowerCase()
  return start.startsWith(name.toLowerCase()) && /^[:,]$/.test(start.slice(name.length))
}

function before(prefix: string, text: RichText): RichText {
  const body = text.body === '' ? prefix : `${prefix} ${text.body}`
  if (text.html === undefined) return { body }
  const inside = /^<p>/.exec(text.html)?.[0] ?? ''
  return { body, html: `${inside}${escaped(prefix)} ${text.html.slice(inside.length)}` }
}

function after(text: RichText, suffix: string): RichText {
  const body = text.body + suffix
  return text.html === undefined ? { body } : { body, html: text.html + escaped(suffix) }
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
