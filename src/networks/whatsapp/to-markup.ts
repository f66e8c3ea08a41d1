import { Parser } from 'htmlparser2'
import { saysAddress, userOfLink } from '../shared/links.ts'
import { writeLines } from './markup-lines.ts'
import type { Line, Style } from './markup-lines.ts'

export type ToMarkup = {
  /** The address by which a Matrix user is mentioned here; undefined for somebody who is not on WhatsApp. */
  mention(user: string): string | undefined
}

/** Text as WhatsApp takes it, and the addresses that it mentions. */
export type WaText = { text: string; mentioned: string[] }

type Frame = {
  name: string
  skip: boolean
  code: boolean
  pre: boolean
  quotes: number
  styles: ReadonlySet<Style>
  lists: number
  item: number
  marker?: string
  href?: { address: string; from: number }
}

const LONGEST_HTML = 131_072
const DEEPEST = 100

const STYLES: Readonly<Record<string, Style>> = {
  b: 'bold',
  strong: 'bold',
  h1: 'bold',
  h2: 'bold',
  h3: 'bold',
  h4: 'bold',
  h5: 'bold',
  h6: 'bold',
  th: 'bold',
  em: 'italic',
  i: 'italic',
  del: 'strike',
  s: 'strike',
  strike: 'strike',
  code: 'code',
  tt: 'code',
}

const BLOCKS = new Set(
  'address article aside blockquote caption center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tr ul'.split(
    ' ',
  ),
)
/** Blocks that stand apart from those before them. */
const APART = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'pre', 'blockquote', 'table'])
const UNSEEN = new Set(['mx-reply', 'script', 'style', 'template', 'title', 'head'])

/** Plain text of Matrix: it shows on WhatsApp as it was written. */
export function toPlain(body: string): string {
  const lines = clean(body).replace(/\r\n?/g, '\n').trim().split('\n')
  return writeLines(lines.map((line) => ({ prefix: '', runs: [{ text: line, styles: new Set() }] })))
}

/**
 * Matrix HTML as WhatsApp's text. What WhatsApp has no mark for is left as words; a tag that is not known counts for
 * nothing, its text stays. Total for every input.
 */
