import { Parser } from 'htmlparser2'
import type { tl } from '@mtcute/core'
import { saysAddress, userOfLink } from '../shared/links.ts'
import { plain, trimmed } from './spans.ts'
import type { TgText } from './spans.ts'
import { TextWriter } from './text-writer.ts'

/** How somebody is named on Telegram. By their id if the account can reach them, else by their user name. */
export type TgMention = { user?: tl.TypeInputUser; username?: string }

export type ToEntities = {
  /** The person of Telegram behind a Matrix user. */
  mention(user: string): TgMention | undefined
}

type Attributes = Record<string, string>
type Frame = {
  name: string
  /** Entities that this element has opened. */
  opened: number
  skip: boolean
  verbatim: boolean
  /** Within code, where nothing else is marked. */
  code: boolean
  active: ReadonlySet<string>
  indented: boolean
  href?: { address: string; from: number }
  /** The code block that this is in. */
  pre?: tl.RawMessageEntityPre
  /** Nothing of it was written yet. */
  fresh: boolean
  /** Blocks and cells in it so far. */
  blocks: number
  cells: number
  item: number
}

const LONGEST_HTML = 131_072
const DEEPEST = 100

type Simple = 'Bold' | 'Italic' | 'Underline' | 'Strike' | 'Code'

const STYLES: Readonly<Record<string, Simple>> = {
  b: 'Bold',
  strong: 'Bold',
  h1: 'Bold',
  h2: 'Bold',
  h3: 'Bold',
  h4: 'Bold',
  h5: 'Bold',
  h6: 'Bold',
  th: 'Bold',
  em: 'Italic',
  i: 'Italic',
  u: 'Underline',
  ins: 'Underline',
  del: 'Strike',
  s: 'Strike',
  strike: 'Strike',
  code: 'Code',
  tt: 'Code',
}

const BLOCKS = new Set(
  'address article aside blockquote caption center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header li main nav ol p pre section summary table tr ul'.split(
    ' ',
  ),
)

/** Blocks that stand apart from those before them. */
const APART = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'])

const UNSEEN = new Set(['mx-reply', 'script', 'style', 'template', 'title', 'head'])

/** Plain text of Matrix as Telegram takes it. */
export const toPlain = (body: string): TgText => trimmed(plain(clean(body).replace(/\r\n?/g, '\n')))

/**
 * Matrix HTML as text and entities. Headings become bold lines, lists and tables lines of text; a tag that is not known
 * counts for nothing, its text stays. Total: any input gives a text whose entities lie within it.
 */
