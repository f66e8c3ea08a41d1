import type { LocationContent, MessageContent, PollContent, RichText } from '../model/content.ts'
import type { MatrixEventId, MxcUri } from '../model/ids.ts'
import { cutBytes, cutText } from './cut.ts'
import { safeLink, sanitize } from './html.ts'
import { mediaEvent } from './media-to-event.ts'
import { writeMentions } from './mentions.ts'
import { POLL_END, POLL_RESPONSE, POLL_START, writePollStart } from './poll.ts'
import type { PollLengths } from './poll.ts'
import { writePreviews } from './previews.ts'
import { HTML_FORMAT } from './text-from-event.ts'
import { cleanText } from './untrusted.ts'
import type { Json } from './untrusted.ts'

/** What goes to a homeserver: the content of a message event and its type. */
export type NewEvent = { type: string; content: Json }

export type EventOptions = {
  replyTo?: MatrixEventId
  threadRoot?: MatrixEventId
  /** The event that this one replaces. */
  edit?: MatrixEventId
  /** Where the bytes of a remote attachment are now. */
  uploaded?: MxcUri
  /** Why a remote attachment is nowhere, in words. */
  missing?: string
  /** Messages that their sender sent as one group have the same. */
  album?: string
  /** The message at its origin, on the web. */
  externalUrl?: string
}

/** An event is at most 65,536 bytes (specification, "Size limits"); the rest is for ids, hashes and signatures. */
export const LARGEST_CONTENT_BYTES = 60_000

const CUT_NOTICE = '\n… (the message was too long and is cut here)'
const SHORTEST = 100

/** Characters of a poll's question and of each answer: the first that fits, else the shortest. */
const POLL_LENGTHS = [
  { question: 1_000, option: 340 },
  { question: 500, option: 100 },
]
const SHORTEST_POLL = { question: 100, option: 20 }

/** An edit holds a poll twice, and there is an address and a relation beside it. */
const LARGEST_POLL_BYTES = 28_000

const MSGTYPES = { text: 'm.text', notice: 'm.notice', emote: 'm.emote' } as const

/** Synapse refuses longer keys; other clients show no more of them. */
const LONGEST_KEY_BYTES = 100

/**
 * The event that shows a remote message on Matrix. HTML is sanitised, `m.mentions` is always there, and the content is
 * never larger than an event may be: markup goes first, then the end of the text, which then says so.
 */
export function toEvent(content: MessageContent, options: EventOptions = {}): NewEvent {
  const text = textOf(content)
  const build = (part: RichText): NewEvent => related(plainEvent(content, part, options), options)
  const whole = build(text)
  if (sizeOf(whole) <= LARGEST_CONTENT_BYTES) return whole
  const unformatted = build({ body: text.body })
  if (sizeOf(unformatted) <= LARGEST_CONTENT_BYTES) return unformatted
  let budget = Math.min(Buffer.byteLength(text.body), LARGEST_CONTENT_BYTES)
  for (;;) {
    const cut = build({ body: cutBytes(text.body, budget) + CUT_NOTICE })
    if (sizeOf(cut) <= LARGEST_CONTENT_BYTES || budget <= SHORTEST) return cut
    budget = Math.floor(budget * 0.8)
  }
}

const sizeOf = (event: NewEvent): number => Buffer.byteLength(JSON.stringify(event.content))

/** The part of a content that can be long, and that is cut when it is too long. */
function textOf(content: MessageContent): RichText {
  switch (content.kind) {
    case 'text':
      return rich(content.body, content.html)
    case 'media':
      return content.caption === undefined ? { body: '' } : rich(content.caption.body, content.caption.html)
    case 'contact':
      return { body: cleanText(content.contacts.map(contactLine).join('\n')) }
    case 'unsupported':
      return rich(content.text, content.html)
    case 'location':
    case 'poll':
      break
  }
  return { body: '' }
}

function rich(body: string, html: string | undefined): RichText {
  const clean = html === undefined ? '' : sanitize(html)
  return clean.includes('<') ? { body: cleanText(body), html: clean } : { body: cleanText(body) }
}

function contactLine(contact: { name: string; phones: string[] }): string {
  return [`Contact: ${contact.name}`, ...contact.phones].join(', ')
}

/** The event without its relations to others. */
function plainEvent(content: MessageContent, text: RichText, options: EventOptions): NewEvent {
  switch (content.kind) {
    case 'text': {
      const mentions = writeMentions(content.mentions, content.mentionsRoom)
      return message({
        msgtype: MSGTYPES[content.style],
        ...formatted(text),
        ...writePreviews(content.previews),
        'm.mentions': mentions,
      })
    }
    case 'media':
      return mediaEvent(content, text, {
        edits: options.edit !== undefined,
        uploaded: options.uploaded,
        missing: options.missing,
      })
    case 'location':
      return message(location(content))
    case 'contact':
      return message({ msgtype: 'm.text', ...formatted(text), 'm.mentions': {} })
    case 'poll':
      return pollEvent(content)
    case 'unsupported':
      break
  }
  return message({ msgtype: 'm.notice', ...formatted(text), 'm.mentions': {} })
}

