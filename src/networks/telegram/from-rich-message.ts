import type { tl } from '@mtcute/core'
import { escapeHtml, safeLink, textToHtml, userLink } from '../shared/html.ts'
import { personId } from './ids.ts'
import type { Rich } from './rich.ts'
import type { View } from './view.ts'

type Looks = Pick<View, 'userIdOf'>
type Piece = { text: string; html: string }

/** Deeper nesting is cut; the service does not send it, a hostile one might. */
const DEEPEST = 50

/** A message that is laid out as an article is (`richMessage`): headings, lists, tables and code as HTML. */
export function fromRichMessage(message: tl.TypeRichMessage, view: Looks): Rich {
  const { text, html } = blocks(message.blocks, view, 0)
  return { body: text.trim(), html }
}

const piece = (text: string, tag?: string): Piece => {
  const html = textToHtml(text)
  return { text, html: tag === undefined || text === '' ? html : `<${tag}>${html}</${tag}>` }
}

const wrap = ({ text, html }: Piece, tag: string): Piece => ({ text, html: `<${tag}>${html}</${tag}>` })

const paragraph = (inner: Piece): Piece => ({ text: `${inner.text}\n`, html: `<p>${inner.html}</p>` })

function join(pieces: readonly Piece[], between = ''): Piece {
  return { text: pieces.map(({ text }) => text).join(between), html: pieces.map(({ html }) => html).join('') }
}

function blocks(all: readonly tl.TypePageBlock[], view: Looks, depth: number): Piece {
  return depth > DEEPEST ? piece('…') : join(all.map((block) => blockOf(block, view, depth + 1)))
}

