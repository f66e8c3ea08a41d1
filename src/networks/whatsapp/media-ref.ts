import type { proto } from '@whiskeysockets/baileys'
import type { MediaSource } from '../../model/content.ts'
import type { RemotePicture } from '../../model/remote-event.ts'
import { numberOf } from './numbers.ts'
import type { LongLike } from './numbers.ts'

/** Which key an attachment is encrypted with (`MediaType` of Baileys). */
export type WaMediaType = 'image' | 'video' | 'audio' | 'document' | 'sticker'

/**
 * Where an attachment is and how it is opened. It names its message as well: a file that WhatsApp has put away is asked
 * of the sender's phone again by that. Bytes as base64.
 */
export type MediaRef =
  | {
      of: 'message'
      type: WaMediaType
      mediaKey: string
      path?: string
      url?: string
      sha256?: string
      encSha256?: string
      sizeBytes?: number
      key: proto.IMessageKey
    }
  /** A picture of a person or group: its address is asked for when it is fetched. */
  | { of: 'picture'; jid: string; id: string }
  /** A text that is too long for an event of Matrix. */
  | { of: 'text'; text: string }

/** What all attachments have (`DownloadableMessage` of Baileys, and what proves the bytes). */
export type WaFile = {
  mediaKey?: Uint8Array | null
  directPath?: string | null
  url?: string | null
  fileSha256?: Uint8Array | null
  fileEncSha256?: Uint8Array | null
  fileLength?: LongLike
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const some = (bytes: Uint8Array | null | undefined): bytes is Uint8Array => !!bytes && bytes.length > 0

/** Undefined for a file that cannot be fetched: without a key or an address, as of what may be seen on the phone only. */
export function mediaSource(
  file: WaFile,
  type: WaMediaType,
  key: proto.IMessageKey,
): MediaSource | undefined {
  const { mediaKey, directPath, url } = file
  if (!some(mediaKey) || (!directPath && !url)) return undefined
  const sizeBytes = numberOf(file.fileLength)
  const { remoteJid, fromMe, id, participant } = key
  const ref: MediaRef = {
    of: 'message',
    type,
    mediaKey: base64(mediaKey),
    ...(directPath && { path: directPath }),
    ...(url && { url }),
    ...(some(file.fileSha256) && { sha256: base64(file.fileSha256) }),
    ...(some(file.fileEncSha256) && { encSha256: base64(file.fileEncSha256) }),
    ...(sizeBytes !== undefined && { sizeBytes }),
    key: {
      ...(remoteJid && { remoteJid }),
      fromMe: fromMe === true,
      ...(id && { id }),
      ...(participant && { participant }),
    },
  }
  return { at: 'remote', ref }
}

export const pictureSource = (jid: string, id: string): MediaSource => {
  const ref: MediaRef = { of: 'picture', jid, id }
  return { at: 'remote', ref }
}

export const textSource = (text: string): MediaSource => {
  const ref: MediaRef = { of: 'text', text }
  return { at: 'remote', ref }
}

/** A picture of a person or group. */
export const pictureOf = (jid: string, id: string): RemotePicture => ({
  id,
  media: {
    kind: 'media',
    media: 'image',
    fileName: 'picture.jpg',
    mimeType: 'image/jpeg',
    source: pictureSource(jid, id),
  },
})

/** The way back, out of the ledger; undefined for what is no such reference. */
export function readMediaRef(ref: Readonly<Record<string, unknown>>): MediaRef | undefined {
  const text = (name: string) => (typeof ref[name] === 'string' ? ref[name] : undefined)
  if (ref['of'] === 'picture') {
    const [jid, id] = [text('jid'), text('id')]
    return jid === undefined || id === undefined ? undefined : { of: 'picture', jid, id }
  }
  if (ref['of'] === 'text') {
    const words = text('text')
    return words === undefined ? undefined : { of: 'text', text: words }
  }
  const type = TYPES.find((each) => each === ref['type'])
  const mediaKey = text('mediaKey')
  const key = ref['key']
  if (ref['of'] !== 'message' || type === undefined || mediaKey === undefined) return undefined
  if (typeof key !== 'object' || key === null) return undefined
  const optional = ['path', 'url', 'sha256', 'encSha256'].flatMap((name) => {
    const value = text(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const { sizeBytes } = ref
  return {
    of: 'message',
    type,
    mediaKey,
    ...Object.fromEntries(optional),
    ...(typeof sizeBytes === 'number' && { sizeBytes }),
    key,
  }
}

const TYPES: readonly WaMediaType[] = ['image', 'video', 'audio', 'document', 'sticker']
