const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** One grapheme can be made of any number of marks; longer ones count as several. */
const LONGEST_GRAPHEME = 32

/** The beginning of a text on one line, at most `max` graphemes, with an ellipsis when there is more. */
export function excerptOf(text: string, max: number): string {
  const line = text.slice(0, max * LONGEST_GRAPHEME + 1_000).toWellFormed()
  const flat = line.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  let out = ''
  let count = 0
  for (const { segment } of graphemes.segment(flat)) {
    if (count === max) return `${out.trimEnd()}…`
    out += segment.length > LONGEST_GRAPHEME ? segment.slice(0, LONGEST_GRAPHEME).toWellFormed() : segment
    count++
  }
  return out
}
