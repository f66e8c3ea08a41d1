import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { Args } from '../args.ts'
import type { Call, Methods } from '../call.ts'
import { knownPhoto, uploadedPhoto } from '../input-media.ts'
import type { Photo } from '../media.ts'
import { roomOf, userOf } from '../peers.ts'
import { fileHash, photoTl } from '../render/media.ts'
import { userTl } from '../render/user.ts'
import { acquaintances } from './users.ts'

const MIB = 1024 * 1024

function saveFilePart({ args, me, realm }: Call): TlValue {
  realm.files.savePart(me, args.long('file_id'), args.int('file_part'), args.bytes('bytes'))
  return true
}

function saveBigFilePart({ args, me, realm }: Call): TlValue {
  const total = args.int('file_total_parts')
  realm.files.savePart(me, args.long('file_id'), args.int('file_part'), args.bytes('bytes'), total)
  return true
}

function profilePhoto(call: Call, input: Args): Uint8Array {
  const room = roomOf(call.view, input.obj('peer'))
  const owner = room.kind === 'direct' ? room.other(call.me) : room
  const personal = owner.kind === 'user' ? call.me.contacts.get(owner)?.photo : undefined
  const known = [owner.photo, personal, ...(owner.kind === 'user' ? owner.photos : [])]
  const photo = known.find((one) => one?.id === input.long('photo_id'))
  if (photo === undefined) throw new RpcFault(400, 'LOCATION_INVALID')
  return photo.bytes
}

/** The bytes of a location, if its hash and reference are good. */
function located(call: Call, input: Args): Uint8Array {
  const { realm, view } = call
  if (input.name === 'inputPeerPhotoFileLocation') return profilePhoto(call, input)
  const id =
    input.name === 'inputPhotoFileLocation' || input.name === 'inputDocumentFileLocation'
      ? input.long('id')
      : 0n
  const photo = realm.files.photos.get(id)
  const document = realm.files.documents.get(id)
  const bytes = input.str('thumb_size') === '' ? document?.bytes : (photo ?? document?.thumb)?.bytes
  if (bytes === undefined || input.long('access_hash') !== fileHash(view, id)) {
    throw new RpcFault(400, 'LOCATION_INVALID')
  }
  const reference = input.bytes('file_reference')
  if (reference.length === 0) throw new RpcFault(400, 'FILE_REFERENCE_EMPTY')
  if (!realm.files.isCurrent(reference)) throw new RpcFault(400, 'FILE_REFERENCE_EXPIRED')
  return bytes
}

/** The rules for offset and limit are those of core.telegram.org/api/files. */
function getFile(call: Call): TlValue {
  const { args } = call
  const offset = Number(args.long('offset'))
  const limit = args.int('limit')
  const unit = args.flag('precise') ? 1024 : 4096
  if (offset < 0 || offset % unit !== 0) throw new RpcFault(400, 'OFFSET_INVALID')
  if (limit <= 0 || limit > MIB || limit % unit !== 0) throw new RpcFault(400, 'LIMIT_INVALID')
  if (Math.floor(offset / MIB) !== Math.floor((offset + limit - 1) / MIB))
    throw new RpcFault(400, 'LIMIT_INVALID')
  const bytes = located(call, args.obj('location'))
  return {
    _: 'upload.file',
    type: { _: 'storage.filePartial' },
    mtime: 0,
    bytes: bytes.subarray(offset, offset + limit),
  }
}

/** A changed picture: those who know the account are told to look. */
export function setProfilePhoto(call: Pick<Call, 'turn'>, account: Account, photo: Photo | undefined): void {
  account.photo = photo
  if (photo !== undefined && !account.photos.includes(photo)) account.photos.unshift(photo)
  for (const other of acquaintances(call.turn, account)) {
    call.turn.emit(other, () => ({ _: 'updateUser', user_id: account.id }))
  }
}

const photoAnswer = (call: Call, photo: Photo): TlObject => ({
  _: 'photos.photo',
  photo: photoTl(call.view, photo),
  users: [userTl(call.view, call.me)],
})

function uploadProfilePhoto(call: Call): TlValue {
  const file = call.args.optObj('file')
  if (file === undefined) throw new RpcFault(400, 'PHOTO_FILE_MISSING')
  const photo = uploadedPhoto(call.view, file)
  setProfilePhoto(call, call.me, photo)
  return photoAnswer(call, photo)
}

function updateProfilePhoto(call: Call): TlValue {
  const input = call.args.obj('id')
  if (input.name === 'inputPhotoEmpty') {
    setProfilePhoto(call, call.me, undefined)
    return { _: 'photos.photo', photo: { _: 'photoEmpty', id: 0n }, users: [userTl(call.view, call.me)] }
  }
  const photo = knownPhoto(call.view, input)
  setProfilePhoto(call, call.me, photo)
  return photoAnswer(call, photo)
}

function deletePhotos(call: Call): TlValue {
  const { me } = call
  const ids = call.args.objs('id').map((input) => input.long('id'))
  const kept = me.photos.filter(({ id }) => !ids.includes(id))
  me.photos.splice(0, me.photos.length, ...kept)
  if (me.photo !== undefined && ids.includes(me.photo.id)) setProfilePhoto(call, me, kept[0])
  return ids
}

function getUserPhotos(call: Call): TlValue {
  const account = userOf(call.view, call.args.obj('user_id'))
  const photos = account.photos.map((photo) => photoTl(call.view, photo))
  return { _: 'photos.photos', photos, users: [userTl(call.view, account)] }
}

export const fileMethods: Methods = {
  'upload.saveFilePart': saveFilePart,
  'upload.saveBigFilePart': saveBigFilePart,
  'upload.getFile': getFile,
  'photos.uploadProfilePhoto': uploadProfilePhoto,
  'photos.updateProfilePhoto': updateProfilePhoto,
  'photos.deletePhotos': deletePhotos,
  'photos.getUserPhotos': getUserPhotos,
}
