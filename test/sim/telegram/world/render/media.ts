import { DC_ID } from '../../contract.ts'
import type { TlObject } from '../../contract.ts'
import { accessHash } from '../ids.ts'
import { isRound, isVideo, isVoice } from '../media.ts'
import type { Document, Media, Photo } from '../media.ts'
import type { View } from '../view.ts'
import { pollTl, resultsTl } from './poll.ts'

export const fileHash = (view: View, id: bigint): bigint => accessHash(view.me.id, 'file', id)

export const photoTl = (view: View, photo: Photo): TlObject => ({
  _: 'photo',
  id: photo.id,
  access_hash: fileHash(view, photo.id),
  file_reference: view.realm.files.reference(),
  date: photo.date,
  sizes: [{ _: 'photoSize', type: 'x', w: photo.width, h: photo.height, size: photo.bytes.length }],
  dc_id: DC_ID,
})

export const documentTl = (view: View, document: Document): TlObject => ({
  _: 'document',
  id: document.id,
  access_hash: fileHash(view, document.id),
  file_reference: view.realm.files.reference(),
  date: document.date,
  mime_type: document.mimeType,
  size: BigInt(document.bytes.length),
  thumbs:
    document.thumb === undefined
      ? undefined
      : [
          {
            _: 'photoSize',
            type: 'm',
            w: document.thumb.width,
            h: document.thumb.height,
            size: document.thumb.bytes.length,
          },
        ],
  dc_id: DC_ID,
  attributes: document.attributes,
})

/** @param min without the viewer's own choice in polls */
export function mediaTl(view: View, media: Media, min = false): TlObject {
  switch (media.kind) {
    case 'photo':
      return {
        _: 'messageMediaPhoto',
        spoiler: media.spoiler,
        photo: photoTl(view, media.photo),
        ttl_seconds: media.ttlSeconds,
      }
    case 'document':
      return {
        _: 'messageMediaDocument',
        spoiler: media.spoiler,
        video: isVideo(media.document),
        round: isRound(media.document),
        voice: isVoice(media.document),
        document: documentTl(view, media.document),
        ttl_seconds: media.ttlSeconds,
      }
    case 'poll':
      return {
        _: 'messageMediaPoll',
        poll: pollTl(view, media.poll),
        results: resultsTl(view, media.poll, min),
      }
    case 'plain':
      return media.tl
  }
}
