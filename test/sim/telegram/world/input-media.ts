import { RpcFault } from '../contract.ts'
import type { TlObject } from '../contract.ts'
import type { Args } from './args.ts'
import { lengthOf } from './limits.ts'
import type { Document, Media, Photo } from './media.ts'
import { inputPoll } from './input-poll.ts'
import { fileHash } from './render/media.ts'
import type { View } from './view.ts'

const PHOTO_LIMIT = 10 * 1024 * 1024

function checkFile(view: View, input: Args): void {
  if (input.long('access_hash') !== fileHash(view, input.long('id'))) throw new RpcFault(400, 'MEDIA_EMPTY')
  const reference = input.bytes('file_reference')
  if (reference.length === 0) throw new RpcFault(400, 'FILE_REFERENCE_EMPTY')
  if (!view.realm.files.isCurrent(reference)) throw new RpcFault(400, 'FILE_REFERENCE_EXPIRED')
}

/** A picture that the server has, as `inputPhoto` names it. */
export function knownPhoto(view: View, input: Args): Photo {
  const photo = view.realm.files.photos.get(input.long('id'))
  if (photo === undefined) throw new RpcFault(400, 'PHOTO_ID_INVALID')
  checkFile(view, input)
  return photo
}

/** A file that the server has, as `inputDocument` names it. */
export function knownDocument(view: View, input: Args): Document {
  const document = view.realm.files.documents.get(input.long('id'))
  if (document === undefined) throw new RpcFault(400, 'DOCUMENT_INVALID')
  checkFile(view, input)
  return document
}

export function uploadedPhoto(view: View, file: Args): Photo {
  const bytes = view.realm.files.bytesOf(view.me, file)
  if (bytes.length > PHOTO_LIMIT) throw new RpcFault(400, 'PHOTO_SAVE_FILE_INVALID')
  return view.realm.files.photo(bytes)
}

function uploadedDocument(view: View, input: Args): Document {
  const { files } = view.realm
  const file = input.obj('file')
  const thumb = input.optObj('thumb')
  const attributes = input.objs('attributes').map(({ tl }) => tl)
  const named = attributes.some(({ _ }) => _ === 'documentAttributeFilename')
  const animated = input.flag('nosound_video') && attributes.some(({ _ }) => _ === 'documentAttributeVideo')
  return files.document({
    mimeType: input.str('mime_type'),
    attributes: [
      ...attributes,
      ...(named ? [] : [{ _: 'documentAttributeFilename', file_name: file.str('name') }]),
      ...(animated ? [{ _: 'documentAttributeAnimated' }] : []),
    ],
    bytes: files.bytesOf(view.me, file),
    thumb: thumb === undefined ? undefined : files.photo(files.bytesOf(view.me, thumb)),
  })
}

const geoPoint = (input: Args): TlObject =>
  input.name === 'inputGeoPointEmpty'
    ? { _: 'geoPointEmpty' }
    : {
        _: 'geoPoint',
        long: input.tl['long'],
        lat: input.tl['lat'],
        access_hash: 1n,
        accuracy_radius: input.optInt('accuracy_radius'),
      }

/** The preview of a page that the server knows. */
export function preview(view: View, url: string): Media | undefined {
  const page = view.realm.previews.get(url)
  if (page === undefined) return undefined
  const { title, description } = page
  const id = BigInt(1 + [...view.realm.previews.keys()].indexOf(url))
  const webpage = { _: 'webPage', id, url, display_url: url, hash: 0, type: 'article', title, description }
  return { kind: 'plain', tl: { _: 'messageMediaWebPage', webpage } }
}

function plain(view: View, input: Args): TlObject | undefined {
  switch (input.name) {
    case 'inputMediaGeoPoint':
      return { _: 'messageMediaGeo', geo: geoPoint(input.obj('geo_point')) }
    case 'inputMediaGeoLive':
      return {
        _: 'messageMediaGeoLive',
        geo: geoPoint(input.obj('geo_point')),
        heading: input.optInt('heading'),
        period: input.flag('stopped') ? 0 : (input.optInt('period') ?? 0),
        proximity_notification_radius: input.optInt('proximity_notification_radius'),
      }
    case 'inputMediaVenue': {
      const fields = ['title', 'address', 'provider', 'venue_id', 'venue_type'] as const
      const texts = Object.fromEntries(fields.map((field) => [field, input.str(field)]))
      return { _: 'messageMediaVenue', geo: geoPoint(input.obj('geo_point')), ...texts }
    }
    case 'inputMediaContact':
      return {
        _: 'messageMediaContact',
        phone_number: input.str('phone_number'),
        first_name: input.str('first_name'),
        last_name: input.str('last_name'),
        vcard: input.str('vcard'),
        user_id: view.realm.userByPhone(input.str('phone_number'))?.id ?? 0n,
      }
    case 'inputMediaDice':
      return {
        _: 'messageMediaDice',
        value: 1 + Number(view.realm.ids.long() % 6n),
        emoticon: input.str('emoticon'),
      }
    case 'inputMediaTodo':
      return { _: 'messageMediaToDo', todo: input.obj('todo').tl }
    default:
      return undefined
  }
}

/** What a message will carry, from what its sender gave. @throws RpcFault */
export function mediaFrom(view: View, input: Args): Media | undefined {
  const spoiler = input.flag('spoiler')
  const ttlSeconds = input.optInt('ttl_seconds')
  switch (input.name) {
    case 'inputMediaEmpty':
      return undefined
    case 'inputMediaUploadedPhoto':
      return { kind: 'photo', photo: uploadedPhoto(view, input.obj('file')), spoiler, ttlSeconds }
    case 'inputMediaPhoto':
      return { kind: 'photo', photo: knownPhoto(view, input.obj('id')), spoiler, ttlSeconds }
    case 'inputMediaUploadedDocument':
      return { kind: 'document', document: uploadedDocument(view, input), spoiler, ttlSeconds }
    case 'inputMediaDocument':
      return { kind: 'document', document: knownDocument(view, input.obj('id')), spoiler, ttlSeconds }
    case 'inputMediaPoll':
      return { kind: 'poll', poll: inputPoll(view, input) }
    case 'inputMediaWebPage': {
      const found = preview(view, input.str('url'))
      if (found === undefined && !input.flag('optional')) throw new RpcFault(400, 'WEBPAGE_NOT_FOUND')
      return found
    }
    default: {
      const tl = plain(view, input)
      if (tl === undefined) throw new RpcFault(400, 'MEDIA_INVALID')
      const contact = tl._ === 'messageMediaContact' && lengthOf(input.str('phone_number')) === 0
      if (contact) throw new RpcFault(400, 'MEDIA_INVALID')
      return { kind: 'plain', tl }
    }
  }
}
