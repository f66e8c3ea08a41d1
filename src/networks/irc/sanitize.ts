import { stripFormat } from './format-codes.ts'

/**
 * Text from Matrix, fit for IRC: LF separates lines, as do U+2028 and U+2029, tabs are spaces; every other control byte
 * of C0 is gone, so that nobody can write format codes, CTCP or a second command.
 */
export function sanitizeText(text: string): string {
  return text
    .replace(/[\u2028\u2029]/g, '\n')
    .replaceAll('\t', ' ')
    .replace(/[\0-\x09\x0b-\x1f]/g, '')
    .toWellFormed()
}

/** Text for one line without formats: topics, reasons, real names. */
export function sanitizeLine(text: string): string {
  return sanitizeText(stripFormat(text)).replace(/\n+/g, ' ').trim()
}

/** A text without the given characters at its beginning; in linear time, which a pattern does not promise. */
export function trimStart(text: string, characters: string): string {
  let start = 0
  while (start < text.length && characters.includes(text.charAt(start))) start++
  return text.slice(start)
}

/** A text without the given characters at its end; in linear time, which a pattern does not promise. */
export function trimEnd(text: string, characters: string): string {
  let end = text.length
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

/** Text from IRC without what has no place in Matrix: control bytes of C0 other than LF and tab. */
export function dropControls(text: string): string {
  return text.replace(/[\0-\x08\x0b-\x1f]/g, '').toWellFormed()
}
