import { RpcFault } from '../contract.ts'
import type { Account } from './account.ts'
import type { Args } from './args.ts'
import type { Ids } from './ids.ts'
import { imageSize } from './image-size.ts'
import { LIMITS } from './limits.ts'
import type { Document, Photo } from './media.ts'

type Parts = { parts: Map<number, Uint8Array>; total: number | undefined }

const KIB = 1024
const BIG_FILE = 10 * KIB * KIB

/** Uploads in parts and the references by which files are fetched. */
export class Files {
  readonly photos = new Map<bigint, Photo>()
  readonly documents = new Map<bigint, Document>()
  private readonly uploads = new Map<Account, Map<bigint, Parts>>()
  private readonly ids: Ids
  private readonly now: () => number
  private epoch = 1

  constructor(ids: Ids, now: () => number) {
    this.ids = ids
    this.now = now
  }

  /** A `file_reference` of now. */
  reference(): Uint8Array {
    return Buffer.from(`reference ${this.epoch}`)
  }

  /** Makes all references of before `FILE_REFERENCE_EXPIRED`. */
  expireReferences(): void {
    this.epoch++
  }

  isCurrent(reference: Uint8Array): boolean {
    return Buffer.from(reference).equals(this.reference())
  }

  /** @param total of a big file, where -1 is not known yet */
  savePart(owner: Account, fileId: bigint, part: number, bytes: Uint8Array, total?: number): void {
    const most = owner.premium ? LIMITS.uploadPartsPremium : LIMITS.uploadParts
    if (part < 0 || part >= most) throw new RpcFault(400, 'FILE_PART_INVALID')
    if (bytes.length === 0) throw new RpcFault(400, 'FILE_PART_EMPTY')
    if (bytes.length > LIMITS.uploadPart) throw new RpcFault(400, 'FILE_PART_TOO_BIG')
    if (total !== undefined && total > most) throw new RpcFault(400, 'FILE_PARTS_INVALID')
    const uploads = this.uploads.get(owner) ?? new Map<bigint, Parts>()
    this.uploads.set(owner, uploads)
    const upload = uploads.get(fileId) ?? { parts: new Map<number, Uint8Array>(), total }
    uploads.set(fileId, upload)
    upload.parts.set(part, bytes)
  }

  /** Forgets one part of every upload that is not used yet: `FILE_PART_n_MISSING`. */
  losePart(part: number): void {
    for (const uploads of this.uploads.values()) for (const { parts } of uploads.values()) parts.delete(part)
  }

  /** The bytes of an `inputFile` or `inputFileBig`. */
  bytesOf(owner: Account, file: Args): Uint8Array {
    if (file.name !== 'inputFile' && file.name !== 'inputFileBig') throw new RpcFault(400, 'MEDIA_INVALID')
    const upload = this.uploads.get(owner)?.get(file.long('id'))
    const count = file.int('parts')
    if (upload === undefined)
      throw new RpcFault(400, count > 0 ? 'FILE_PART_0_MISSING' : 'FILE_PARTS_INVALID')
    const parts = Array.from({ length: count }, (_, i) => {
      const bytes = upload.parts.get(i)
      if (bytes === undefined) throw new RpcFault(400, `FILE_PART_${i}_MISSING`)
      return bytes
    })
    checkParts(parts)
    const whole = Buffer.concat(parts)
    if (file.name === 'inputFile' && whole.length > BIG_FILE) throw new RpcFault(400, 'FILE_PARTS_INVALID')
    return whole
  }

  photo(bytes: Uint8Array): Photo {
    const { width, height } = imageSize(bytes)
    const photo = { id: this.ids.long(), date: this.now(), width, height, bytes }
    this.photos.set(photo.id, photo)
    return photo
  }

  document(fields: Omit<Document, 'id' | 'date'>): Document {
    const document = { id: this.ids.long(), date: this.now(), ...fields }
    this.documents.set(document.id, document)
    return document
  }
}

/** All parts but the last have one size, a multiple of 1 KiB that divides 512 KiB. */
function checkParts(parts: readonly Uint8Array[]): void {
  const size = parts[0]?.length ?? 0
  if (parts.length < 2) return
  if (size % KIB !== 0 || LIMITS.uploadPart % size !== 0) throw new RpcFault(400, 'FILE_PART_SIZE_INVALID')
  const wrong = parts
    .slice(1)
    .some((part, i) => (i === parts.length - 2 ? part.length > size : part.length !== size))
  if (wrong) throw new RpcFault(400, 'FILE_PART_SIZE_CHANGED')
}
