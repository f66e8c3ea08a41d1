import type { tl } from '@mtcute/core'
import type { MediaContent, MediaKind } from '../../model/content.ts'
import { readWaveform } from './waveform.ts'

/** An attachment without where it is and what is said with it. */
export type FileFacts = Omit<MediaContent, 'kind' | 'source' | 'caption' | 'mentions'> & { id: string }

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'video/mp4': '.mp4',
  'video/webm': '.webm',
  'video/quicktime': '.mov',
  'audio/ogg': '.ogg',
  'audio/mpeg': '.mp3',
  'audio/mp4': '.m4a',
  'audio/x-m4a': '.m4a',
  'application/pdf': '.pdf',
  'application/x-tgsticker': '.tgs',
}

/** Pictures that people see as such, also when they were sent as files. */
const SHOWN_IMAGES = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif'])

/** A photo: the largest of its sizes is meant (core.telegram.org/api/files). Undefined for one without bytes. */
export function photoFacts(photo: tl.TypePhoto | undefined): FileFacts | undefined {
  if (photo?._ !== 'photo') return undefined
  const largest = photo.sizes.flatMap(sizeOf).sort((a, b) => b.w * b.h - a.w * a.h)[0]
  if (largest === undefined) return undefined
  return {
    id: photo.id.toString(),
    media: 'image',
    fileName: 'photo.jpg',
    mimeType: 'image/jpeg',
    width: largest.w,
    height: largest.h,
    ...(largest.bytes > 0 && { sizeBytes: largest.bytes }),
  }
}

function sizeOf(size: tl.TypePhotoSize): { w: number; h: number; bytes: number }[] {
  switch (size._) {
    case 'photoSize':
      return [{ w: size.w, h: size.h, bytes: size.size }]
    case 'photoSizeProgressive':
      return [{ w: size.w, h: size.h, bytes: Math.max(0, ...size.sizes) }]
    case 'photoCachedSize':
      return [{ w: size.w, h: size.h, bytes: size.bytes.length }]
    default:
      return []
  }
}

/** The type of the largest size that can be fetched, for a request of the file; undefined when there is none. */
export function largestSize(photo: tl.RawPhoto): string | undefined {
  const sizes = photo.sizes.flatMap((size) =>
    sizeOf(size).map(({ w, h }) => ({ type: size.type, area: w * h })),
  )
  return sizes.sort((a, b) => b.area - a.area)[0]?.type
}

/** A document by its attributes: voice, video message, GIF, video, music, sticker, picture or file. */
export function documentFacts(document: tl.TypeDocument | undefined): FileFacts | undefined {
  if (document?._ !== 'document') return undefined
  const { attributes, mimeType } = document
  const video = attributes.find((each) => each._ === 'documentAttributeVideo')
  const audio = attributes.find((each) => each._ === 'documentAttributeAudio')
  const sticker = attributes.find((each) => each._ === 'documentAttributeSticker')
  const emoji = attributes.find((each) => each._ === 'documentAttributeCustomEmoji')
  const image = attributes.find((each) => each._ === 'documentAttributeImageSize')
  const loops = attributes.some((each) => each._ === 'documentAttributeAnimated')
  const named = attributes.find((each) => each._ === 'documentAttributeFilename')?.fileName
  const media = kindOf({ video, audio, sticker: sticker ?? emoji, image, loops, mimeType })
  const waveform = media === 'voice' && audio?.waveform !== undefined ? readWaveform(audio.waveform) : []
  const size = video ?? image
  const seconds = video?.duration ?? audio?.duration
  const alt = sticker?.alt ?? emoji?.alt ?? ''
  const animated =
    media === 'sticker' ? mimeType !== 'image/webp' : loops || (media === 'video' && video?.nosound === true)
  return {
    id: document.id.toString(),
    media,
    fileName: fileName(named, media, mimeType, audio),
    ...(mimeType !== '' && { mimeType }),
    ...(document.size > 0 && { sizeBytes: document.size }),
    ...(size !== undefined && size.w > 0 && size.h > 0 && { width: size.w, height: size.h }),
    ...(seconds !== undefined && seconds > 0 && { durationMs: Math.round(seconds * 1000) }),
    ...(waveform.length > 0 && { waveform }),
    ...(animated && { animated: true }),
    ...(video?.roundMessage === true && { round: true }),
    ...(alt !== '' && { alt }),
  }
}

function kindOf(of: {
  video: tl.RawDocumentAttributeVideo | undefined
  audio: tl.RawDocumentAttributeAudio | undefined
  sticker: object | undefined
  image: object | undefined
  loops: boolean
  mimeType: string
}): MediaKind {
  if (of.sticker !== undefined) return 'sticker'
  if (of.audio?.voice === true) return 'voice'
  if (of.mimeType === 'image/gif') return 'image'
  if (of.video !== undefined || (of.loops && of.mimeType.startsWith('video/'))) return 'video'
  if (of.audio !== undefined || of.mimeType.startsWith('audio/')) return 'audio'
  return of.image !== undefined && SHOWN_IMAGES.has(of.mimeType) ? 'image' : 'file'
}

/** One path segment; made up where the network has no name. */
function fileName(
  named: string | undefined,
  media: MediaKind,
  mimeType: string,
  audio: tl.RawDocumentAttributeAudio | undefined,
): string {
  const song = media === 'audio' ? [audio?.performer, audio?.title].filter((part) => part).join(' - ') : ''
  const extension = EXTENSIONS[mimeType] ?? ''
  const given = named !== undefined && named.trim() !== '' ? named : song === '' ? '' : song + extension
  const clean = given
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/[/\\]/g, '_')
    .trim()
  return clean === '' || /^\.+$/.test(clean) ? `${media}${extension}` : clean.slice(0, 200).toWellFormed()
}
