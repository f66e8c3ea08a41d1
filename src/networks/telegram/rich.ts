import type { Mention, RichText } from '../../model/content.ts'
import { textToHtml } from '../shared/html.ts'

/** Text for Matrix that is put together from pieces. */
export type Rich = RichText & { mentions?: Mention[] }

export const said = (body: string): Rich => ({ body })

/** Pieces one behind another, `between` them. Pieces that are empty count for nothing. */
export function concat(pieces: readonly (Rich | undefined)[], between = ''): Rich {
  const full = pieces.filter((piece) => piece !== undefined && piece.body !== '') as Rich[]
  const body = full.map((piece) => piece.body).join(between)
  const mentions = full.flatMap((piece) => piece.mentions ?? [])
  const html = full.some((piece) => piece.html !== undefined)
    ? full.map((piece) => piece.html ?? textToHtml(piece.body)).join(textToHtml(between))
    : undefined
  const images = full.flatMap((piece) => piece.images ?? [])
  return {
    body,
    ...(html !== undefined && { html }),
    ...(mentions.length > 0 && { mentions }),
    ...(images.length > 0 && { images }),
  }
}

export const lines = (pieces: readonly (Rich | undefined)[]): Rich => concat(pieces, '\n')

/** Words that were somebody else's. */
export function quoted(text: Rich): Rich {
  const body = text.body
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')
  const html = `<blockquote>${text.html ?? textToHtml(text.body)}</blockquote>`
  return { body, html, ...(text.images && { images: text.images }) }
}

/** A link with words. */
export const linked = (words: string, address: string): Rich => ({
  body: words === '' ? address : `${words}: ${address}`,
  html: `<a href="${textToHtml(address)}">${textToHtml(words === '' ? address : words)}</a>`,
})
