import type { tl } from '@mtcute/core'
import { fromEntities } from './from-entities.ts'
import { textToHtml } from '../shared/html.ts'
import { cleanName, nameOf } from './names.ts'
import { chatOfPeer, senderOfPeer } from './peer.ts'
import { linked, quoted, said } from './rich.ts'
import type { Rich } from './rich.ts'
import type { View } from './view.ts'

/** `Forwarded from Bob`, with a link to a post that has one. */
export function forwardLead(header: tl.RawMessageFwdHeader | undefined, view: View): Rich | undefined {
  if (header === undefined) return undefined
  const sender = header.fromId === undefined ? undefined : senderOfPeer(header.fromId)
  const name = sender === undefined ? cleanName(header.fromName ?? '') : nameOf(view, sender)
  const author = cleanName(header.postAuthor ?? '')
  const whose = [name === '' ? 'somebody' : name, author].filter((part) => part !== '').join(', ')
  const words = `${header.imported === true ? 'Imported' : 'Forwarded'} from ${whose}`
  const channel = sender?.kind === 'channel' ? view.channel(sender.id) : undefined
  const handle = channel?._ === 'channel' ? channel.username : undefined
  if (handle === undefined || header.channelPost === undefined) return said(words)
  return linked(words, `https://t.me/${handle}/${header.channelPost}`)
}

/** What a message answers, as far as a plain reply does not tell: the quoted words, another conversation, a story. */
export function replyLead(header: tl.TypeMessageReplyHeader | undefined, view: View): Rich | undefined {
  if (header === undefined) return undefined
  if (header._ === 'messageReplyStoryHeader') {
    const sender = senderOfPeer(header.peer)
    return said(
      sender === undefined ? 'In reply to a story' : `In reply to a story of ${nameOf(view, sender)}`,
    )
  }
  const quote = header.quoteText === undefined ? '' : header.quoteText.trim()
  const words =
    quote === '' || (header.quote !== true && !isElsewhere(header))
      ? undefined
      : quoted(fromEntities(header.quoteText ?? '', header.quoteEntities, view))
  if (!isElsewhere(header)) return words
  const lead = elsewhere(header, view)
  if (words === undefined) return said(lead)
  return { body: `${lead}:\n${words.body}`, html: `${textToHtml(lead)}:${words.html ?? ''}` }
}

/** Whether a reply leads to another conversation. */
export const isElsewhere = (header: tl.RawMessageReplyHeader): boolean => header.replyToPeerId !== undefined

function elsewhere(header: tl.RawMessageReplyHeader, view: View): string {
  const from = header.replyFrom
  const sender = from?.fromId === undefined ? undefined : senderOfPeer(from.fromId)
  const author = sender === undefined ? cleanName(from?.fromName ?? '') : nameOf(view, sender)
  const chat = header.replyToPeerId === undefined ? undefined : chatOfPeer(header.replyToPeerId)
  const title = chat?.kind === 'channel' ? view.channel(chat.id)?.title : undefined
  const where = title === undefined ? 'another chat' : cleanName(title)
  return author === '' ? `In reply to a message in ${where}` : `In reply to ${author} in ${where}`
}

/** Links that a bot has put on buttons below its message; other buttons do something in the app only. */
export function buttonLinks(markup: tl.TypeReplyMarkup | undefined): Rich[] {
  if (markup?._ !== 'replyInlineMarkup') return []
  const buttons = markup.rows.flatMap((row) => row.buttons)
  return buttons.flatMap((button) =>
    button._ === 'keyboardButtonUrl' && /^https?:\/\//i.test(button.url)
      ? [linked(button.text, button.url)]
      : [],
  )
}
