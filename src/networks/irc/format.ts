import type { Mention } from '../../model/content.ts'
import type { MatrixUserId } from '../../model/ids.ts'
import type { Casemap } from './casemap.ts'
import { toHex } from './colours.ts'
import { stripFormat } from './format-codes.ts'
import type { Style } from './format-codes.ts'
import { htmlToRuns } from './format-html.ts'
import type { HtmlOptions } from './format-html.ts'
import { addRun, parseRuns, writeRuns } from './format-parse.ts'
import type { Run } from './format-parse.ts'
import { findMentions } from './nick-mentions.ts'
import type { NickOwner } from './nick-mentions.ts'
import { dropControls, sanitizeLine, sanitizeText, trimEnd, trimStart } from './sanitize.ts'

export { sanitizeLine, stripFormat }

/** Matrix HTML as text with mIRC's format codes, lines apart by LF. Total: any input gives a text. */
export function htmlToIrc(html: string, o: HtmlOptions): string {
  return writeRuns(htmlToRuns(html, o))
}

/** Plain text of Matrix as IRC may carry it; LF stays. */
export function textToIrc(body: string): string {
  return trimStart(trimEnd(sanitizeText(body), '\n'), '\n')
}

export type RichOptions = {
  /** The Matrix user behind a casefolded nick, when it is a puppet. */
  nickOwner?: NickOwner
  casemap?: Casemap
  /** Casefolded nicks that are words of everyday language in this room and mention nobody. */
  commonWords?: ReadonlySet<string>
}

/** Text of IRC as Matrix shows it. `html` is there only when there is something to show by it. Total. */
export function ircToRich(
  text: string,
  o: RichOptions = {},
): { body: string; html?: string; mentions: Mention[] } {
  const runs: Run[] = []
  for (const run of parseRuns(text)) addRun(runs, dropControls(run.text), visible(run.style))
  const mentions = new Map<MatrixUserId, Mention>()
  let body = ''
  let html = ''
  for (const run of runs) {
    const parts = run.style.mono === true ? [{ text: run.text }] : findMentions(run.text, o)
    let inner = ''
    for (const part of parts) {
      body += part.text
      if (part.owner === undefined) {
        inner += escapeText(part.text)
        continue
      }
      mentions.set(part.owner.user, { user: part.owner.user, name: part.text })
      inner += `<a href="https://matrix.to/#/${encodeURIComponent(part.owner.user)}">${escapeText(part.owner.name)}</a>`
    }
    html += wrap(inner, run.style)
  }
  const rich = mentions.size > 0 || runs.some((run) => Object.keys(run.style).length > 0)
  return { body, ...(rich ? { html } : {}), mentions: [...mentions.values()] }
}

/** A style without what Matrix cannot show: reverse is two colours changed over, or nothing. */
function visible({ reverse, ...style }: Style): Style {
  const { fg, bg } = style
  return reverse === true && fg !== undefined && bg !== undefined ? { ...style, fg: bg, bg: fg } : style
}

const TAGS = [
  ['mono', 'code'],
  ['strike', 'del'],
  ['underline', 'u'],
  ['italic', 'em'],
  ['bold', 'strong'],
] as const

function wrap(inner: string, style: Style): string {
  let html = inner
  for (const [name, tag] of TAGS) if (style[name] === true) html = `<${tag}>${html}</${tag}>`
  const { fg, bg } = style
  if (fg === undefined && bg === undefined) return html
  // IRC hides a text by writing it in the colour of its background.
  if (fg !== undefined && bg !== undefined && toHex(fg) === toHex(bg)) {
    return `<span data-mx-spoiler>${html}</span>`
  }
  const front = fg === undefined ? '' : ` data-mx-color="#${toHex(fg)}"`
  const back = bg === undefined ? '' : ` data-mx-bg-color="#${toHex(bg)}"`
  return `<span${front}${back}>${html}</span>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as HTML, lines apart by `<br>`. */
export function escapeText(text: string): string {
  return text
    .replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c)
    .replaceAll('\n', '<br>')
    .replace(/ {2,}/g, (spaces) => `${'\u00a0'.repeat(spaces.length - 1)} `)
}
