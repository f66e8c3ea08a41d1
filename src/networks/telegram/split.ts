import type { tl } from '@mtcute/core'
import { codePoints, joined, part, plain, trimmed, wholeBefore } from './spans.ts'
import type { TgText } from './spans.ts'

/** Characters of a text (`message_length_max`, core.telegram.org/api/config). */
export const TEXT_LIMIT = 4_096

/** The service ignores what comes after about so many. */
export const MOST_ENTITIES = 100

/** Entities that make no sense in halves. */
const WHOLE: ReadonlySet<tl.TypeMessageEntity['_']> = new Set([
  'inputMessageEntityMentionName',
  'messageEntityCode',
  'messageEntityCustomEmoji',
  'messageEntityMentionName',
  'messageEntityTextUrl',
])

/** A part is at least this full, unless nothing else is possible: better half an entity than a part of three words. */
const LEAST_FILLED = 0.5

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/**
 * Cuts a text into parts of at most `limit` code points, at the end of a paragraph, a line, a sentence or a word, else
 * between two graphemes. A link, a mention or a piece of code goes into one part whenever it fits; other formats go on
 * in the next part. No part is empty or has more than 100 entities; an empty text gives no parts.
 */
export function split(text: TgText, limit: number): TgText[] {
  const parts: TgText[] = []
  let rest = trimmed(text)
  while (rest.text !== '') {
    const end = cutAt(rest, limit)
    const head = trimmed(part(rest, 0, end))
    if (head.text !== '') parts.push(limited(head))
    rest = trimmed(part(rest, end, rest.text.length))
  }
  return parts
}

/** The first part within its own limit, as of a caption, the others within the limit of a text. */
export function splitAfter(
  text: TgText,
  firstLimit: number,
  limit: number,
): { first: TgText; rest: TgText[] } {
  const whole = trimmed(text)
  if (whole.text === '') return { first: plain(''), rest: [] }
  const end = cutAt(whole, firstLimit)
  const first = limited(trimmed(part(whole, 0, end)))
  return { first, rest: split(part(whole, end, whole.text.length), limit) }
}

/** The same words before each part, so that it is known who speaks. */
export function splitWithLead(lead: TgText, text: TgText, limit: number): TgText[] {
  const room = Math.max(1, limit - codePoints(lead.text))
  return split(text, room).map((each) => limited(joined(lead, each)))
}

function cutAt({ text, entities }: TgText, limit: number): number {
  const most = indexOfCodePoint(text, limit)
  if (most >= text.length) return text.length
  const least = Math.floor(most * LEAST_FILLED)
  const whole = entities.filter((entity) => WHOLE.has(entity._))
  const fits = (at: number) =>
    at > 0 && at <= most && !whole.some(({ offset, length }) => offset < at && at < offset + length)
  for (const border of [/\n{2,}/g, /\n/g, /[.!?…。！？]+["'”’)\]]*\s/g, /\s+/g]) {
    const at = lastEnd(text, border, most, fits)
    if (at !== undefined && at >= least) return at
  }
  const cut = betweenGraphemes(text, most)
  const broken = whole.find(({ offset, length }) => offset < cut && cut < offset + length)
  return broken !== undefined && broken.offset >= least && broken.offset > 0 ? broken.offset : cut
}

/** The end of the last match that ends, or begins, early enough. */
function lastEnd(
  text: string,
  border: RegExp,
  most: number,
  fits: (at: number) => boolean,
): number | undefined {
  let found: number | undefined
  // One more unit, so that a border right behind the last character counts.
  for (const match of text.slice(0, most + 1).matchAll(border)) {
    const end = match.index + match[0].length
    if (fits(end)) found = end
    else if (fits(match.index)) found = match.index
  }
  return found
}

function betweenGraphemes(text: string, most: number): number {
  const window = Math.max(0, wholeBefore(text, most - 100))
  let cut = 0
  for (const { index } of graphemes.segment(text.slice(window, most + 100))) {
    if (index > 0 && window + index <= most) cut = window + index
  }
  return cut > 0 ? cut : Math.max(1, wholeBefore(text, most))
}

function indexOfCodePoint(text: string, count: number): number {
  let index = 0
  for (let seen = 0; seen < count && index < text.length; seen++) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1
  }
  return index
}

const WEIGHTS: Readonly<Partial<Record<tl.TypeMessageEntity['_'], number>>> = {
  inputMessageEntityMentionName: 0,
  messageEntityTextUrl: 1,
  messageEntitySpoiler: 2,
  messageEntityPre: 3,
}
const WEIGHT = 4

/** Not more entities than the service reads: those without which something is lost come first, then the earliest. */
function limited({ text, entities }: TgText): TgText {
  if (entities.length <= MOST_ENTITIES) return { text, entities }
  const kept = [...entities]
    .sort((a, b) => (WEIGHTS[a._] ?? WEIGHT) - (WEIGHTS[b._] ?? WEIGHT) || a.offset - b.offset)
    .slice(0, MOST_ENTITIES)
    .sort((a, b) => a.offset - b.offset || b.length - a.length)
  return { text, entities: kept }
}