export function toMarkup(html: string, o: ToMarkup): WaText {
  const bottom: Frame = {
    name: '',
    skip: false,
    code: false,
    pre: false,
    quotes: 0,
    styles: new Set(),
    lists: 0,
    item: 1,
  }
  const stack: Frame[] = []
  const lines: Line[] = []
  const mentioned = new Set<string>()
  let line: Line | undefined
  let space = false
  let apart = false
  let marker: string | undefined
  const top = () => stack.at(-1) ?? bottom
  const prefix = (frame: Frame) => {
    const indent = '  '.repeat(Math.max(0, frame.lists - 1))
    const begin = marker ?? (frame.lists > 0 ? ' '.repeat(frame.marker?.length ?? 0) : '')
    marker = undefined
    return `${frame.quotes > 0 ? '> ' : ''}${indent}${begin}`
  }
  const current = (): Line => {
    if (line !== undefined) return line
    const frame = top()
    if (apart && lines.length > 0) lines.push({ prefix: '', runs: [] })
    apart = false
    line = { prefix: prefix(frame), runs: [], ...(frame.pre && { fenced: true }) }
    lines.push(line)
    return line
  }
  const block = (far = false) => {
    line = undefined
    space = false
    apart ||= far
  }
  const lineBreak = () => {
    current()
    line = undefined
    space = false
  }
  const write = (text: string, exact = false) => {
    if (text === '') return
    const into = current()
    const { styles } = top()
    if (space && into.runs.length > 0) into.runs.push({ text: ' ', styles })
    space = false
    into.runs.push({ text, styles, ...(exact && { exact }) })
  }
  const inline = (text: string) => {
    for (const piece of text.split(/([ \t\n\r\f]+)/)) {
      if (piece === '') continue
      if (/^[ \t\n\r\f]/.test(piece)) space ||= line !== undefined
      else write(piece)
    }
  }
  const verbatim = (text: string) => {
    for (const [i, part] of text.replace(/\r\n?/g, '\n').split('\n').entries()) {
      if (i > 0) lineBreak()
      write(part)
    }
  }

  const said = (from: number) =>
    lines
      .flatMap(({ runs }) => runs)
      .slice(from)
      .map(({ text }) => text)
      .join('')
      .trim()
  const runCount = () => lines.reduce((sum, { runs }) => sum + runs.length, 0)

  const open = (name: string, attributes: Record<string, string>) => {
    const around = top()
    const frame: Frame = { ...around, name, item: 1 }
    delete frame.href
    frame.skip = around.skip || UNSEEN.has(name) || stack.length >= DEEPEST
    if (!frame.skip && BLOCKS.has(name)) block(APART.has(name) && around.lists === 0)
    stack.push(frame)
    if (!frame.skip) enter(frame, around, attributes)
  }

  const enter = (frame: Frame, around: Frame, attributes: Record<string, string>) => {
    const style = Object.hasOwn(STYLES, frame.name) ? STYLES[frame.name] : undefined
    if (style !== undefined && !frame.pre && !frame.code) frame.styles = new Set([...frame.styles, style])
    if (style === 'code') frame.code = true
    switch (frame.name) {
      case 'br':
        lineBreak()
        break
      case 'hr':
        inline('———')
        block()
        break
      case 'blockquote':
        frame.quotes++
        break
      case 'pre':
        Object.assign(frame, { pre: true, styles: new Set<Style>() })
        break
      case 'ol':
      case 'ul':
        frame.lists++
        if (/^\d{1,6}$/.test(attributes['start'] ?? '')) frame.item = Number(attributes['start'])
        break
      case 'li':
        frame.marker = around.name === 'ol' ? `${around.item++}. ` : '- '
        marker = frame.marker
        break
      case 'td':
      case 'th':
        if (line !== undefined) inline(' | ')
        break
      case 'img':
        inline(clean(attributes['alt'] ?? attributes['title'] ?? ''))
        break
      case 'a':
        link(frame, attributes['href'] ?? '')
        break
      default:
        break
    }
    const tex = attributes['data-mx-maths']
    const reason = attributes['data-mx-spoiler']
    if (tex !== undefined) {
      write(clean(tex))
      frame.skip = true
    } else if (reason !== undefined) {
      inline(reason === '' ? '(spoiler) ' : `(spoiler: ${clean(reason)}) `)
    }
  }

  const link = (frame: Frame, href: string) => {
    const user = userOfLink(href)
    const address = user === undefined ? undefined : o.mention(user)
    if (address !== undefined) {
      mentioned.add(address)
      write(`@${address.slice(0, address.indexOf('@'))}`, true)
      frame.skip = true
    } else if (user === undefined) {
      frame.href = {
        address: href.replace(/[\0-\x20\x7f\u2028\u2029]/g, encodeURIComponent),
        from: runCount(),
      }
    }
  }

  const close = (name: string) => {
    const at = stack.findLastIndex((frame) => frame.name === name)
    if (at < 0) return
    for (const frame of stack.splice(at).reverse()) leave(frame)
  }

  const leave = (frame: Frame) => {
    const { href } = frame
    if (href !== undefined && SHOWN.test(href.address)) {
      const words = said(href.from)
      if (words === '') write(href.address, true)
      else if (!saysAddress(words, href.address)) {
        space = true
        write(`(${href.address})`, true)
      }
    }
    if (!frame.skip && BLOCKS.has(frame.name)) block(APART.has(frame.name) && top().lists === 0)
  }

  const parser = new Parser({
    onopentag: open,
    onclosetag: close,
    ontext(text) {
      const frame = top()
      if (frame.skip) return
      if (frame.pre) verbatim(line === undefined ? clean(text).replace(/^\r?\n/, '') : clean(text))
      else inline(clean(text))
    },
  })
  parser.end(html.slice(0, LONGEST_HTML))
  while (lines.at(-1)?.runs.length === 0) lines.pop()
  return { text: writeLines(lines).replace(/^\n+/, '').trimEnd(), mentioned: [...mentioned] }
}

/** Schemes with which people can do something. */
const SHOWN = /^(?:https?|mailto|tel|magnet|geo|matrix|xmpp|sip|ftp):/i

/** Text without what is not to be seen, line breaks and tabs aside. */
const clean = (text: string): string => text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '')
