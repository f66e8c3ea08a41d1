import { createHash } from 'node:crypto'
import { stripFormat } from './format-codes.ts'
import { sanitizeLine, trimEnd, trimStart } from './sanitize.ts'
import { cutBytes } from './splitter.ts'

/** The Matrix user a name is made for. */
export type Who = { display?: string; localpart: string; server: string; userId: string }

const PLACEHOLDER = /\{(display|localpart|userid|server)\}/gi

/** A short name of a user that depends on nothing but the Matrix id. */
function shortId(userId: string): string {
  return `m${createHash('sha256').update(userId).digest('hex').slice(0, 6)}`
}

function fill(template: string, who: Who, clean: (text: string) => string): string {
  const values: Record<string, string> = {
    localpart: clean(who.localpart),
    userid: clean(who.userId),
    server: clean(who.server),
  }
  // A display name of which nothing can be said on IRC is as good as none.
  values['display'] = clean(who.display ?? '') || values['localpart'] || ''
  return template.replace(PLACEHOLDER, (_, name: string) => values[name.toLowerCase()] ?? '')
}

const SEPARATORS = ' .:/=+'

/** ASCII of a name: marks are taken off letters, separators between words become `_`, whatever else is not allowed goes. */
function toAscii(text: string, allowed: (c: string) => boolean): string {
  const kept = Array.from(stripFormat(text).normalize('NFKD').replace(/\s/g, ' ')).filter(
    (c) => allowed(c) || SEPARATORS.includes(c),
  )
  return trimStart(trimEnd(kept.join(''), SEPARATORS), SEPARATORS).replace(/[ .:/=+]+/g, '_')
}

const NOT_NICK = /[^A-Za-z0-9[\]\\`_^{|}-]+/g
const NOT_IDENT = /[^A-Za-z0-9_-]+/g

/**
 * The nick a template gives: `{display} {localpart} {userid} {server}`, and words that stay, such as `{display}[m]`. What
 * stands behind the last placeholder survives when the nick is cut to `nickLen` bytes. The same user always gets the same.
 */
export function renderNick(template: string, who: Who, o: { nickLen: number }): string {
  const suffix = template
    .slice(endOfPlaceholders(template))
    .replace(NOT_NICK, '')
    .slice(0, Math.max(0, o.nickLen - 1))
  const clean = (text: string) => toAscii(text.slice(0, 255), (c) => /[A-Za-z0-9[\]\\`_^{|}-]/.test(c))
  const head = fill(template.slice(0, endOfPlaceholders(template)), who, clean).replace(NOT_NICK, '')
  const body = head === '' ? shortId(who.userId) : head
  const legal = /^[\d-]/.test(body) ? `_${body}` : body
  return legal.slice(0, o.nickLen - suffix.length) + suffix
}

function endOfPlaceholders(template: string): number {
  let end = 0
  for (const found of template.matchAll(PLACEHOLDER)) end = found.index + found[0].length
  return end === 0 ? template.length : end
}

/** The nick under which somebody's words are relayed: `name/m`; undefined for a name of which nothing can be said on IRC. */
export function relayedNick(name: string, separator: string, nickLen: number): string | undefined {
  const body = toAscii(name.slice(0, 255), (c) => /[A-Za-z0-9[\]\\`_^{|}-]/.test(c)).replace(NOT_NICK, '')
  if (body === '') return undefined
  const suffix = `${separator}m`
  return (/^[\d-]/.test(body) ? `_${body}` : body).slice(0, Math.max(1, nickLen - suffix.length)) + suffix
}

/**
 * What to try when a nick is refused: attempt 0 is the wanted nick, then `nick_`, `nick_2`, `nick_3`. All differ.
 */
export function nextNick(wanted: string, attempt: number, nickLen: number): string {
  const first = wanted.slice(0, nickLen)
  if (attempt <= 0) return first
  const candidate = (n: number) => {
    const tail = n === 1 ? '_' : `_${n}`
    return wanted.slice(0, Math.max(1, nickLen - tail.length)) + tail
  }
  for (let n = 1; n <= attempt; n++) {
    if (candidate(n) === first) return candidate(attempt + 1)
  }
  return candidate(attempt)
}

/** The ident (user name) a template gives: with the `~` that servers may put before it at most `userLen` bytes. */
export function renderIdent(template: string, who: Who, o: { userLen: number }): string {
  const text = fill(template, who, (value) =>
    toAscii(value.slice(0, 255), (c) => /[A-Za-z0-9_-]/.test(c)),
  ).replace(NOT_IDENT, '')
  const ident = text.toLowerCase().replace(/^[_-]+/, '')
  return (ident === '' ? shortId(who.userId) : ident).slice(0, Math.max(1, o.userLen - 1))
}

/** What to try when an ident belongs to another user: the same with a number at its end. */
export function nextIdent(wanted: string, attempt: number, userLen: number): string {
  if (attempt <= 0) return wanted.slice(0, userLen - 1)
  return wanted.slice(0, Math.max(1, userLen - 1 - String(attempt).length)) + attempt
}

/** The real name a template gives, one line of at most `nameLen` bytes. */
export function renderRealname(template: string, who: Who, o: { nameLen: number }): string {
  const clean = (text: string) => sanitizeLine(text).replace(/ {2,}/g, ' ')
  const name = cutBytes(clean(fill(template, who, clean)), o.nameLen).trim()
  return name === '' ? shortId(who.userId) : name
}

/** A display name as a word in a line of IRC: without controls and formats, at most `limitBytes` bytes. */
export function plainName(name: string, limitBytes: number): string {
  return cutBytes(sanitizeLine(name).replace(/ {2,}/g, ' '), limitBytes)
}
