import type { EncryptedFile, MediaContent, MediaKind, MediaSource } from '../model/content.ts'
import { cutText } from './cut.ts'
import { readText } from './text-from-event.ts'
import { arrayAt, countAt, isMxc, isObject, numberAt, objectAt, stringAt, valueAt } from './untrusted.ts'
import type { Json } from './untrusted.ts'

const KINDS: Readonly<Record<string, MediaKind>> = {
  'm.image': 'image',
  'm.video': 'video',
  'm.audio': 'audio',
  'm.file': 'file',
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'video/mp4': '.mp4',
  'video/webm': '.webm',
  'audio/ogg': '.ogg',
  'audio/mpeg': '.mp3',
  'audio/mp4': '.m4a',
  'application/pdf': '.pdf',
}

const VOICE = ['org.matrix.msc3245.voice', 'org.matrix.msc3245.voice.v2', 'm.voice']
const SPOILER = ['page.codeberg.everypizza.msc4193.spoiler', 'm.spoiler']
const ANIMATED = ['org.matrix.msc4230.is_animated', 'is_animated', 'fi.mau.gif']
const LONGEST_NAME = 200
const MOST_SAMPLES = 256

export const isMediaType = (msgtype: string): boolean => Object.hasOwn(KINDS, msgtype)

/** Reads a message or sticker with an attachment; undefined when it points to no media. */
export function readMedia(content: Json, msgtype: string, isReply: boolean): MediaContent | undefined {
  const source = readSource(content)
  if (source === undefined) return undefined
  const media = kindOf(content, msgtype)
  const info = objectAt(content, 'info') ?? {}
  const audio = objectAt(content, 'org.matrix.msc1767.audio') ?? {}
  const text = readText(content, isReply)
  const named = stringAt(content, 'filename') ?? ''
  const mimeType = mimeOf(stringAt(info, 'mimetype'))
  // MSC2530: the body is a caption only when there is a file name that differs from it.
  const captioned = named !== '' && text.body !== '' && (text.body !== named || text.html !== undefined)
  const durationMs = countAt(info, 'duration') ?? countAt(audio, 'duration')
  const waveform = waveformOf(audio)
  const optional = {
    mimeType,
    sizeBytes: countAt(info, 'size'),
    caption: captioned && media !== 'sticker' ? text : undefined,
    width: countAt(info, 'w'),
    height: countAt(info, 'h'),
    durationMs,
    waveform: waveform.length > 0 ? waveform : undefined,
    animated: ANIMATED.some((key) => valueAt(info, key) === true) || undefined,
    spoiler: isSpoiler(content) || undefined,
    alt: media === 'sticker' && text.body !== '' ? cutText(text.body, LONGEST_NAME) : undefined,
  }
  const known = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  return {
    kind: 'media',
    media,
    fileName: fileName(named === '' ? text.body : named, media, mimeType),
    source,
    ...(known as { [K in keyof typeof optional]?: NonNullable<(typeof optional)[K]> }),
  }
}

function kindOf(content: Json, msgtype: string): MediaKind {
  const kind = msgtype === 'm.sticker' ? 'sticker' : (KINDS[msgtype] ?? 'file')
  return kind === 'audio' && VOICE.some((key) => isObject(valueAt(content, key))) ? 'voice' : kind
}

function readSource(content: Json): MediaSource | undefined {
  const file = readEncrypted(objectAt(content, 'file'))
  if (file !== undefined) return { at: 'matrix', mxc: file.url, file }
  const mxc = valueAt(content, 'url')
  return isMxc(mxc) ? { at: 'matrix', mxc } : undefined
}

/** Specification, "EncryptedFile": only what decryption needs. */
function readEncrypted(file: Json | undefined): EncryptedFile | undefined {
  if (file === undefined) return undefined
  const url = valueAt(file, 'url')
  const key = stringAt(objectAt(file, 'key') ?? {}, 'k')
  const iv = stringAt(file, 'iv')
  const sha256 = stringAt(objectAt(file, 'hashes') ?? {}, 'sha256')
  if (!isMxc(url) || key === undefined || iv === undefined || sha256 === undefined) return undefined
  return { url, key: { k: key }, iv, hashes: { sha256 } }
}

function isSpoiler(content: Json): boolean {
  const warning = objectAt(content, 'town.robin.msc3725.content_warning')
  return (
    SPOILER.some((key) => valueAt(content, key) === true) ||
    (warning !== undefined && stringAt(warning, 'type')?.endsWith('spoiler') === true)
  )
}

/** MSC3246: whole numbers from 0 to 1024. */
function waveformOf(audio: Json): number[] {
  const samples = arrayAt(audio, 'waveform').slice(0, MOST_SAMPLES)
  return samples.map((sample) => {
    const height = numberAt({ sample }, 'sample') ?? 0
    return Math.min(1024, Math.max(0, Math.round(height)))
  })
}

const mimeOf = (type: string | undefined): string | undefined =>
  type !== undefined && /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(type) ? type.toLowerCase() : undefined

/** A name that is one path segment without control characters, never empty. */
function fileName(written: string, media: MediaKind, mimeType: string | undefined): string {
  const name = written
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/^.*[/\\]/, '')
    .trim()
  if (name === '' || name === '.' || name === '..') return media + (EXTENSIONS[mimeType ?? ''] ?? '')
  if (name.length <= LONGEST_NAME) return name
  const extension = /\.\w{1,10}$/.exec(name)?.[0] ?? ''
  return name.slice(0, LONGEST_NAME - extension.length).toWellFormed() + extension
}
