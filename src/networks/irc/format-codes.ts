import { nearestClassic, toHex } from './colours.ts'
import type { Colour } from './colours.ts'

/** How a stretch of text looks. Absent means not. */
export type Style = {
  bold?: boolean
  italic?: boolean
  underline?: boolean
  strike?: boolean
  mono?: boolean
  reverse?: boolean
  fg?: Colour
  bg?: Colour
}

export const TOGGLES = [
  ['\x02', 'bold'],
  ['\x1d', 'italic'],
  ['\x1f', 'underline'],
  ['\x1e', 'strike'],
  ['\x11', 'mono'],
  ['\x16', 'reverse'],
] as const

type Toggle = (typeof TOGGLES)[number][1]

const TOGGLE_OF = new Map<string, Toggle>(TOGGLES)
const CODE =
  /[\x02\x0f\x11\x16\x1d\x1e\x1f]|\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9a-fA-F]{6}(?:,[0-9a-fA-F]{6})?)?/g
const DEFAULT_COLOUR = 99

/** Cuts a text into format codes, each with its digits, and what stands between them; in order, nothing lost. */
export function tokenise(text: string): { code: boolean; text: string }[] {
  const tokens: { code: boolean; text: string }[] = []
  let at = 0
  for (const found of text.matchAll(CODE)) {
    if (found.index > at) tokens.push({ code: false, text: text.slice(at, found.index) })
    tokens.push({ code: true, text: found[0] })
    at = found.index + found[0].length
  }
  if (at < text.length) tokens.push({ code: false, text: text.slice(at) })
  return tokens
}

/** The text without format codes. */
export function stripFormat(text: string): string {
  return text.replace(CODE, '')
}

/** The style after one code of `tokenise`. */
export function applyCode(style: Style, code: string): Style {
  const kind = code.charAt(0)
  if (kind === '\x0f') return {}
  const toggle = TOGGLE_OF.get(kind)
  if (toggle !== undefined) return tidy({ ...style, [toggle]: style[toggle] !== true })
  const [fg = '', bg] = code.slice(1).toLowerCase().split(',')
  // A colour code without digits takes back both colours; one with a foreground alone leaves the background.
  if (fg === '') return tidy({ ...style, fg: undefined, bg: undefined })
  const colour = kind === '\x03' ? numbered : (digits: string) => digits
  return tidy({ ...style, fg: colour(fg), ...(bg === undefined ? {} : { bg: colour(bg) }) })
}

function numbered(digits: string): number | undefined {
  const value = Number(digits)
  return value === DEFAULT_COLOUR ? undefined : value
}

/** A style without the entries that say nothing, so that equal looks are equal values. */
export function tidy(style: { [K in keyof Style]: Style[K] | undefined }): Style {
  return Object.fromEntries(
    Object.entries(style).filter(([, value]) => value !== undefined && value !== false),
  ) as Style
}

export const isPlain = (style: Style) => Object.keys(style).length === 0

export function sameStyle(a: Style, b: Style): boolean {
  return TOGGLES.every(([, name]) => a[name] === b[name]) && a.fg === b.fg && a.bg === b.bg
}

/** The codes that lead from one style to another; `next` is the text that follows, whose digits must stay text. */
export function codesBetween(from: Style, to: Style, next: string): string {
  if (sameStyle(from, to)) return ''
  if (isPlain(to)) return '\x0f'
  let codes = ''
  for (const [code, name] of TOGGLES) if (from[name] !== to[name]) codes += code
  if (from.fg === to.fg && from.bg === to.bg) return codes
  const gone =
    (from.fg !== undefined && to.fg === undefined) || (from.bg !== undefined && to.bg === undefined)
  if (gone) codes += '\x03'
  if (to.fg !== undefined || to.bg !== undefined) codes += colourCode(to)
  return guard(codes, next)
}

function colourCode({ fg, bg }: Style): string {
  const digits = (colour: Colour) => String(colour).padStart(2, '0')
  const hexadecimal = typeof fg === 'string' || (fg !== undefined && typeof bg === 'string')
  // A hexadecimal code always names a foreground, and both of its colours are hexadecimal.
  if (hexadecimal) return `\x04${toHex(fg)}${bg === undefined ? '' : `,${toHex(bg)}`}`
  const back = typeof bg === 'string' ? nearestClassic(bg) : bg
  return `\x03${digits(fg ?? DEFAULT_COLOUR)}${back === undefined ? '' : `,${digits(back)}`}`
}

/** Keeps what follows a colour code from being read as part of it. */
function guard(codes: string, next: string): string {
  const digitsNext = codes.endsWith('\x03') && /^\d/.test(next)
  const commaNext = /(?:\x03\d\d|\x04[0-9a-f]{6})$/.test(codes) && /^,[0-9a-fA-F]/.test(next)
  return digitsNext || commaNext ? `${codes}\x02\x02` : codes
}