function blockOf(block: tl.TypePageBlock, view: Looks, depth: number): Piece {
  const line = (text: tl.TypeRichText) => richText(text, view, depth)
  const heading = (text: tl.TypeRichText, level: number): Piece => {
    const inner = line(text)
    return { text: `${inner.text}\n`, html: `<h${level}>${inner.html}</h${level}>` }
  }
  switch (block._) {
    case 'pageBlockTitle':
    case 'pageBlockHeading1':
      return heading(block.text, 1)
    case 'pageBlockHeader':
    case 'pageBlockHeading2':
      return heading(block.text, 2)
    case 'pageBlockSubtitle':
    case 'pageBlockSubheader':
    case 'pageBlockHeading3':
      return heading(block.text, 3)
    case 'pageBlockHeading4':
      return heading(block.text, 4)
    case 'pageBlockHeading5':
      return heading(block.text, 5)
    case 'pageBlockHeading6':
      return heading(block.text, 6)
    case 'pageBlockParagraph':
    case 'pageBlockFooter':
    case 'pageBlockKicker':
    case 'pageBlockThinking':
      return paragraph(line(block.text))
    case 'pageBlockAuthorDate':
      return paragraph(line(block.author))
    case 'pageBlockPreformatted': {
      const language = /^[\w+#.-]{1,64}$/.test(block.language) ? ` class="language-${block.language}"` : ''
      const { text } = line(block.text)
      return { text: `${text}\n`, html: `<pre><code${language}>${escapeHtml(text)}</code></pre>` }
    }
    case 'pageBlockBlockquote':
    case 'pageBlockPullquote':
      return wrap(join([paragraph(line(block.text)), captionOf(line(block.caption))]), 'blockquote')
    case 'pageBlockBlockquoteBlocks':
      return wrap(join([blocks(block.blocks, view, depth), captionOf(line(block.caption))]), 'blockquote')
    case 'pageBlockDivider':
      return { text: '———\n', html: '<hr>' }
    case 'pageBlockList':
      return list(block.items, view, depth)
    case 'pageBlockOrderedList':
      return orderedList(block, view, depth)
    case 'pageBlockTable':
      return table(block, view, depth)
    case 'pageBlockDetails':
      return join([paragraph(wrap(line(block.title), 'strong')), blocks(block.blocks, view, depth)])
    case 'pageBlockMath':
      return paragraph(piece(block.source, 'code'))
    case 'pageBlockCover':
      return depth > DEEPEST ? piece('') : blockOf(block.cover, view, depth + 1)
    case 'pageBlockCollage':
    case 'pageBlockSlideshow':
      return join([blocks(block.items, view, depth), captionOf(line(block.caption.text))])
    case 'pageBlockPhoto':
      return attached('picture', line(block.caption.text))
    case 'pageBlockVideo':
      return attached('video', line(block.caption.text))
    case 'pageBlockAudio':
      return attached('audio', line(block.caption.text))
    case 'pageBlockEmbed':
    case 'pageBlockEmbedPost':
      return attached(block.url ?? 'embedded page', line(block.caption.text))
    case 'pageBlockMap':
      return attached('map', line(block.caption.text))
    case 'pageBlockAnchor':
      return piece('')
    default:
      return paragraph(piece('[something that only the Telegram app shows]', 'em'))
  }
}

const captionOf = (inner: Piece): Piece => (inner.text === '' ? inner : paragraph(wrap(inner, 'em')))

const attached = (what: string, caption: Piece): Piece =>
  paragraph(join([piece(`[${what}]`, 'em'), ...(caption.text === '' ? [] : [caption])], ' '))

function list(items: readonly tl.TypePageListItem[], view: Looks, depth: number): Piece {
  const all = items.map((item) => {
    const inner =
      item._ === 'pageListItemText' ? richText(item.text, view, depth) : blocks(item.blocks, view, depth)
    return { text: `• ${inner.text.trimEnd()}\n`, html: `<li>${inner.html}</li>` }
  })
  return wrap(join(all), 'ul')
}

function orderedList(of: tl.RawPageBlockOrderedList, view: Looks, depth: number): Piece {
  const first = of.start ?? 1
  const all = of.items.map((item, i) => {
    const inner =
      item._ === 'pageListOrderedItemText'
        ? richText(item.text, view, depth)
        : blocks(item.blocks, view, depth)
    return { text: `${first + i}. ${inner.text.trimEnd()}\n`, html: `<li>${inner.html}</li>` }
  })
  const { text, html } = join(all)
  return { text, html: `<ol${first === 1 ? '' : ` start="${first}"`}>${html}</ol>` }
}

function table(of: tl.RawPageBlockTable, view: Looks, depth: number): Piece {
  const title = richText(of.title, view, depth)
  const rows = of.rows.map((row) => {
    const cells = row.cells.map((cell) => {
      const inner = cell.text === undefined ? piece('') : richText(cell.text, view, depth)
      return wrap(inner, cell.header === true ? 'th' : 'td')
    })
    const { text, html } = join(cells, ' | ')
    return { text: `${text}\n`, html: `<tr>${html}</tr>` }
  })
  const head = title.text === '' ? [] : [paragraph(wrap(title, 'strong'))]
  return join([...head, wrap(join(rows), 'table')])
}

function richText(text: tl.TypeRichText, view: Looks, depth: number): Piece {
  if (depth > DEEPEST) return piece('…')
  const inner = (of: tl.TypeRichText) => richText(of, view, depth + 1)
  const link = (of: tl.TypeRichText, address: string): Piece => {
    const { text: words, html } = inner(of)
    const safe = safeLink(address)
    return safe === undefined
      ? { text: words, html }
      : { text: words, html: `<a href="${escapeHtml(safe)}">${html}</a>` }
  }
  switch (text._) {
    case 'textEmpty':
      return piece('')
    case 'textPlain':
      return piece(text.text)
    case 'textBold':
    case 'textMarked':
      return wrap(inner(text.text), 'strong')
    case 'textItalic':
      return wrap(inner(text.text), 'em')
    case 'textUnderline':
      return wrap(inner(text.text), 'u')
    case 'textStrike':
      return wrap(inner(text.text), 'del')
    case 'textFixed':
      return wrap(inner(text.text), 'code')
    case 'textSubscript':
      return wrap(inner(text.text), 'sub')
    case 'textSuperscript':
      return wrap(inner(text.text), 'sup')
    case 'textSpoiler': {
      const { text: words, html } = inner(text.text)
      return { text: words, html: `<span data-mx-spoiler>${html}</span>` }
    }
    case 'textUrl':
      return link(text.text, text.url)
    case 'textEmail':
      return link(text.text, `mailto:${text.email}`)
    case 'textAutoUrl': {
      const address = inner(text.text).text
      return link(text.text, /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `https://${address}`)
    }
    case 'textAutoEmail':
      return link(text.text, `mailto:${inner(text.text).text}`)
    case 'textMentionName':
      return text.userId > 0 && Number.isSafeInteger(text.userId)
        ? link(text.text, userLink(view.userIdOf(personId(text.userId))))
        : inner(text.text)
    case 'textConcat':
      return join(text.texts.map(inner))
    case 'textCustomEmoji':
      return piece(text.alt)
    case 'textMath':
      return piece(text.source, 'code')
    case 'textImage':
      return piece('[picture]', 'em')
    default:
      return inner(text.text)
  }
}
