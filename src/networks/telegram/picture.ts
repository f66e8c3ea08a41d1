import type { tl } from '@mtcute/core'
import type { MediaContent } from '../../model/content.ts'
import type { RemotePicture } from '../../model/remote-event.ts'

/** How the bytes of something are found again, as it is kept in the ledger. All numbers of 64 bits are in decimal. */
export type MediaRef =
  /** An attachment. Its file reference expires, so it is always fetched by way of its message. */
  | { of: 'message'; chat: string; account?: number; n: number; id: string }
  /** The picture of a person, group or channel, by its number among theirs. */
  | { of: 'profile'; peer: 'user' | 'chat' | 'channel'; peerId: number; id: string }
  /** A custom emoji, by the number of its document. */
  | { of: 'emoji'; id: string }

/** A reference as the content carries it. */
export const remoteSource = (ref: MediaRef): MediaContent['source'] => ({ at: 'remote', ref })

/** Reads what `remoteSource` wrote; undefined for everything else. */
export function readMediaRef(ref: Record<string, unknown>): MediaRef | undefined {
  const { of, id, chat, account, n, peer, peerId } = ref
  if (typeof id !== 'string') return undefined
  if (of === 'emoji') return { of, id }
  if (of === 'message' && typeof chat === 'string' && typeof n === 'number') {
    return { of, chat, n, id, ...(typeof account === 'number' && { account }) }
  }
  const kind = peer === 'user' || peer === 'chat' || peer === 'channel' ? peer : undefined
  if (of === 'profile' && kind !== undefined && typeof peerId === 'number')
    return { of, peer: kind, peerId, id }
  return undefined
}

/**
 * The public picture of somebody; null when they have none, undefined when this object does not tell. A picture with
 * the flag `personal` was put there by the viewer, and nobody else sees it.
 */
export function profilePicture(
  of: tl.RawUser | tl.RawChat | tl.RawChannel,
): RemotePicture | null | undefined {
  const { photo } = of
  if (photo === undefined) return of._ === 'user' && of.min !== true ? null : undefined
  switch (photo._) {
    case 'userProfilePhotoEmpty':
    case 'chatPhotoEmpty':
      return null
    case 'userProfilePhoto':
      return photo.personal === true ? undefined : pictureOf('user', of.id, photo.photoId.toString())
    case 'chatPhoto':
      return pictureOf(of._ === 'chat' ? 'chat' : 'channel', of.id, photo.photoId.toString())
  }
}

/** Telegram shows such pictures as JPEG files of 640 by 640. */
function pictureOf(peer: 'user' | 'chat' | 'channel', peerId: number, id: string): RemotePicture {
  return {
    id,
    media: {
      kind: 'media',
      media: 'image',
      fileName: 'picture.jpg',
      mimeType: 'image/jpeg',
      source: remoteSource({ of: 'profile', peer, peerId, id }),
    },
  }
}
