import type { proto } from '@whiskeysockets/baileys'
import type { LinkPreview, Mention, MessageContent, RichText } from '../../model/content.ts'
import { fromAppOnly } from './from-app.ts'
import { fromAnswer, fromBusiness } from './from-business.ts'
import { fromContacts, fromLocation } from './from-card.ts'
import { fromMedia, mediaWords, viewOnceNotice } from './from-media.ts'
import { fromPoll, pollOf } from './from-poll.ts'
import { mentionsAll, richText } from './from-text.ts'
import { cleanName } from './names.ts'
import { appOnly, lines, said } from './rich.ts'
import type { Rich } from './rich.ts'
import { contextOf, partsOf, unwrap } from './unwrap.ts'
import type { View } from './view.ts'

export type ContentContext = {
  view: View
  key: proto.IMessageKey
  viewOnce: boolean
  /** Words before the message: that it was forwarded, what it answers in another chat. */
  lead?: Rich
}

/**
 * What a message says, its wrappers taken off (`unwrap`). Undefined when there is nothing to be said, as of keys that
 * travel alone; what is not known is told in words.
 */
export function fromContent(content: proto.IMessage, context: ContentContext): MessageContent | undefined {
  const { view, viewOnce, lead } = context
  const media = fromMedia(content, context)
  if (media !== undefined) return withRoom(media, content)
  const text = content.extendedTextMessage?.text ?? content.conversation
  if (typeof text === 'string') {
    if (viewOnce) return viewOnceNotice(undefined)
    return words(lines([lead, richText(view, text, content.extendedTextMessage?.contextInfo)]), content)
  }
  const business = fromBusiness(content, view)
  if (business !== undefined) {
    const head = lines([lead, business.text])
    const above = business.above && fromMedia(business.above, { ...context, lead: head })
    return above ?? (head.body === '' ? unknown('businessMessage') : words(head, content))
  }
  const other = fromOther(content, view)
  if (other !== undefined) return lead === undefined ? other : led(other, lead)
  const [name] = partsOf(content)
  return name === undefined ? undefined : unknown(name)
}

function fromOther(content: proto.IMessage, view: View): MessageContent | undefined {
  const poll = pollOf(content)
  if (poll) return fromPoll(poll)
  return (
    fromLocation(content) ??
    fromContacts(content) ??
    fromAnswer(content) ??
    fromAppOnly(content, view) ??
    (content.locationMessage || content.liveLocationMessage ? appOnly('location', 'A place.') : undefined)
  )
}

/** A kind of message that is not known here, by the name that the protocol has for it. */
function unknown(name: string): MessageContent {
  const what =
    name
      .replace(/(?:Message+|V\d+)+$/g, '')
      .replace(/[^A-Za-z]/g, '')
      .slice(0, 40) || 'message'
  const spoken = what.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`).trim()
  return appOnly(what, `A message of a kind that Matrix cannot show (${spoken}).`)
}

function words(text: Rich, content: proto.IMessage): MessageContent {
  const { body, html, mentions } = text
  const previews = previewOf(content.extendedTextMessage)
  return withRoom(
    {
      kind: 'text',
      style: 'text',
      body,
      ...(html !== undefined && { html }),
      ...(mentions !== undefined && { mentions }),
      ...(previews !== undefined && { previews }),
    },
    content,
  )
}

function withRoom(made: MessageContent, content: proto.IMessage): MessageContent {
  return made.kind === 'text' && mentionsAll(contextOf(content)) ? { ...made, mentionsRoom: true } : made
}

/** Words before something that has no words of its own. */
function led(content: MessageContent, lead: Rich): MessageContent {
  if (content.kind === 'text') return { ...content, ...lines([lead, textOf(content)]) }
  if (content.kind !== 'unsupported') return content
  const { body, html } = lines([
    lead,
    { body: content.text, ...(content.html !== undefined && { html: content.html }) },
  ])
  return { ...content, text: body, ...(html !== undefined && { html }) }
}

const textOf = (text: RichText & { mentions?: Mention[] }): Rich => ({
  body: text.body,
  ...(text.html !== undefined && { html: text.html }),
  ...(text.mentions !== undefined && { mentions: text.mentions }),
})

/** What the sender's app showed beside a link in the text. */
function previewOf(text: proto.Message.IExtendedTextMessage | null | undefined): LinkPreview[] | undefined {
  const url = text?.matchedText?.trim() ?? ''
  const title = cleanName(text?.title ?? '')
  const description = (text?.description ?? '').toWellFormed().trim().slice(0, 1_000)
  if (!/^https?:\/\/[^/]/i.test(url) || (title === '' && description === '')) return undefined
  return [{ url, ...(title !== '' && { title }), ...(description !== '' && { description }) }]
}

/** The words under an attachment. */
export function captionOf(content: proto.IMessage): string | undefined {
  const { imageMessage, videoMessage, documentMessage, ptvMessage } = content
  const caption =
    imageMessage?.caption ?? videoMessage?.caption ?? ptvMessage?.caption ?? documentMessage?.caption
  return caption || undefined
}

/** A message in a line, to say which one is meant. */
export function excerptOf(message: proto.IMessage, view: View): Rich {
  const { content } = unwrap(message)
  const text = content.extendedTextMessage?.text ?? content.conversation ?? captionOf(content)
  const kind = mediaWords(content)
  const body = text ? richText(view, text, contextOf(content)).body : ''
  const poll = pollOf(content)?.name
  const place = content.locationMessage || content.liveLocationMessage ? 'Location' : undefined
  const card = content.contactMessage || content.contactsArrayMessage ? 'Contact' : undefined
  const named = kind ?? (poll ? `📊 ${poll}` : undefined) ?? place ?? card
  const whole = [body === '' ? undefined : body, named].find((each) => each !== undefined) ?? 'Message'
  const short = Array.from(whole.toWellFormed().replace(/\s+/g, ' ').trim())
  return said(short.length > 200 ? `${short.slice(0, 199).join('')}…` : short.join(''))
}
