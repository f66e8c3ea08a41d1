import type { tl } from '@mtcute/core'
import type {
  ContactContent,
  LocationContent,
  MediaContent,
  MessageContent,
  TextContent,
} from '../../model/content.ts'
import type { RemoteAction } from '../../model/remote-action.ts'
import { refusedPlan } from './call.ts'
import type { TelegramCall, TelegramPlan, TgReply } from './call.ts'
import { captionLimit } from './limits.ts'
import { joined, plain } from './spans.ts'
import type { TgText } from './spans.ts'
import { TEXT_LIMIT, split, splitAfter, splitWithLead } from './split.ts'
import { pollTrouble, pollWords, toPoll } from './to-poll.ts'
import { leadOf, quoteFrom, replyTo, styled, toText } from './to-text.ts'
import { toUpload } from './to-upload.ts'
import type { Voice } from './voice.ts'

type Message = Extract<RemoteAction, { kind: 'message' }>

const NOTHING = 'There is nothing in it that Telegram could show.'

/** The messages that a message of Matrix becomes: one, unless it is too long for one. */
export function toMessage(action: Message, voice: Voice): TelegramPlan {
  const { content } = action
  const target = action.replyTo ?? action.threadRoot
  const { reply, lead } = replyTo(target, voice)
  switch (content.kind) {
    case 'text': {
      const written = toText(content, content.mentions ?? [], voice)
      const quoted = quoteFrom(written, target, reply)
      return texts(quoted.text, lead, content, quoted.reply, voice)
    }
    case 'media':
      return media(content, lead, reply, voice)
    case 'location':
      return withSpeaker(location(content), lead, reply, voice)
    case 'contact':
      return contacts(content, lead, reply, voice)
    case 'poll': {
      const trouble = pollTrouble(content)
      if (trouble === undefined) {
        return withSpeaker([toPoll(content, voice)], lead, reply, voice)
      }
      const plan = texts(plain(pollWords(content)), lead, { style: 'text' }, reply, voice)
      return 'refused' in plan ? plan : { ...plan, note: trouble }
    }
    case 'unsupported':
      return texts(plain(content.text), lead, { style: 'emote' }, reply, voice)
  }
}

/** Parts of a text: the first one is the answer, each says whose words it has. */
function texts(
  text: TgText,
  before: TgText,
  { style, previews }: Pick<TextContent, 'style' | 'previews'>,
  reply: TgReply,
  voice: Voice,
): TelegramPlan {
  const parts = splitWithLead(leadOf(voice, style), styled(joined(before, text), style, voice), TEXT_LIMIT)
  if (parts.length === 0) return refusedPlan(NOTHING)
  // An empty list of previews says that none are wanted (MSC4095).
  const noPreview = previews?.length === 0
  return { calls: parts.map((part, i) => textCall(part, i === 0 ? reply : onward(reply), noPreview)) }
}

const textCall = (text: TgText, reply: TgReply, noPreview = false): TelegramCall => ({
  kind: 'text',
  text,
  reply,
  noPreview,
})

/** What later parts of a message have: they stand in the same topic and answer nothing. */
const onward = ({ topic }: TgReply): TgReply => (topic === undefined ? {} : { topic })

/** The attachment with as much of the caption as fits; the rest follows as text. */
function media(content: MediaContent, before: TgText, reply: TgReply, voice: Voice): TelegramPlan {
  const text =
    content.caption === undefined ? plain('') : toText(content.caption, content.mentions ?? [], voice)
  const said = joined(before, text)
  const lead = leadOf(voice)
  const whole = lead.text === '' ? said : joined(lead, said.text === '' ? plain(content.fileName) : said)
  const upload = toUpload(content)
  // Stickers and video messages have no captions.
  const captioned = content.round !== true && !(content.media === 'sticker' && upload.as === 'document')
  if (!captioned)
    return {
      calls: [
        { kind: 'upload', upload, caption: plain(''), reply },
        ...rest(split(whole, TEXT_LIMIT), reply),
      ],
    }
  const { first, rest: more } = splitAfter(whole, captionLimit(voice.premium), TEXT_LIMIT)
  const calls: TelegramCall[] = [{ kind: 'upload', upload, caption: first, reply }, ...rest(more, reply)]
  return more.length === 0
    ? { calls }
    : { calls, note: 'The caption was too long for Telegram: the rest follows as text.' }
}