const message = (content: Json): NewEvent => ({ type: 'm.room.message', content })

function pollEvent(poll: PollContent): NewEvent {
  const build = (most: PollLengths): NewEvent => ({
    type: POLL_START,
    content: { ...writePollStart(poll, most), 'm.mentions': {} },
  })
  return build(POLL_LENGTHS.find((most) => sizeOf(build(most)) <= LARGEST_POLL_BYTES) ?? SHORTEST_POLL)
}

const formatted = (text: RichText): Json =>
  text.html === undefined
    ? { body: text.body }
    : { body: text.body, format: HTML_FORMAT, formatted_body: text.html }

function location({ latitude, longitude, name: named, live, ended }: LocationContent): Json {
  const uri = `geo:${degrees(latitude)},${degrees(longitude)}`
  const name = named === undefined || named === '' ? undefined : cutText(named, 300)
  const what = ended === true ? 'Live location, ended' : live === true ? 'Live location' : 'Location'
  const body = `${ended === true ? [name, what].filter(Boolean).join(', ') : (name ?? what)}: ${uri}`
  return {
    msgtype: 'm.location',
    body,
    geo_uri: uri,
    'org.matrix.msc3488.location': { uri, ...(name === undefined ? {} : { description: name }) },
    'org.matrix.msc3488.asset': { type: live === true || ended === true ? 'm.self' : 'm.pin' },
    'm.mentions': {},
  }
}

/** RFC 5870 knows no exponents; seven digits are a centimetre. */
const degrees = (value: number): string => value.toFixed(7).replace(/\.?0+$/, '')

/** Adds what ties an event to others: an edit replaces, everything else may reply and belong to a thread. */
function related(event: NewEvent, options: EventOptions): NewEvent {
  const link = options.externalUrl === undefined ? undefined : safeLink(options.externalUrl)
  const external = link === undefined || link.length > 2_000 ? {} : { external_url: link }
  const album = options.album === undefined ? {} : { 'app.viaduct.album': options.album.slice(0, 100) }
  const content = { ...event.content, ...external, ...album }
  if (options.edit !== undefined) return { type: event.type, content: edited(content, options.edit) }
  const relates = relation(options)
  return {
    type: event.type,
    content: relates === undefined ? content : { ...content, 'm.relates_to': relates },
  }
}

function relation(options: EventOptions): Json | undefined {
  const { replyTo, threadRoot } = options
  if (threadRoot === undefined) {
    return replyTo === undefined ? undefined : { 'm.in_reply_to': { event_id: replyTo } }
  }
  return {
    rel_type: 'm.thread',
    event_id: threadRoot,
    is_falling_back: replyTo === undefined,
    'm.in_reply_to': { event_id: replyTo ?? threadRoot },
  }
}

/** Specification, "Event replacements": the new content, around it a fallback that calls nobody again. */
function edited(content: Json, target: MatrixEventId): Json {
  const { body, formatted_body: html } = content
  return {
    ...content,
    ...(typeof body === 'string' ? { body: `* ${body}` } : {}),
    ...(typeof html === 'string' ? { formatted_body: `* ${html}` } : {}),
    'm.mentions': {},
    'm.new_content': content,
    'm.relates_to': { rel_type: 'm.replace', event_id: target },
  }
}

/** A reaction; its key is cut to what homeservers take. */
export function reactionEvent(target: MatrixEventId, key: string): NewEvent {
  const relates = { rel_type: 'm.annotation', event_id: target, key: cutBytes(key, LONGEST_KEY_BYTES) }
  return { type: 'm.reaction', content: { 'm.relates_to': relates } }
}

/** A vote; without answers it takes an earlier one back. */
export function pollResponseEvent(target: MatrixEventId, optionIds: string[]): NewEvent {
  return {
    type: POLL_RESPONSE,
    content: {
      'm.relates_to': { rel_type: 'm.reference', event_id: target },
      [POLL_RESPONSE]: { answers: optionIds },
    },
  }
}

/** The end of a poll, with words for clients that know no polls. */
export function pollEndEvent(target: MatrixEventId, text = ''): NewEvent {
  const words = text === '' ? 'The poll has ended.' : cutText(text, 10_000)
  return {
    type: POLL_END,
    content: {
      'm.relates_to': { rel_type: 'm.reference', event_id: target },
      [POLL_END]: {},
      'org.matrix.msc1767.text': words,
      body: words,
    },
  }
}

/** Words from the bridge. */
export function noticeEvent(text: string, html?: string): NewEvent {
  return toEvent({ kind: 'text', style: 'notice', body: text, ...(html === undefined ? {} : { html }) })
}
