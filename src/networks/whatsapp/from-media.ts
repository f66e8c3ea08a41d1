import type { proto } from '@whiskeysockets/baileys'
import type { MediaContent, MediaKind, MessageContent } from '../../model/content.ts'
import { richText } from './from-text.ts'
import { mediaSource } from './media-ref.ts'
import type { WaFile, WaMediaType } from './media-ref.ts'
import { numberOf } from './numbers.ts'
import { appOnly, lines } from './rich.ts'
import type { Rich } from './rich.ts'
import type { View } from './view.ts'
import { readWaveform } from './waveform.ts'

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'video/mp4': '.mp4',
  'video/3gpp': '.3gp',
  'audio/ogg': '.ogg',
  'audio/mpeg': '.mp3',
  'audio/mp4': '.m4a',
  'audio/aac': '.aac',
  'audio/amr': '.amr',
  'application/pdf': '.pdf',
  'application/was': '.was',
}

const WORDS: Readonly<Record<MediaKind, string>> = {
  image: 'A photo',
  video: 'A video',
  audio: 'An audio file',
  voice: 'A voice message',
  file: 'A file',
  sticker: 'A sticker',
}

/** An attachment, as far as all of them are alike. */
type Parts = WaFile & {
  mimetype?: string | null
  caption?: string | null
  width?: number | null
  height?: number | null
  seconds?: number | null
  contextInfo?: proto.IContextInfo | null
  accessibilityLabel?: string | null
}

type Shape = Pick<MediaContent, 'media'> &
  Partial<Pick<MediaContent, 'fileName' | 'animated' | 'round' | 'waveform' | 'alt'>> & { type: WaMediaType }

export type MediaContext = {
  view: View
  key: proto.IMessageKey
  viewOnce: boolean
  /** Words that come before the caption. */
  lead?: Rich
}

/** A message with an attachment; undefined when it has none. */
export function fromMedia(content: proto.IMessage, context: MediaContext): MessageContent | undefined {
  const { imageMessage, videoMessage, ptvMessage, audioMessage, documentMessage, stickerMessage } = content
  if (imageMessage) return media(imageMessage, { media: 'image', type: 'image' }, context)
  if (ptvMessage) return media(ptvMessage, { media: 'video', type: 'video', round: true }, context)
  if (videoMessage) {
    const animated = videoMessage.gifPlayback === true
    return media(videoMessage, { media: 'video', type: 'video', ...(animated && { animated }) }, context)
  }
  if (audioMessage) {
    const voice = audioMessage.ptt === true
    const waveform = voice && audioMessage.waveform ? readWaveform(audioMessage.waveform) : []
    const shape: Shape = {
      media: voice ? 'voice' : 'audio',
      type: 'audio',
      ...(waveform.length > 0 && { waveform }),
    }
    return media(audioMessage, shape, context)
  }
  if (documentMessage) {
    const fileName = documentMessage.fileName ?? documentMessage.title ?? ''
    return media(documentMessage, { media: 'file', type: 'document', fileName }, context)
  }
  if (stickerMessage) {
    const animated = stickerMessage.isAnimated === true || stickerMessage.isLottie === true
    const alt = stickerMessage.accessibilityLabel?.trim() ?? ''
    const shape: Shape = {
      media: 'sticker',
      type: 'sticker',
      ...(animated && { animated }),
      ...(alt !== '' && { alt }),
    }
    return media(stickerMessage, shape, context)
  }
  return undefined
}

function media(parts: Parts, { type, ...shape }: Shape, context: MediaContext): MessageContent {
  const { view, key, viewOnce, lead } = context
  if (viewOnce) return viewOnceNotice(shape.media)
  const caption = lines([lead, richText(view, parts.caption, parts.contextInfo)])
  const source = mediaSource(parts, type, key)
  if (source === undefined)
    return appOnly(shape.media, `${WORDS[shape.media]} that WhatsApp keeps to the phone.`, caption)
  const mimeType = cleanType(parts.mimetype)
  const sizeBytes = numberOf(parts.fileLength) ?? 0
  const { width, height, seconds } = parts
  const { mentions, ...text } = caption
  return {
    kind: 'media',
    ...shape,
    fileName: fileName(shape.fileName ?? '', shape.media, mimeType),
    source,
    ...(mimeType !== undefined && { mimeType }),
    ...(sizeBytes > 0 && { sizeBytes }),
    ...(text.body !== '' && { caption: text }),
    ...(mentions !== undefined && { mentions }),
    ...(width && height && { width, height }),
    ...(seconds && seconds > 0 && { durationMs: seconds * 1000 }),
  }
}

/** What may be seen once is not carried to where it would stay. */
export const viewOnceNotice = (kind: MediaKind | undefined): MessageContent =>
  appOnly('view-once', `${kind === undefined ? 'A message' : WORDS[kind]} that can be viewed once.`)

/** `audio/ogg; codecs=opus` is `audio/ogg`; what is no type at all is left out. */
function cleanType(type: string | null | undefined): string | undefined {
  const bare = type?.split(';')[0]?.trim().toLowerCase() ?? ''
  return /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/.test(bare) ? bare : undefined
}

/** One path segment; made up where the network has no name. */
function fileName(given: string, kind: MediaKind, mimeType: string | undefined): string {
  const clean = given
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/[/\\]/g, '_')
    .trim()
  if (clean !== '' && !/^\.+$/.test(clean)) return clean.slice(0, 200).toWellFormed()
  return `${kind}${EXTENSIONS[mimeType ?? ''] ?? ''}`
}

/** What an attachment is called in a sentence; undefined for a message without one. */
export function mediaWords(content: proto.IMessage): string | undefined {
  if (content.imageMessage) return 'Photo'
  if (content.ptvMessage) return 'Video message'
  if (content.videoMessage) return content.videoMessage.gifPlayback === true ? 'GIF' : 'Video'
  if (content.audioMessage) return content.audioMessage.ptt === true ? 'Voice message' : 'Audio'
  if (content.documentMessage) return content.documentMessage.fileName?.trim() || 'File'
  return content.stickerMessage ? 'Sticker' : undefined
}