const rest = (parts: readonly TgText[], reply: TgReply): TelegramCall[] =>
  parts.map((part) => textCall(part, onward(reply)))

/** Attachments that take no caption: what has to be said goes before them. */
function withSpeaker(
  all: readonly tl.TypeInputMedia[],
  before: TgText,
  reply: TgReply,
  voice: Voice,
): TelegramPlan {
  const lead = joined(before, leadOf(voice))
  const spoken =
    lead.text.trim() === '' ? [] : split(lead, TEXT_LIMIT).map((part) => textCall(part, onward(reply)))
  const calls = all.map((each): TelegramCall => ({ kind: 'media', media: each, reply }))
  return { calls: [...spoken, ...calls] }
}

/** The service takes from a minute to a day; the largest number is for ever (core.telegram.org/api/live-location). */
const SHORTEST_LIVE_S = 60
const LONGEST_LIVE_S = 86_400

/** A place that moves. How long it is shared is said with the first one only. */
export function livePlace({
  latitude,
  longitude,
  liveForMs,
  ended,
}: LocationContent): tl.RawInputMediaGeoLive {
  const geoPoint: tl.TypeInputGeoPoint = { _: 'inputGeoPoint', lat: latitude, long: longitude }
  if (ended === true) return { _: 'inputMediaGeoLive', geoPoint, stopped: true }
  if (liveForMs === undefined) return { _: 'inputMediaGeoLive', geoPoint }
  const period = Math.min(LONGEST_LIVE_S, Math.max(SHORTEST_LIVE_S, Math.ceil(liveForMs / 1000)))
  return { _: 'inputMediaGeoLive', geoPoint, period }
}

function location(place: LocationContent): tl.TypeInputMedia[] {
  const { latitude, longitude, name, live } = place
  if (live === true) return [livePlace(place)]
  const geoPoint: tl.TypeInputGeoPoint = { _: 'inputGeoPoint', lat: latitude, long: longitude }
  if (name === undefined || name.trim() === '') return [{ _: 'inputMediaGeoPoint', geoPoint }]
  const [title = '', ...address] = name.trim().split(', ')
  return [
    {
      _: 'inputMediaVenue',
      geoPoint,
      title,
      address: address.join(', '),
      provider: '',
      venueId: '',
      venueType: '',
    },
  ]
}

/** One card for each contact with a number; the others are told as text. */
function contacts(
  { contacts: all }: ContactContent,
  before: TgText,
  reply: TgReply,
  voice: Voice,
): TelegramPlan {
  const cards = all.flatMap(({ name, phones, vcard }): tl.TypeInputMedia[] => {
    const [phoneNumber] = phones
    if (phoneNumber === undefined) return []
    const [firstName = '', ...last] = name.trim().split(/\s+/)
    return [{ _: 'inputMediaContact', phoneNumber, firstName, lastName: last.join(' '), vcard: vcard ?? '' }]
  })
  const others = all.filter(({ phones }) => phones.length === 0).map(({ name }) => `Contact: ${name}`)
  if (cards.length === 0) return texts(plain(others.join('\n')), before, { style: 'text' }, reply, voice)
  const plan = withSpeaker(cards, before, reply, voice)
  if ('refused' in plan || others.length === 0) return plan
  return { calls: [...plan.calls, ...rest(split(plain(others.join('\n')), TEXT_LIMIT), reply)] }
}

/** The text of a message in one piece, for an edit; undefined when it has no text. */
export function textOf(content: MessageContent, voice: Voice): TgText | undefined {
  switch (content.kind) {
    case 'text':
      return joined(
        leadOf(voice, content.style),
        styled(toText(content, content.mentions ?? [], voice), content.style, voice),
      )
    case 'media': {
      const caption = toText(content.caption ?? { body: '' }, content.mentions ?? [], voice)
      const lead = leadOf(voice)
      return lead.text === '' ? caption : joined(lead, caption)
    }
    case 'unsupported':
      return joined(leadOf(voice, 'emote'), styled(plain(content.text), 'emote', voice))
    default:
      return undefined
  }
}
