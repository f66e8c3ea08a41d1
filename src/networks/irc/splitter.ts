import { applyCode, codesBetween, stripFormat, tokenise } from './format-codes.ts'
import type { Style } from './format-codes.ts'

/** One line of a split text. `concat`: it goes on the line before without an LF between (`draft/multiline-concat`). */
export type SplitLine = { text: string; concat: boolean }

/** Something that is not cut: a format code, or a grapheme (or a code point of one that is too long). */
type Unit = { text: string; bytes: number; code: boolean }

const SLACK_BYTES = 10
/** Below this the codes that open a line again could leave no room for its words. */
const SMALLEST_PAYLOAD = 48
/** CTCP framing: `\x01ACTION ` and `\x01`. */
export const ACTION_BYTES = 9

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Bytes of text that one line may carry so that it is whole when the server relays it:
 * `:nick!user@host COMMAND target :text`. Without a known prefix the longest usual one is assumed.
 */
export function payloadLimit(o: {
  nick: string
  user?: string | undefined
  host?: string | undefined
  command: string
  target: string
  lineLen: number
  /** Bytes of framing around the text, such as `ACTION_BYTES`. */
  extra?: number
}): number {
  const user = o.user === undefined ? 11 : Buffer.byteLength(o.user)
  const host = o.host === undefined ? 63 : Buffer.byteLength(o.host)
  const names = Buffer.byteLength(o.nick) + user + host + Buffer.byteLength(o.command + o.target)
  const punctuation = ':!@  :\r\n'.length + 1
  return Math.max(SMALLEST_PAYLOAD, o.lineLen - names - punctuation - SLACK_BYTES - (o.extra ?? 0))
}

/** Cuts a text, which may hold format codes and LF, into lines of at most `limitBytes`; less than 48 counts as 48. */
export function splitText(text: string, limitBytes: number): string[] {
  return splitLines(text, limitBytes).map((line) => line.text)
}

/**
 * As `splitText`, with the way back: joined as `concat` says, the lines are the text again, apart from format codes. A
 * format ends at an LF, as for any reader of IRC; where a line is cut it is opened again. Empty lines become one space;
 * at the beginning and the end of the text they are dropped.
 */
export function splitLines(text: string, limitBytes: number): SplitLine[] {
  const lines = text.split('\n').map((line) => (stripFormat(line) === '' ? '' : line))
  const first = lines.findIndex((line) => line !== '')
  if (first < 0) return []
  const last = lines.findLastIndex((line) => line !== '')
  return lines
    .slice(first, last + 1)
    .flatMap((line) => (line === '' ? [{ text: ' ', concat: false }] : cut(line, limitBytes)))
}

function cut(line: string, limitBytes: number): SplitLine[] {
  const limit = Math.max(SMALLEST_PAYLOAD, limitBytes)
  if (Buffer.byteLength(line) <= limit) return [{ text: line, concat: false }]
  const units = toUnits(line, limit)
  const pieces: SplitLine[] = []
  let style: Style = {}
  let at = 0
  while (at < units.length) {
    const opening = codesBetween({}, style, followingText(units, at))
    const end = endOfLine(units, at, limit - Buffer.byteLength(opening))
    const taken = units.slice(at, end)
    for (const unit of taken) if (unit.code) style = applyCode(style, unit.text)
    // Codes at the end of a line show nothing on it; what they began is opened again on the next.
    while (taken.at(-1)?.code === true) taken.pop()
    if (taken.length > 0) {
      pieces.push({ text: opening + taken.map((unit) => unit.text).join(''), concat: pieces.length > 0 })
    }
    at = end
  }
  return pieces
}

function toUnits(line: string, limit: number): Unit[] {
  return tokenise(line).flatMap((token): Unit[] => {
    if (token.code) return [toUnit(token.text, true)]
    return Array.from(graphemes.segment(token.text)).flatMap(({ segment }) =>
      Buffer.byteLength(segment) <= limit / 2
        ? [toUnit(segment, false)]
        : Array.from(segment, (c) => toUnit(c, false)),
    )
  })
}

const toUnit = (text: string, code: boolean): Unit => ({ text, bytes: Buffer.byteLength(text), code })

function followingText(units: Unit[], at: number): string {
  return units
    .slice(at, at + 2)
    .map((unit) => unit.text)
    .join('')
}

/** The index behind the last unit that goes on a line with so much room. */
function endOfLine(units: Unit[], start: number, room: number): number {
  let bytes = 0
  let end = start
  let afterSpace = start
  while (end < units.length) {
    const unit = units[end]
    if (unit === undefined || bytes + unit.bytes > room) break
    bytes += unit.bytes
    end++
    if (unit.text === ' ') afterSpace = end
  }
  if (end === units.length) return end
  if (afterSpace > start) return afterSpace
  return Math.max(end, start + 1)
}

/** Cuts a text to so many bytes of UTF-8, never inside a grapheme or a format code. */
export function cutBytes(text: string, limitBytes: number): string {
  if (Buffer.byteLength(text) <= limitBytes) return text
  let kept = ''
  let bytes = 0
  for (const token of tokenise(text)) {
    const parts = token.code
      ? [token.text]
      : Array.from(graphemes.segment(token.text), (part) => part.segment)
    for (const part of parts) {
      bytes += Buffer.byteLength(part)
      if (bytes > limitBytes) return kept
      kept += part
    }
  }
  return kept
}
