import type { MediaContent, MediaKind, RichText } from '../model/content.ts'
import type { MxcUri } from '../model/ids.ts'
import { cutText } from './cut.ts'
import { HTML_FORMAT } from './text-from-event.ts'
import type { Json } from './untrusted.ts'

const MSGTYPES: Readonly<Record<MediaKind, string>> = {
  image: 'm.image',
  video: 'm.video',
  audio: 'm.audio',
  voice: 'm.audio',
  file: 'm.file',
  sticker: 'm.image',
}

const LONGEST_NAME = 255

/**
 * The event for an attachment. A caption is the body beside a file name (MSC2530). Without an address for the bytes it
 * is a notice that says what is missing, so that an attachment that cannot be fetched is not silent.
 */
export function mediaEvent(
  media: MediaContent,
  caption: RichText,
  options: { edits: boolean; uploaded: MxcUri | undefined; missing?: string | undefined },
): { type: string; content: Json } {
  const name = cutText(media.fileName === '' ? media.media : media.fileName, LONGEST_NAME)
  const place = placeOf(media, options.uploaded)
  if (place === undefined) return missing(media, name, caption, options.missing)
  const sticker = media.media === 'sticker'
  if (sticker && isPicture(media) && !options.edits && caption.body === '') {
    const body = media.alt === undefined || media.alt === '' ? name : cutText(media.alt, LONGEST_NAME)
    return { type: 'm.sticker', content: { body, ...place, info: infoOf(media), 'm.mentions': {} } }
  }
  const said = caption.body === '' && sticker && media.alt !== undefined ? { body: media.alt } : caption
  return {
    type: 'm.room.message',
    content: {
      msgtype: sticker ? stickerType(media) : MSGTYPES[media.media],
      body: said.body === '' ? name : said.body,
      ...(said.html === undefined ? {} : { format: HTML_FORMAT, formatted_body: said.html }),
      filename: name,
      ...place,
      info: infoOf(media),
      ...(media.media === 'voice' ? voice(media) : {}),
      ...(media.spoiler === true
        ? { 'page.codeberg.everypizza.msc4193.spoiler': true, 'm.spoiler': true }
        : {}),
      'm.mentions': {},
    },
  }
}

/** Stickers that are no pictures, such as Telegram's vector animations, are shown as what they are, beside their emoji. */
const isPicture = (media: MediaContent): boolean => (media.mimeType ?? 'image/').startsWith('image/')

const stickerType = (media: MediaContent): string =>
  isPicture(media) ? 'm.image' : media.mimeType?.startsWith('video/') === true ? 'm.video' : 'm.file'

function placeOf(media: MediaContent, uploaded: MxcUri | undefined): Json | undefined {
  if (uploaded !== undefined) return { url: uploaded }
  if (media.source.at === 'remote') return undefined
  const { mxc, file } = media.source
  if (file === undefined) return { url: mxc }
  // Specification, "EncryptedFile": what is fixed for this version is filled in again.
  const key = { kty: 'oct', key_ops: ['encrypt', 'decrypt'], alg: 'A256CTR', ext: true, k: file.key.k }
  return { file: { v: 'v2', url: file.url, key, iv: file.iv, hashes: file.hashes } }
}

function missing(
  media: MediaContent,
  name: string,
  caption: RichText,
  why: string | undefined,
): { type: string; content: Json } {
  const reason = why === undefined ? '' : `: ${cutText(why, 300)}`
  const words = `${media.media} "${name}" could not be fetched${reason}`
  const body = caption.body === '' ? words : `${caption.body}\n(${words})`
  return { type: 'm.room.message', content: { msgtype: 'm.notice', body, 'm.mentions': {} } }
}

function infoOf(media: MediaContent): Json {
  const info: Json = {}
  const put = (key: string, value: unknown) => {
    if (value !== undefined) info[key] = value
  }
  put('mimetype', media.mimeType)
  put('size', whole(media.sizeBytes))
  put('w', whole(media.width))
  put('h', whole(media.height))
  put('duration', whole(media.durationMs))
  if (media.animated === true) {
    info['org.matrix.msc4230.is_animated'] = true
    // Videos that networks call GIFs: clients that know these keys play them as such.
    if (media.media === 'video' || media.mimeType?.startsWith('video/') === true) {
      for (const key of ['gif', 'loop', 'autoplay', 'hide_controls', 'no_audio']) info[`fi.mau.${key}`] = true
    }
  }
  return info
}

/** Homeservers refuse numbers that are not whole (specification, "Canonical JSON"). */
function whole(value: number | undefined): number | undefined {
  return value === undefined || !Number.isFinite(value) || value < 0 ? undefined : Math.round(value)
}

/** MSC3245 with the duration and wave form of MSC3246. */
function voice(media: MediaContent): Json {
  const duration = whole(media.durationMs)
  const waveform = media.waveform?.map((height) => Math.min(1024, Math.max(0, Math.round(height) || 0)))
  return {
    'org.matrix.msc3245.voice': {},
    'org.matrix.msc1767.audio': {
      ...(duration === undefined ? {} : { duration }),
      ...(waveform === undefined || waveform.length === 0 ? {} : { waveform: waveform.slice(0, 256) }),
    },
  }
}
