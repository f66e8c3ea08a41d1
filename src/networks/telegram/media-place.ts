import type { BaseTelegramClient } from '@mtcute/core/client.js'
import type { tl } from '@mtcute/core'
import { Long, toggleChannelIdMark } from '@mtcute/core'
import { remoteChatId } from '../../model/ids.ts'
import type { AccountView } from './account-view.ts'
import type { Place } from './download.ts'
import { parseChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import type { MediaRef } from './picture.ts'

const ASK_MS = 30_000

/** Messages by their numbers, as the account sees them; those that are gone are left out. @throws tl.RpcError */
export async function messagesByNumber(
  client: BaseTelegramClient,
  view: AccountView,
  chat: Pick<TgChat, 'kind' | 'id'>,
  numbers: readonly number[],
): Promise<(tl.RawMessage | tl.RawMessageService)[]> {
  const id = numbers.map((n): tl.RawInputMessageID => ({ _: 'inputMessageID', id: n }))
  const options = { timeout: ASK_MS }
  if (chat.kind !== 'channel')
    return found(view, await client.call({ _: 'messages.getMessages', id }, options))
  const channel = await view.channelOf(chat.id)
  if (channel === undefined) return []
  return found(view, await client.call({ _: 'channels.getMessages', channel, id }, options))
}

function found(
  view: AccountView,
  answer: tl.messages.TypeMessages,
): (tl.RawMessage | tl.RawMessageService)[] {
  if (answer._ === 'messages.messagesNotModified') return []
  view.learn(answer)
  return answer.messages.filter((message) => message._ !== 'messageEmpty')
}

/** Where the bytes of something are now; undefined when they are gone. @throws tl.RpcError */
export async function placeOf(
  client: BaseTelegramClient,
  view: AccountView,
  ref: MediaRef,
): Promise<Place | undefined> {
  if (ref.of === 'profile') return profilePlace(client, view, ref)
  if (ref.of === 'emoji') return emojiPlace(client, ref.id)
  const chat = parseChatId(remoteChatId(ref.chat))
  if (chat === undefined) return undefined
  const [message] = await messagesByNumber(client, view, chat, [ref.n])
  return message === undefined ? undefined : placeIn(message, ref.id)
}

async function emojiPlace(client: BaseTelegramClient, id: string): Promise<Place | undefined> {
  const documentId = [Long.fromString(id)]
  const [document] = await client.call(
    { _: 'messages.getCustomEmojiDocuments', documentId },
    { timeout: ASK_MS },
  )
  return document?._ === 'document' ? placeOfDocument(document) : undefined
}

/** The file with this id, anywhere in the message: attachment, album of paid media, preview of a page. */
function placeIn(value: unknown, id: string): Place | undefined {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined
  const kind = (value as { _?: unknown })._
  if (kind === 'document') {
    const document = value as tl.RawDocument
    if (document.id.toString() === id) return placeOfDocument(document)
  }
  if (kind === 'photo') {
    const photo = value as tl.RawPhoto
    if (photo.id.toString() === id) return placeOfPhoto(photo)
  }
  for (const part of Object.values(value)) {
    const place = placeIn(part, id)
    if (place !== undefined) return place
  }
  return undefined
}

function placeOfDocument({ id, accessHash, fileReference, dcId, size }: tl.RawDocument): Place {
  return {
    location: { _: 'inputDocumentFileLocation', id, accessHash, fileReference, thumbSize: '' },
    dc: dcId,
    sizeBytes: size,
  }
}

function placeOfPhoto({ id, accessHash, fileReference, dcId, sizes }: tl.RawPhoto): Place | undefined {
  const largest = largestSize(sizes)
  if (largest === undefined) return undefined
  return {
    location: { _: 'inputPhotoFileLocation', id, accessHash, fileReference, thumbSize: largest.type },
    dc: dcId,
    sizeBytes: largest.bytes,
  }
}

/** The size with the most pixels that is a file of its own. */
export function largestSize(sizes: readonly tl.TypePhotoSize[]): { type: string; bytes: number } | undefined {
  let best: { type: string; bytes: number; pixels: number } | undefined
  for (const size of sizes) {
    if (size._ !== 'photoSize' && size._ !== 'photoSizeProgressive') continue
    const bytes = size._ === 'photoSize' ? size.size : (size.sizes.at(-1) ?? 0)
    const pixels = size.w * size.h
    if (best === undefined || pixels > best.pixels) best = { type: size.type, bytes, pixels }
  }
  return best && { type: best.type, bytes: best.bytes }
}

async function profilePlace(
  client: BaseTelegramClient,
  view: AccountView,
  ref: Extract<MediaRef, { of: 'profile' }>,
): Promise<Place | undefined> {
  const { peer: kind, peerId, id } = ref
  const named =
    kind === 'user' ? { userId: peerId } : kind === 'chat' ? { chatId: peerId } : { channelId: peerId }
  await view.prepare(named)
  const of = kind === 'user' ? view.user(peerId) : kind === 'chat' ? view.chat(peerId) : view.channel(peerId)
  const photo = of !== undefined && 'photo' in of ? of.photo : undefined
  // The one that it was replaced by is told of as another picture.
  if (photo === undefined || !('photoId' in photo) || photo.photoId.toString() !== id) return undefined
  const peer = (await view.peerOf({ kind, id: peerId })) ?? (await seenInPassing(client, kind, peerId))
  if (peer === undefined) return undefined
  return {
    location: { _: 'inputPeerPhotoFileLocation', big: true, peer, photoId: Long.fromString(id) },
    dc: photo.dcId,
  }
}

/** The hash of somebody seen in passing is good for their picture alone (https://core.telegram.org/api/min). */
async function seenInPassing(
  client: BaseTelegramClient,
  kind: 'user' | 'chat' | 'channel',
  id: number,
): Promise<tl.TypeInputPeer | undefined> {
  const marked = kind === 'user' ? id : toggleChannelIdMark(id)
  const accessHash = await client.storage.peers.getMinAccessHash(marked)
  if (accessHash === null) return undefined
  return kind === 'user'
    ? { _: 'inputPeerUser', userId: id, accessHash }
    : { _: 'inputPeerChannel', channelId: id, accessHash }
}
