import { cleanText } from './untrusted.ts'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** One grapheme can be made of any number of marks; beyond this it is cut between code points. */
const LONGEST_GRAPHEME = 64

/** At most `max` UTF-16 units, never cut within a grapheme; with an ellipsis when something is missing. */
export function cutText(text: string, max: number): string {
  const clean = cleanText(text)
  return clean.length <= max ? clean : `${wholeGraphemes(clean, max - 1)}…`
}

/** The longest beginning of at most `max` UTF-8 bytes that ends between graphemes. */
export function cutBytes(text: string, max: number): string {
  const clean = cleanText(text)
  if (Buffer.byteLength(clean) <= max) return clean
  let low = 0
  let high = Math.min(clean.length, max)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (Buffer.byteLength(clean.slice(0, middle)) <= max) low = middle
    else high = middle - 1
  }
  return wholeGraphemes(clean, low)
}

function wholeGraphemes(text: string, max: number): string {
  const from = Math.max(0, max - LONGEST_GRAPHEME)
  let end = 0
  for (const { index, segment } of graphemes.segment(text.slice(from, max + LONGEST_GRAPHEME))) {
    if (from + index + segment.length > max) break
    end = from + index + segment.length
  }
  const cut = text.slice(0, end > from ? end : max)
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut
}
