import type { tl } from '@mtcute/core'
import type { InlineImage, Mention } from '../../model/content.ts'
import type { RemoteUserId } from '../../model/ids.ts'
import { escapeHtml, safeLink, textToHtml, userLink } from '../shared/html.ts'
import { personId } from './ids.ts'
import { natural } from './natural.ts'
import { remoteSource } from './picture.ts'
import { validSpans } from './spans.ts'
import type { View } from './view.ts'

export type FromEntities = { body: string; html?: string; mentions: Mention[]; images?: InlineImage[] }

/** Tags around a piece of text. `rank`: smaller is further out; blocks contain lines, lines contain words. */
type Tag = { rank: number; open: string; close: string; block?: boolean; link?: boolean; verbatim?: boolean }
type Marked = { start: number; end: number; tag: Tag }
/** A piece of text in whose place something else is shown. */
type Replaced = { start: number; end: number; html: string }

type Looks = Pick<View, 'userIdOf' | 'userOfName' | 'emojiPicture'>

/** More of them in one message are left as text. */
const MOST_IMAGES = 20

const BLOCK = 0
const PRE = 1
const LINK = 2
const STYLE = 3
const CODE = 4

const inline = (name: string, rank = STYLE): Tag => ({ rank, open: `<${name}>`, close: `</${name}>` })

const STYLES: Readonly<Partial<Record<tl.TypeMessageEntity['_'], Tag>>> = {
  messageEntityBold: inline('strong'),
  messageEntityItalic: inline('em'),
  messageEntityUnderline: inline('u'),
  messageEntityStrike: inline('del'),
  messageEntityCode: inline('code', CODE),
  messageEntitySpoiler: { rank: STYLE, open: '<span data-mx-spoiler>', close: '</span>' },
  messageEntityBlockquote: { ...inline('blockquote', BLOCK), block: true },
  messageEntityDiffInsert: inline('u'),
  messageEntityDiffReplace: inline('u'),
  messageEntityDiffDelete: inline('del'),
}

/**
 * Text of Telegram as Matrix shows it. `html` is there only when there is something to show by it; it is written by this
 * function alone, balanced and escaped. Entities may overlap: a tag that another one cuts through is closed and opened
 * again. Total: any text and any entities give a text.
 */
export function fromEntities(
  text: string,
  entities: readonly tl.TypeMessageEntity[] | undefined,
  view: Looks,
): FromEntities {
  const mentions = new Map<string, Mention>()
  const images = new Map<string, InlineImage>()
  const replaced: Replaced[] = []
  const marks = validSpans(text, entities ?? []).flatMap((entity): Marked[] => {
    const said = text.slice(entity.offset, entity.offset + entity.length)
    const image = entity._ === 'messageEntityCustomEmoji' ? imageOf(entity, view) : undefined
    if (image !== undefined && (images.has(image.id) || images.size < MOST_IMAGES)) {
      images.set(image.id, image)
      replaced.push({
        start: entity.offset,
        end: entity.offset + entity.length,
        html: emoticon(image.id, said),
      })
      return []
    }
    const remote = mentioned(entity, said, view)
    if (remote !== undefined) {
      const user = view.userIdOf(remote)
      mentions.set(user, { user, remote, name: said })
    }
    const tag = remote === undefined ? tagOf(entity, said) : linkTag(userLink(view.userIdOf(remote)))
    return tag === undefined ? [] : [{ start: entity.offset, end: entity.offset + entity.length, tag }]
  })
  return {
    body: text,
    ...(marks.length + replaced.length > 0 && { html: write(text, marks, replaced) }),
    mentions: [...mentions.values()],
    ...(images.size > 0 && { images: [...images.values()] }),
  }
}

/** The picture of a custom emoji; undefined for one that moves, or of which nothing is known. */
function imageOf({ documentId }: tl.RawMessageEntityCustomEmoji, view: Looks): InlineImage | undefined {
  const id = documentId.toString()
  const sizeBytes = view.emojiPicture(id)
  if (sizeBytes === undefined) return undefined
  const source = remoteSource({ of: 'emoji', id })
  return {
    id,
    media: {
      kind: 'media',
      media: 'image',
      fileName: 'emoji.webp',
      mimeType: 'image/webp',
      sizeBytes,
      source,
    },
  }
}

