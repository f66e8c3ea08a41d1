import type { LocationContent, MessageContent } from '../model/content.ts'
import { isMediaType, readMedia } from './media-from-event.ts'
import { readMentions } from './mentions.ts'
import type { KnownPeople } from './mentions.ts'
import { readPreviews } from './previews.ts'
import { readText } from './text-from-event.ts'
import { objectAt, stringAt } from './untrusted.ts'
import type { Json } from './untrusted.ts'

const STYLES = new Map<string, 'text' | 'notice' | 'emote'>([
  ['m.text', 'text'],
  ['m.notice', 'notice'],
  ['m.server_notice', 'notice'],
  ['m.emote', 'emote'],
])

const MEDIA_WORDS: Readonly<Record<string, string>> = {
  'm.image': 'an image',
  'm.video': 'a video',
  'm.audio': 'an audio file',
  'm.file': 'a file',
  'm.sticker': 'a sticker',
}

/** Content as the networks know it, and its words: for commands, and for quoting it later. */
export type ReadMessage = { content: MessageContent; text: string }

/** Reads the content of `m.room.message` or `m.sticker`. Total: what makes no sense is content of kind `unsupported`. */
export function readMessage(json: Json, msgtype: string, isReply: boolean, known?: KnownPeople): ReadMessage {
  if (isMediaType(msgtype) || msgtype === 'm.sticker') {
    const media = readMedia(json, msgtype, isReply)
    if (media !== undefined) {
      const { caption } = media
      const { mentions } = caption === undefined ? {} : readMentions(json, caption, known)
      const content = mentions === undefined ? media : { ...media, mentions }
      return { content, text: caption?.body ?? media.fileName }
    }
    return unsupported(msgtype, `${MEDIA_WORDS[msgtype] ?? 'a file'} without a readable address`, json)
  }
  if (msgtype === 'm.location') {
    const location = readLocation(json)
    if (location !== undefined) return { content: location, text: location.name ?? geoText(location) }
    return unsupported(msgtype, 'a location without readable coordinates', json)
  }
  const style = STYLES.get(msgtype)
  if (style === undefined) {
    return unsupported(msgtype === '' ? 'message' : msgtype, 'a message of a kind that does not cross', json)
  }
  const text = readText(json, isReply)
  if (text.body === '' && text.html === undefined) return unsupported(msgtype, 'a message without text', json)
  return {
    content: { kind: 'text', style, ...text, ...readMentions(json, text, known), ...readPreviews(json) },
    text: text.body,
  }
}

/** Words for what does not cross, with whatever text came along. */
export function unsupported(what: string, sentence: string, json: Json): ReadMessage {
  const body = readText(json, false).body.trim()
  const kind = what.slice(0, 100)
  const text = `sent ${sentence}${body === '' ? '' : `: ${body}`}`
  return { content: { kind: 'unsupported', what: kind, text }, text: body === '' ? text : body }
}

/** `m.location` with its base form, or the extensible one of MSC3488. */
export function readLocation(json: Json): LocationContent | undefined {
  const extensible = objectAt(json, 'm.location') ?? objectAt(json, 'org.matrix.msc3488.location') ?? {}
  const point = parseGeo(stringAt(extensible, 'uri') ?? '') ?? parseGeo(stringAt(json, 'geo_uri') ?? '')
  if (point === undefined) return undefined
  const name = (stringAt(extensible, 'description') ?? stringAt(json, 'body') ?? '').trim()
  return { kind: 'location', ...point, ...(name === '' || name.includes('geo:') ? {} : { name }) }
}

/** RFC 5870: `geo:lat,lon[,altitude][;parameters]`. */
function parseGeo(uri: string): { latitude: number; longitude: number } | undefined {
  const found = /^geo:(-?\d{1,3}(?:\.\d{1,20})?),(-?\d{1,3}(?:\.\d{1,20})?)(?:[,;]|$)/i.exec(uri.trim())
  const latitude = Number(found?.[1])
  const longitude = Number(found?.[2])
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined
  return { latitude, longitude }
}

const geoText = (at: LocationContent): string => `${at.latitude}, ${at.longitude}`
