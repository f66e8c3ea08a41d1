import { Parser } from 'htmlparser2'
import { readColour, toPalette } from './colours.ts'
import type { Colour } from './colours.ts'
import type { Style } from './format-codes.ts'
import { RunWriter } from './run-writer.ts'
import type { Run } from './format-parse.ts'
import { userOfLink } from '../shared/links.ts'
import { linkText } from './html-links.ts'

export type HtmlOptions = {
  /** The present nick of a Matrix user on this network. */
  mention(user: string): string | undefined
  /** Write colours as hexadecimal codes, which not every client knows, instead of the nearest of 16. */
  hexColours?: boolean
}

type Attributes = Record<string, string>
type Frame = {
  name: string
  style: Style
  skip: boolean
  pre: boolean
  entered: boolean
  link?: string
  cells: number
  item: number
}

const STYLES: Readonly<Record<string, Style>> = {
  b: { bold: true },
  code: { mono: true },
  del: { strike: true },
  em: { italic: true },
  h1: { bold: true },
  h2: { bold: true },
  h3: { bold: true },
  h4: { bold: true },
  h5: { bold: true },
  h6: { bold: true },
  i: { italic: true },
  pre: { mono: true },
  s: { strike: true },
  strike: { strike: true },
  strong: { bold: true },
  tt: { mono: true },
  u: { underline: true },
}

const BLOCKS = new Set(
  'address article aside blockquote caption center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header li main nav ol p pre section summary table tr ul'.split(
    ' ',
  ),
)

const UNSEEN = new Set(['mx-reply', 'script', 'style', 'template', 'title'])
const SPOILER_COLOUR = 1

/** Reads Matrix HTML into runs. Whatever tag is not known counts for nothing; its text stays. */
export function htmlToRuns(html: string, o: HtmlOptions): Run[] {
  const out = new RunWriter()
  const bottom: Frame = { name: '', style: {}, skip: false, pre: false, entered: true, cells: 0, item: 0 }
  const stack: Frame[] = []
  const top = () => stack.at(-1) ?? bottom

  const open = (name: string, attributes: Attributes) => {
    const around = top()
    const frame: Frame = {
      name,
      style: styleOf(name, attributes, around.style, o),
      skip: around.skip || UNSEEN.has(name),
      pre: around.pre || name === 'pre',
      entered: false,
      cells: 0,
      item: name === 'ol' ? firstItem(attributes['start']) : 1,
    }
    stack.push(frame)
    if (!frame.skip) enter(frame, around, attributes)
  }

  const enter = (frame: Frame, around: Frame, attributes: Attributes) => {
    const { name } = frame
    frame.entered = true
    if (BLOCKS.has(name)) out.block()
    if (name === 'br') out.lineBreak()
    if (name === 'hr') out.rule()
    if (name === 'blockquote') out.indent('> ', '> ')
    if (name === 'li') {
      const marker = around.name === 'ol' ? `${around.item++}. ` : '- '
      out.indent(marker, ' '.repeat(marker.length))
    }
    if (name === 'tr') out.row(true)
    if ((name === 'td' || name === 'th') && around.cells++ > 0) out.separator(' | ')
    if (name === 'img') out.inline(attributes['alt'] ?? attributes['title'] ?? '', frame.style)
    const tex = attributes['data-mx-maths']
    if (tex !== undefined) {
      out.inline(tex, frame.style)
      frame.skip = true
    }
    const reason = attributes['data-mx-spoiler']
    if (reason !== undefined && reason !== '') out.inline(`(${reason}) `, around.style)
    if (name === 'a') enterLink(frame, attributes['href'] ?? '')
  }

  const enterLink = (frame: Frame, href: string) => {
    const user = userOfLink(href)
    if (user === undefined) {
      frame.link = href
      out.startCapture()
      return
    }
    const nick = o.mention(user)
    if (nick === undefined) return
    out.pill(nick, frame.style)
    frame.skip = true
  }

  const close = (name: string) => {
    const at = stack.findLastIndex((frame) => frame.name === name)
    if (at < 0) return
    for (const frame of stack.splice(at).reverse()) {
      if (!frame.entered) continue
      if (frame.link !== undefined) out.inline(linkText(out.endCapture(), frame.link), top().style)
      if (frame.name === 'blockquote' || frame.name === 'li') out.outdent()
      if (frame.name === 'tr') out.row(false)
      if (BLOCKS.has(frame.name)) out.block()
    }
  }

  const parser = new Parser({
    onopentag: open,
    onclosetag: close,
    ontext(text) {
      const { skip, pre, style } = top()
      if (skip) return
      if (pre) out.verbatim(text, style)
      else out.inline(text, style)
    },
  })
  parser.end(html)
  return out.finish()
}

function styleOf(name: string, attributes: Attributes, around: Style, o: HtmlOptions): Style {
  const style = Object.hasOwn(STYLES, name) ? { ...around, ...STYLES[name] } : { ...around }
  // Colours inside a hidden text would show it.
  if (around.fg !== undefined && around.fg === around.bg) return style
  if (attributes['data-mx-spoiler'] !== undefined) return { ...style, fg: SPOILER_COLOUR, bg: SPOILER_COLOUR }
  const fg = colourOf(attributes['data-mx-color'] ?? (name === 'font' ? attributes['color'] : undefined), o)
  const bg = colourOf(attributes['data-mx-bg-color'], o)
  return { ...style, ...(fg === undefined ? {} : { fg }), ...(bg === undefined ? {} : { bg }) }
}

function colourOf(text: string | undefined, o: HtmlOptions): Colour | undefined {
  const hex = readColour(text)
  return hex === undefined || o.hexColours === true ? hex : toPalette(hex)
}

function firstItem(start: string | undefined): number {
  return start !== undefined && /^\d{1,6}$/.test(start) ? Number(start) : 1
}
