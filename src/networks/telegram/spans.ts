import type { tl } from '@mtcute/core'

/** Text with its entities; offsets and lengths count UTF-16 units, as JavaScript's strings do. */
export type TgText = { text: string; entities: tl.TypeMessageEntity[] }

/** More than the service ever sends or takes in one message (about 100), and a bound for what is untrusted. */
const MOST_READ = 1_000

const splitsPair = (text: string, at: number): boolean =>
  at > 0 && at < text.length && isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at))

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff

/** Where a text may be cut next to `at`: never between the halves of a surrogate pair. */
export const wholeBefore = (text: string, at: number): number => (splitsPair(text, at) ? at - 1 : at)
const wholeAfter = (text: string, at: number): number => (splitsPair(text, at) ? at + 1 : at)

/** How many code points a text has; this is what Telegram's limits count. */
export function codePoints(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) if (!splitsPair(text, i) || i === 0) count++
  return count
}

/**
 * The entities that are really within the text: clipped to it, never half of a surrogate pair, not empty, sorted by
 * offset and the longer first. Total for every input.
 */
export function validSpans<E extends tl.TypeMessageEntity>(text: string, entities: readonly E[]): E[] {
  return entities
    .slice(0, MOST_READ)
    .flatMap((entity) => {
      const { offset, length } = entity
      if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || length <= 0) return []
      const start = wholeAfter(text, Math.max(0, offset))
      const end = wholeBefore(text, Math.min(text.length, offset + length))
      return end > start ? [{ ...entity, offset: start, length: end - start }] : []
    })
    .sort((a, b) => a.offset - b.offset || b.length - a.length)
}

/** Text without space around it, the entities moved along; the server does the same to what it is sent. */
export function trimmed({ text, entities }: TgText): TgText {
  const start = text.length - text.trimStart().length
  return part({ text, entities }, start, Math.max(start, text.trimEnd().length))
}

/** What stands between two offsets; entities that reach beyond are cut. */
export function part({ text, entities }: TgText, start: number, end: number): TgText {
  const cut = text.slice(start, end)
  const moved = entities.flatMap((entity) => {
    const from = Math.max(entity.offset, start)
    const to = Math.min(entity.offset + entity.length, end)
    return to > from ? [{ ...entity, offset: from - start, length: to - from }] : []
  })
  return { text: cut, entities: validSpans(cut, moved) }
}

/** One text behind another. */
export function joined(...texts: readonly TgText[]): TgText {
  let text = ''
  const entities: tl.TypeMessageEntity[] = []
  for (const each of texts) {
    for (const entity of each.entities) entities.push({ ...entity, offset: entity.offset + text.length })
    text += each.text
  }
  return { text, entities }
}

export const plain = (text: string): TgText => ({ text, entities: [] })

/** A text that is marked as a whole. */
export const marked = (text: string, kind: 'messageEntityBold' | 'messageEntityItalic'): TgText => ({
  text,
  entities: text === '' ? [] : [{ _: kind, offset: 0, length: text.length }],
})
