import type { AnyMediaMessageContent, WAMediaUpload, proto } from '@whiskeysockets/baileys'
import type { MediaContent } from '../../model/content.ts'
import type { Upload } from './call.ts'
import { writeWaveform } from './waveform.ts'

/** Types that WhatsApp's apps show as such; everything else goes as a file. */
const IMAGES = new Set(['image/jpeg', 'image/png'])
const VIDEOS = new Set(['video/mp4', 'video/3gpp'])
const AUDIOS = new Set(['audio/ogg', 'audio/mpeg', 'audio/mp4', 'audio/aac', 'audio/amr'])

export type UploadPlan = { upload: Upload; note?: string }

/** As what an attachment is sent, and words for its sender where that is not what it was. */
export function toUpload(media: MediaContent): UploadPlan {
  const mimeType = media.mimeType?.split(';')[0]?.trim().toLowerCase() || 'application/octet-stream'
  const base = { media, mimeType, fileName: media.fileName }
  const file = (note?: string): UploadPlan => ({
    upload: { ...base, as: 'document' },
    ...(note !== undefined && { note }),
  })
  switch (media.media) {
    case 'image':
      if (IMAGES.has(mimeType)) return { upload: { ...base, as: 'image' } }
      return file(
        mimeType === 'image/gif'
          ? 'WhatsApp plays GIFs as videos only: it was sent as a file.'
          : `WhatsApp does not show pictures of this type (${mimeType}): it was sent as a file.`,
      )
    case 'video': {
      if (!VIDEOS.has(mimeType))
        return file(`WhatsApp does not play videos of this type (${mimeType}): it was sent as a file.`)
      const gif = media.animated === true
      const round = media.round === true
      return { upload: { ...base, as: 'video', ...(gif && { gif }), ...(round && { round }) } }
    }
    case 'voice': {
      // A voice message is Opus in Ogg; the apps of some phones are silent at anything else.
      if (mimeType !== 'audio/ogg' && mimeType !== 'audio/opus') return audio(base, file)
      const waveform = writeWaveform(media.waveform ?? [])
      const voice = waveform === undefined ? {} : { waveform }
      return { upload: { ...base, mimeType: 'audio/ogg; codecs=opus', as: 'audio', voice } }
    }
    case 'audio':
      return audio(base, file)
    case 'sticker': {
      const animated = media.animated === true
      if (mimeType === 'image/webp')
        return { upload: { ...base, as: 'sticker', ...(animated && { animated }) } }
      if (IMAGES.has(mimeType))
        return {
          upload: { ...base, as: 'image' },
          note: 'WhatsApp takes stickers as WebP only: it was sent as a picture.',
        }
      return file('WhatsApp takes stickers as WebP only: it was sent as a file.')
    }
    case 'file':
      return file()
  }
}

function audio(base: Omit<Upload, 'as'>, file: (note?: string) => UploadPlan): UploadPlan {
  return AUDIOS.has(base.mimeType)
    ? { upload: { ...base, as: 'audio' } }
    : file(`WhatsApp does not play sound of this type (${base.mimeType}): it was sent as a file.`)
}

/** Whether words can stand under it. */
export const takesCaption = ({ as, round }: Upload): boolean =>
  (as === 'image' || as === 'video' || as === 'document') && round !== true

/**
 * What `generateWAMessage` takes, with the bytes. A thumbnail is not made: it would write the file to the disk in clear.
 */
export function uploadContent(
  {
    upload,
    caption,
    context,
    edit,
  }: {
    upload: Upload
    caption: string
    context: proto.IContextInfo
    edit?: proto.IMessageKey
  },
  bytes: WAMediaUpload,
): AnyMediaMessageContent {
  const { media, mimeType, fileName } = upload
  const { width, height, durationMs } = media
  const size = { ...(width !== undefined && { width }), ...(height !== undefined && { height }) }
  const seconds = durationMs === undefined ? 0 : Math.max(1, Math.round(durationMs / 1000))
  const rest = {
    mimetype: mimeType,
    ...(caption !== '' && { caption }),
    ...(edit !== undefined && { edit }),
    ...(Object.keys(context).length > 0 && { contextInfo: context }),
  }
  switch (upload.as) {
    case 'image':
      return { image: bytes, jpegThumbnail: '', ...size, ...rest }
    case 'video':
      return {
        video: bytes,
        jpegThumbnail: '',
        ...size,
        ...rest,
        ...(seconds > 0 && { seconds }),
        ...(upload.gif === true && { gifPlayback: true }),
        ...(upload.round === true && { ptv: true }),
      }
    case 'audio':
      return {
        audio: bytes,
        ...rest,
        seconds,
        ...(upload.voice !== undefined && {
          ptt: true,
          // The library would work one out, from the whole file in memory.
          waveform: upload.voice.waveform ?? new Uint8Array(64),
        }),
      }
    case 'sticker':
      return { sticker: bytes, ...size, ...rest, ...(upload.animated === true && { isAnimated: true }) }
    case 'document':
      return { document: bytes, fileName, ...rest }
  }
}