/** As Matrix shows custom emoji (MSC2545); whoever cannot show pictures shows the text. */
const emoticon = (id: string, said: string): string =>
  `<img data-mx-emoticon src="inline:${id}" alt="${escapeHtml(said)}" title="${escapeHtml(said)}" height="32">`

/** Whom an entity names. */
function mentioned(
  entity: tl.TypeMessageEntity,
  said: string,
  view: Pick<View, 'userOfName'>,
): RemoteUserId | undefined {
  switch (entity._) {
    case 'messageEntityMentionName':
      return person(entity.userId)
    case 'messageEntityMention':
      return view.userOfName(said.replace(/^@/, ''))
    case 'messageEntityTextUrl': {
      const id = natural(/^tg:\/\/user\?id=(\d+)$/i.exec(entity.url)?.[1] ?? '')
      return id === undefined ? undefined : personId(id)
    }
    default:
      return undefined
  }
}

const person = (id: number): RemoteUserId | undefined =>
  Number.isSafeInteger(id) && id > 0 ? personId(id) : undefined

function tagOf(entity: tl.TypeMessageEntity, said: string): Tag | undefined {
  switch (entity._) {
    case 'messageEntityTextUrl':
      return linkTag(entity.url)
    case 'messageEntityUrl':
      return linkTag(/^[a-z][a-z0-9+.-]*:/i.test(said) ? said : `https://${said}`)
    case 'messageEntityEmail':
      return linkTag(`mailto:${said}`)
    case 'messageEntityMention':
      return /^@\w{3,}$/.test(said) ? linkTag(`https://t.me/${said.slice(1)}`) : undefined
    case 'messageEntityPre': {
      const language = /^[\w+#.-]{1,64}$/.test(entity.language) ? ` class="language-${entity.language}"` : ''
      return {
        rank: PRE,
        open: `<pre><code${language}>`,
        close: '</code></pre>',
        block: true,
        verbatim: true,
      }
    }
    default:
      return STYLES[entity._]
  }
}

function linkTag(href: string): Tag | undefined {
  const address = safeLink(href)
  if (address === undefined) return undefined
  return { rank: LINK, open: `<a href="${escapeHtml(address)}">`, close: '</a>', link: true }
}

function write(text: string, marks: Marked[], replaced: Replaced[]): string {
  const borders = [
    ...new Set([0, text.length, ...[...marks, ...replaced].flatMap(({ start, end }) => [start, end])]),
  ]
  borders.sort((a, b) => a - b)
  const open: Tag[] = []
  let out = ''
  /** Whether the text before ends with a block, which breaks the line by itself. */
  let afterBlock = false
  const closeDownTo = (depth: number) => {
    for (const tag of open.splice(depth).reverse()) {
      out += tag.close
      if (tag.block === true) afterBlock = true
    }
  }
  for (const [i, start] of borders.entries()) {
    const end = borders[i + 1]
    if (end === undefined) break
    const active = tagsAt(marks, start)
    const same = active.findIndex((tag, depth) => open[depth] !== tag)
    closeDownTo(same < 0 ? active.length : same)
    let piece = text.slice(start, end)
    if (afterBlock && piece.startsWith('\n')) piece = piece.slice(1)
    for (const tag of active.slice(open.length)) {
      if (tag.block === true && out.endsWith('<br>')) out = out.slice(0, -'<br>'.length)
      out += tag.open
      open.push(tag)
    }
    const verbatim = open.some((tag) => tag.verbatim === true)
    const instead = verbatim ? undefined : replaced.find((each) => each.start <= start && start < each.end)
    if (instead !== undefined) out += instead.start === start ? instead.html : ''
    else out += verbatim ? escapeHtml(piece) : textToHtml(piece)
    if (piece !== '') afterBlock = false
  }
  closeDownTo(0)
  return out
}

/** The tags over a place, outermost first. Links do not nest, and what is verbatim has no formats. */
function tagsAt(marks: readonly Marked[], at: number): Tag[] {
  const over = marks
    .filter(({ start, end }) => start <= at && at < end)
    .map(({ tag }) => tag)
    .sort((a, b) => a.rank - b.rank)
  const verbatim = over.some((tag) => tag.verbatim === true)
  const opens = new Set<string>()
  return over.filter((tag) => {
    const key = tag.link === true ? 'link' : tag.verbatim === true ? 'verbatim' : tag.open
    const shown = !opens.has(key) && (!verbatim || tag.verbatim === true || tag.rank === BLOCK)
    opens.add(key)
    return shown
  })
}
