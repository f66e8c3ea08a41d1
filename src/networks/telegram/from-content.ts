import type { tl } from '@mtcute/core'
import type { LinkPreview, MessageContent } from '../../model/content.ts'
import { fromEntities } from './from-entities.ts'
import { buttonLinks, forwardLead, replyLead } from './from-lead.ts'
import { fromMedia } from './from-media.ts'
import { fromRichMessage } from './from-rich-message.ts'
import { isNumberedPerAccount } from './ids.ts'
import { cleanName } from './names.ts'
import { chatOfMessage } from './place.ts'
import { concat, lines, said } from './rich.ts'
import type { Rich } from './rich.ts'
import type { View } from './view.ts'

/** All that a message says: text or attachment, where it was forwarded from, what it quotes. */
export function contentOf(message: tl.RawMessage, view: View): MessageContent {
  const chat = chatOfMessage(view, message)
  const whose = isNumberedPerAccount(chat) ? { account: view.account } : {}
  const place = { chat, message: { ...whose, n: message.id } }
  const text = textOf(message, view)
  const content = fromMedia(message.media, text, place, view)
  if (content !== undefined) return content
  const previews = previewsOf(message.media)
  const style = isNotice(message, view) ? 'notice' : 'text'
  const { mentions, ...words } = text.body === '' ? said('(an empty message)') : text
  return {
    kind: 'text',
    style,
    ...words,
    ...(mentions !== undefined && { mentions }),
    ...(previews.length > 0 && { previews }),
  }
}

/** The words of a message with the leads before and the links behind them. */
function textOf(message: tl.RawMessage, view: View): Rich {
  const own =
    message.richMessage === undefined
      ? fromEntities(message.message, message.entities, view)
      : fromRichMessage(message.richMessage, view)
  const author = cleanName(message.fwdFrom === undefined ? (message.postAuthor ?? '') : '')
  return lines([
    forwardLead(message.fwdFrom, view),
    withQuote(replyLead(message.replyTo, view), own),
    author === '' ? undefined : said(`— ${author}`),
    ...buttonLinks(message.replyMarkup),
  ])
}

/** A block breaks the line by itself in HTML, and does not in plain text. */
function withQuote(quote: Rich | undefined, text: Rich): Rich {
  if (quote?.html === undefined) return lines([quote, text])
  const { html } = concat([{ body: ' ', html: quote.html }, text])
  const { html: _, ...words } = lines([quote, text])
  return { ...words, ...(html !== undefined && { html }) }
}

/** Programs speak in notices, so that other programs do not answer them. */
function isNotice(message: tl.RawMessage, view: View): boolean {
  const from = message.fromId ?? (message.out === true ? undefined : message.peerId)
  return from?._ === 'peerUser' && view.user(from.userId)?.bot === true
}

function previewsOf(media: tl.TypeMessageMedia | undefined): LinkPreview[] {
  if (media?._ !== 'messageMediaWebPage' || media.webpage._ !== 'webPage') return []
  const { url, title, description, siteName } = media.webpage
  return [
    {
      url,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      ...(siteName !== undefined && { siteName }),
    },
  ]
}
