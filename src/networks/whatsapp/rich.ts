import type { Mention, RichText, UnsupportedContent } from '../../model/content.ts'
import { escapeHtml, textToHtml } from '../shared/html.ts'

/** Text for Matrix that is put together from pieces. */
export type Rich = RichText & { mentions?: Mention[] }

export const said = (body: string): Rich => ({ body: body.toWellFormed() })

/** Words about the message, and none of its own. */
export const aside = (body: string): Rich => ({ body, html: `<em>${escapeHtml(body)}</em>` })

/** Pieces one below the other. Pieces that are empty count for nothing. */
export function lines(pieces: readonly (Rich | undefined)[]): Rich {
  const full = pieces.filter((piece) => piece !== undefined && piece.body.trim() !== '') as Rich[]
  const body = full.map((piece) => piece.body).join('\n')
  const mentions = full.flatMap((piece) => piece.mentions ?? [])
  const html = full.some((piece) => piece.html !== undefined)
    ? full.map((piece) => piece.html ?? textToHtml(piece.body)).join('<br>')
    : undefined
  return { body, ...(html !== undefined && { html }), ...(mentions.length > 0 && { mentions }) }
}

/** Words that were somebody else's. */
export function quoted(text: Rich): Rich {
  const body = text.body
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')
  return { body, html: `<blockquote>${text.html ?? textToHtml(text.body)}</blockquote>` }
}

/** A link with words; an address that is none of the web is only named. */
export function linked(words: string, address: string): Rich {
  if (!/^https?:\/\/[^/]/i.test(address)) return said([words, address].filter(Boolean).join(': '))
  return {
    body: words === '' ? address : `${words}: ${address}`,
    html: `<a href="${escapeHtml(address)}">${escapeHtml(words === '' ? address : words)}</a>`,
  }
}

/** Something that shows in the app alone; `sentence` says what it is. */
export const appOnly = (what: string, sentence: string, details?: Rich): UnsupportedContent => {
  const { body, html } = lines([details, said(`${sentence} Open WhatsApp to see it.`)])
  return { kind: 'unsupported', what, text: body, ...(html !== undefined && { html }) }
}
