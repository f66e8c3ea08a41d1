import type { RichText } from '../model/content.ts'
import { htmlToPlain, sanitize } from './html.ts'
import { stripReplyFallback } from './plain.ts'
import { stringAt } from './untrusted.ts'
import type { Json } from './untrusted.ts'

/** Specification, "m.room.message msgtypes": the only defined format. */
export const HTML_FORMAT = 'org.matrix.custom.html'

/**
 * The text of a message's content: `body`, else what can be made of its HTML or of its extensible text. HTML only where
 * it says more than the plain text.
 */
export function readText(content: Json, isReply: boolean): RichText {
  const written = stringAt(content, 'body') ?? stringAt(content, 'org.matrix.msc1767.text') ?? ''
  const body = isReply ? stripReplyFallback(written) : written
  const formatted =
    stringAt(content, 'format') === HTML_FORMAT
      ? stringAt(content, 'formatted_body')
      : stringAt(content, 'org.matrix.msc1767.html')
  if (formatted === undefined) return { body }
  const html = sanitize(formatted).trim()
  if (html === '') return { body }
  const plain = body === '' ? htmlToPlain(html) : body
  return html.includes('<') ? { body: plain, html } : { body: plain }
}
