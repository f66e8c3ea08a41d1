import type { tl } from '@mtcute/core'
import type { MediaContent } from '../../model/content.ts'
import type { Upload } from './call.ts'
import { PHOTO } from './limits.ts'
import { writeWaveform } from './waveform.ts'

const PHOTOS = new Set(['image/jpeg', 'image/png', 'image/webp'])
const STICKERS = new Set(['image/webp', 'video/webm', 'application/x-tgsticker'])
/** What Telegram plays as a voice message. */
const VOICES = /^audio\/(?:ogg|opus|mpeg|mp3|mp4|m4a|x-m4a)/
const MOST_SECONDS = 1_000_000

const FALLBACK_TYPES: Readonly<Record<MediaContent['media'], string>> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/mpeg',
  voice: 'audio/ogg',
  file: 'application/octet-stream',
  sticker: 'image/webp',
}

/** How an attachment of Matrix is uploaded: as what, with which attributes (core.telegram.org/api/files). */
export function toUpload(media: MediaContent): Upload {
  const mimeType = media.mimeType ?? FALLBACK_TYPES[media.media]
  const name: tl.RawDocumentAttributeFilename = {
    _: 'documentAttributeFilename',
    fileName: media.fileName === '' ? media.media : media.fileName,
  }
  const base = {
    media,
    mimeType,
    fileName: name.fileName,
    ...(media.spoiler === true && { spoiler: true }),
  }
  const document = (attributes: tl.TypeDocumentAttribute[], more: Partial<Upload> = {}): Upload => ({
    ...base,
    as: 'document',
    attributes: [...attributes, name],
    ...more,
  })
  switch (media.media) {
    case 'sticker':
      if (STICKERS.has(mimeType)) return document([stickerOf(media), ...imageSize(media)])
      return picture(media, mimeType, base, document)
    case 'image':
      return picture(media, mimeType, base, document)
    case 'video':
      if (media.animated === true) return document([videoOf(media), ANIMATED], { nosoundVideo: true })
      return mimeType.startsWith('video/') ? document([videoOf(media)]) : document([], { forceFile: true })
    case 'voice':
      if (!VOICES.test(mimeType)) return document([audioOf(media, {})])
      return document([audioOf(media, { voice: true, waveform: writeWaveform(media.waveform ?? []) })])
    case 'audio':
      return document([audioOf(media, {})])
    case 'file':
      return document([], { forceFile: true })
  }
}

const ANIMATED: tl.RawDocumentAttributeAnimated = { _: 'documentAttributeAnimated' }

function picture(
  media: MediaContent,
  mimeType: string,
  base: Pick<Upload, 'media' | 'mimeType' | 'fileName' | 'spoiler'>,
  document: (attributes: tl.TypeDocumentAttribute[], more?: Partial<Upload>) => Upload,
): Upload {
  if (mimeType === 'image/gif') return document([...imageSize(media), ANIMATED])
  if (!PHOTOS.has(mimeType)) return document(imageSize(media), { forceFile: true })
  const photo: Upload = { ...base, as: 'photo', attributes: [] }
  return isPhoto(photo, media.sizeBytes ?? 0) ? photo : document(imageSize(media), { forceFile: true })
}

/** Whether the service takes a picture as a photo; `bytes` is its true size, once it is known. */
export function isPhoto({ as, media }: Pick<Upload, 'as' | 'media'>, bytes: number): boolean {
  const { width = 1, height = 1 } = media
  const [long, short] = width > height ? [width, height] : [height, width]
  return (
    as === 'photo' && bytes <= PHOTO.bytes && width + height <= PHOTO.sides && long <= short * PHOTO.ratio
  )
}

/** The same attachment as a document, for a picture that is no photo after all. */
export const asDocument = (upload: Upload): Upload =>
  upload.as === 'document'
    ? upload
    : {
        ...upload,
        as: 'document',
        forceFile: true,
        attributes: [
          ...imageSize(upload.media),
          { _: 'documentAttributeFilename', fileName: upload.fileName },
        ],
      }

function imageSize({ width, height }: MediaContent): tl.TypeDocumentAttribute[] {
  return width === undefined || height === undefined
    ? []
    : [{ _: 'documentAttributeImageSize', w: width, h: height }]
}

const seconds = (ms: number | undefined): number => Math.min(MOST_SECONDS, Math.max(0, (ms ?? 0) / 1000))

const videoOf = (media: MediaContent): tl.RawDocumentAttributeVideo => ({
  _: 'documentAttributeVideo',
  duration: seconds(media.durationMs),
  w: media.width ?? 0,
  h: media.height ?? 0,
  supportsStreaming: true,
  ...(media.round === true && { roundMessage: true }),
  ...(media.animated === true && { nosound: true }),
})

function audioOf(
  media: MediaContent,
  more: { voice?: boolean; waveform?: Uint8Array },
): tl.RawDocumentAttributeAudio {
  const title = media.fileName.replace(/\.\w{1,5}$/, '')
  return {
    _: 'documentAttributeAudio',
    duration: Math.round(seconds(media.durationMs)),
    ...(more.voice === true ? { voice: true } : title !== '' && { title }),
    ...(more.waveform !== undefined && more.waveform.length > 0 && { waveform: more.waveform }),
  }
}

const stickerOf = (media: MediaContent): tl.RawDocumentAttributeSticker => ({
  _: 'documentAttributeSticker',
  alt: media.alt ?? '',
  stickerset: { _: 'inputStickerSetEmpty' },
})
