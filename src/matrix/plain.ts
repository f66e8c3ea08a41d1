import { walkHtml } from './html-walk.ts'

const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6']
const PARAGRAPHS = new Set(['p', ...HEADINGS])
const BLOCKS = new Set([
  ...PARAGRAPHS,
  ...'div blockquote pre ul ol li table caption tr hr details summary'.split(' '),
])
const KNOWN = new Set([...BLOCKS, ...'br a span img td th'.split(' ')])
const MOST_BREAKS = 3

/** HTML as text that reads well without markup: lists and quotes keep their marks, links their address. */
export function htmlToPlain(html: string): string {
  const writer = new PlainWriter()
  walkHtml(html, KNOWN, writer)
  return writer.out.trimEnd()
}

type Span = { suppresses: boolean }

class PlainWriter {
  out = ''
  private breaks = 0
  private space = false
  private quotes = 0
  private pre = 0
  private marker = ''
  private cells = 0
  private suppressed = 0
  private readonly lists: { next: number | undefined }[] = []
  private readonly spans: Span[] = []
  private readonly links: { href: string; from: number }[] = []

  open(tag: string, attributes: ReadonlyMap<string, string>): void {
    if (BLOCKS.has(tag)) this.block(tag)
    if (tag === 'br') this.breaks = Math.min(this.breaks + 1, MOST_BREAKS)
    else if (tag === 'blockquote') this.quotes++
    else if (tag === 'pre') this.pre++
    else if (tag === 'ul') this.lists.push({ next: undefined })
    else if (tag === 'ol') this.lists.push({ next: Number.parseInt(attributes.get('start') ?? '1', 10) || 1 })
    else if (tag === 'li') this.marker = this.itemMarker()
    else if (tag === 'tr') this.cells = 0
    else if (tag === 'td' || tag === 'th') this.cell()
    else if (tag === 'hr') this.emit('---')
    else if (tag === 'img') this.inline(attributes.get('alt') ?? attributes.get('title') ?? '')
    else if (tag === 'a') this.links.push({ href: attributes.get('href') ?? '', from: this.out.length })
    else if (tag === 'span' || tag === 'div') this.openSpan(attributes)
  }

  close(tag: string): void {
    if (tag === 'blockquote') this.quotes--
    else if (tag === 'pre') this.pre--
    else if (tag === 'ul' || tag === 'ol') this.lists.pop()
    else if (tag === 'li') this.marker = ''
    else if (tag === 'a') this.closeLink()
    else if (tag === 'span' || tag === 'div') {
      if (this.spans.pop()?.suppresses === true) this.suppressed--
    }
    if (BLOCKS.has(tag)) this.block(tag)
  }

  text(text: string): void {
    if (this.pre === 0) return this.inline(text)
    const [first = '', ...rest] = text.split(/\r?\n/)
    this.emit(first)
    for (const line of rest) {
      this.breaks++
      this.emit(line)
    }
  }

  private block(tag: string): void {
    const wanted = PARAGRAPHS.has(tag) && this.lists.length === 0 ? 2 : 1
    this.breaks = Math.max(this.breaks, wanted)
    this.space = false
  }

  private inline(text: string): void {
    const words = text.replace(/[ \t\r\n\f]+/g, ' ')
    if (words === '') return
    if (words.startsWith(' ')) this.space = true
    const trimmed = words.trim()
    if (trimmed === '') return
    this.emit(trimmed)
    this.space = words.endsWith(' ')
  }

  private emit(text: string): void {
    if (text === '' || this.suppressed > 0) return
    if (this.out === '' || this.breaks > 0) {
      const breaks = this.out === '' ? 0 : this.breaks
      this.out += '\n'.repeat(breaks) + '> '.repeat(this.quotes)
    } else if (this.space) this.out += ' '
    this.out += this.marker + text
    this.marker = ''
    this.breaks = 0
    this.space = false
  }

  private itemMarker(): string {
    const list = this.lists.at(-1)
    const indent = '  '.repeat(Math.max(0, this.lists.length - 1))
    return list?.next === undefined ? `${indent}- ` : `${indent}${list.next++}. `
  }

  private cell(): void {
    if (this.cells++ > 0) {
      this.space = true
      this.emit('|')
      this.space = true
    }
  }

  private closeLink(): void {
    const link = this.links.pop()
    if (link === undefined || link.href === '' || isMatrixLink(link.href)) return
    const text = this.out.slice(link.from).trim()
    if (text === link.href || `mailto:${text}` === link.href) return
    if (text !== '') this.space = true
    this.emit(text === '' ? link.href : `<${link.href}>`)
  }

  private openSpan(attributes: ReadonlyMap<string, string>): void {
    const spoiler = attributes.get('data-mx-spoiler')
    const maths = attributes.get('data-mx-maths')
    if (spoiler !== undefined) this.inline(spoiler === '' ? '[spoiler]' : `[spoiler: ${spoiler}]`)
    else if (maths !== undefined) this.inline(maths)
    const suppresses = spoiler !== undefined || maths !== undefined
    if (suppresses) this.suppressed++
    this.spans.push({ suppresses })
  }
}

/** A link to someone or something on Matrix: its text says it already. */
const isMatrixLink = (href: string): boolean => /^(?:matrix:|https:\/\/matrix\.to\/)/i.test(href)

/**
 * The text without the quote that clients put before a reply until version 1.13 of the specification. Only the exact
 * form of that fallback goes; a quote that someone wrote stays.
 */
export function stripReplyFallback(body: string): string {
  if (!/^> (?:\* )?<@[^\n>]+>/.test(body)) return body
  const lines = body.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('> ') && line !== '>')
  if (end < 0) return ''
  return lines.slice(lines[end] === '' ? end + 1 : end).join('\n')
}
