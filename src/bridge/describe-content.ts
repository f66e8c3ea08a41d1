import type {
  ContactContent,
  LocationContent,
  MediaContent,
  MediaKind,
  PollContent,
  RichText,
} from '../model/content.ts'
import { escapeHtml } from '../matrix/html.ts'

const MEDIA_WORDS: Readonly<Record<MediaKind, string>> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  voice: 'voice message',
  file: 'file',
  sticker: 'sticker',
}

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB']

/** A size as people say it: `812 bytes`, `1.4 MB`. */
export function humanSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const rounded =
    unit === 0 || value >= 99.95 ? Math.round(value).toString() : value.toFixed(1).replace(/\.0$/, '')
  return `${rounded} ${UNITS[unit] ?? ''}`
}

/** A duration as players show it: `0:07`, `1:02:03`. */
export function humanDuration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const padded = (n: number) => n.toString().padStart(2, '0')
  return h > 0 ? `${h}:${padded(m)}:${padded(s)}` : `${m}:${padded(s)}`
}

/** An attachment in words: caption, kind and name, size and length, and where to get it. */
export function mediaText(media: MediaContent, link: string | undefined): RichText {
  const facts = [
    media.spoiler === true ? 'spoiler' : '',
    media.durationMs === undefined ? '' : humanDuration(media.durationMs),
    media.sizeBytes === undefined ? '' : humanSize(media.sizeBytes),
  ].filter((fact) => fact !== '')
  const name = media.media === 'voice' || media.fileName === '' ? '' : ` ${media.fileName}`
  const known = facts.length > 0 ? ` (${facts.join(', ')})` : ''
  const what = `${MEDIA_WORDS[media.media]}${name}${known}${link === undefined ? '' : `: ${link}`}`
  const caption = media.caption?.body.trim() ?? ''
  if (caption === '') return { body: what }
  const lines = caption.includes('\n')
  const body = lines ? `${caption}\n${what}` : `${caption} — ${what}`
  const html = media.caption?.html
  if (html === undefined) return { body }
  return { body, html: `${html}${lines ? '<br>' : ' — '}${escapeHtml(what)}` }
}

/** A place in words, with a `geo:` address (RFC 5870) for programs that know such. */
export function locationText(place: LocationContent): string {
  const what = place.live === true ? 'live location' : 'location'
  const [lat, lon] = [degrees(place.latitude), degrees(place.longitude)]
  const name = place.name === undefined || place.name === '' ? '' : ` ${place.name}`
  return `${what}${name}: ${lat}, ${lon} geo:${lat},${lon}`
}

/** Six digits are a hand's breadth; no exponents, which RFC 5870 does not know. */
const degrees = (value: number): string => value.toFixed(6).replace(/\.?0+$/, '')

/** Contact cards in words, one line each. */
export function contactText(content: ContactContent): string {
  return content.contacts.map((one) => `contact: ${[one.name, ...one.phones].join(', ')}`).join('\n')
}

/** A poll as a numbered list that says how to vote. */
export function pollText(poll: PollContent): string {
  const options = poll.options.map((option, i) => `${i + 1}. ${option.text}`)
  const several = poll.maxSelections > 1 && poll.options.length > 1
  const how = several
    ? `Vote with !vote 1 or, for up to ${poll.maxSelections} answers, !vote 1,2`
    : 'Vote with !vote and the number'
  const when = poll.hidden === true ? '; the result is shown at the end' : ''
  return [`Poll: ${poll.question}`, ...options, `${how}${when}`].join('\n')
}