export function toEntities(html: string, o: ToEntities): TgText {
  const out = new TextWriter()
  const bottom: Frame = {
    name: '',
    opened: 0,
    skip: false,
    verbatim: false,
    code: false,
    active: new Set(),
    indented: false,
    fresh: false,
    blocks: 0,
    cells: 0,
    item: 1,
  }
  const stack: Frame[] = []
  const top = () => stack.at(-1) ?? bottom

  const open = (name: string, attributes: Attributes) => {
    const around = top()
    const frame: Frame = {
      ...around,
      name,
      opened: 0,
      indented: false,
      fresh: false,
      blocks: 0,
      cells: 0,
      item: 1,
    }
    delete frame.href
    frame.skip = around.skip || UNSEEN.has(name) || stack.length >= DEEPEST
    if (name === 'ol' && /^\d{1,6}$/.test(attributes['start'] ?? '')) frame.item = Number(attributes['start'])
    stack.push(frame)
    if (!frame.skip) enter(frame, around, attributes)
  }

  const mark = (frame: Frame, entity: tl.TypeMessageEntity, key: string = entity._) => {
    if (frame.code || frame.active.has(key)) return
    out.begin(entity)
    frame.opened++
    frame.active = new Set([...frame.active, key])
  }

  const enter = (frame: Frame, around: Frame, attributes: Attributes) => {
    const { name } = frame
    if (BLOCKS.has(name)) out.block(around.blocks++ > 0 && APART.has(name) ? 2 : 1)
    switch (name) {
      case 'br':
        out.lineBreak()
        break
      case 'hr':
        out.block()
        out.inline('———')
        out.block()
        break
      case 'blockquote':
        mark(frame, { _: 'messageEntityBlockquote', offset: 0, length: 0 })
        break
      case 'pre': {
        const pre: tl.RawMessageEntityPre = { _: 'messageEntityPre', offset: 0, length: 0, language: '' }
        mark(frame, pre)
        Object.assign(frame, { pre, verbatim: true, code: true, fresh: true })
        break
      }
      case 'code': {
        const language = /(?:^|\s)language-([\w+#.-]{1,64})/.exec(attributes['class'] ?? '')?.[1]
        if (frame.pre?.language === '' && language !== undefined) frame.pre.language = language
        frame.fresh = around.fresh
        break
      }
      case 'li': {
        const marker = around.name === 'ol' ? `${around.item++}. ` : '• '
        out.indent(marker, ' '.repeat(marker.length))
        frame.indented = true
        break
      }
      case 'td':
      case 'th':
        if (around.cells++ > 0) out.inline(' | ')
        break
      case 'img':
        out.inline(clean(attributes['alt'] ?? attributes['title'] ?? ''))
        break
      case 'a':
        link(frame, attributes['href'] ?? '')
        break
      default:
        break
    }
    const style = Object.hasOwn(STYLES, name) ? STYLES[name] : undefined
    if (style !== undefined) mark(frame, { _: `messageEntity${style}`, offset: 0, length: 0 })
    if (style === 'Code') frame.code = true
    const tex = attributes['data-mx-maths']
    if (tex !== undefined) formula(frame, tex)
    const reason = attributes['data-mx-spoiler']
    if (reason !== undefined) {
      if (reason !== '') out.inline(`(${clean(reason)}) `)
      mark(frame, { _: 'messageEntitySpoiler', offset: 0, length: 0 })
    }
  }

  const formula = (frame: Frame, tex: string) => {
    mark(frame, { _: 'messageEntityCode', offset: 0, length: 0 })
    out.inline(clean(tex))
    frame.skip = true
  }

  const link = (frame: Frame, href: string) => {
    const user = userOfLink(href)
    const found = user === undefined ? undefined : o.mention(user)
    if (found?.user !== undefined) {
      const userId = found.user
      mark(frame, { _: 'inputMessageEntityMentionName', offset: 0, length: 0, userId }, 'link')
    } else if (found?.username !== undefined) {
      out.inline(`@${found.username}`)
      frame.skip = true
    } else if (user === undefined) {
      const address = href.replace(/[\0-\x20\x7f\u2028\u2029]/g, (c) => encodeURIComponent(c))
      frame.href = { address, from: out.last.length }
      if (/^(?:https?:\/\/|tg:)/i.test(address)) {
        mark(frame, { _: 'messageEntityTextUrl', offset: 0, length: 0, url: address }, 'link')
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
    const said = href === undefined ? '' : out.last.slice(href.from).trim()
    const same = href !== undefined && saysAddress(said, href.address)
    const url = frame.opened > 0 && frame.name === 'a' && href !== undefined
    for (let i = 0; i < frame.opened; i++) {
      // What is its own address becomes a link by itself.
      if (url && same) out.drop()
      else out.end()
    }
    if (href !== undefined && said === '') out.inline(href.address)
    else if (href !== undefined && !same && !url && SHOWN.test(href.address)) {
      out.inline(` (${href.address.replace(/^(?:mailto|tel):/i, '')})`)
    }
    if (frame.indented) out.outdent()
    if (!frame.skip && BLOCKS.has(frame.name)) out.block()
  }

  const parser = new Parser({
    onopentag: open,
    onclosetag: close,
    ontext(text) {
      const frame = top()
      if (frame.skip) return
      // HTML standard: the line break that begins a `pre` is not a part of it.
      if (frame.verbatim) out.verbatim(frame.fresh ? clean(text).replace(/^\r?\n/, '') : clean(text))
      else out.inline(clean(text))
      frame.fresh = false
    },
  })
  parser.end(html.slice(0, LONGEST_HTML))
  return out.finish()
}

/** Schemes that Telegram makes no links of, and that people can do something with. */
const SHOWN = /^(?:mailto|tel|magnet|geo|matrix|xmpp|sip|ftp):/i

/** Text without what is not to be seen, line breaks and tabs aside. */
const clean = (text: string): string => text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '')
