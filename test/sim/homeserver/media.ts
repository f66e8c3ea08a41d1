import { randomBytes } from 'node:crypto'
import { forbidden, MatrixError, notFound } from './errors.ts'

type File = { owner: string; bytes: Buffer | null; contentType: string; filename: string | undefined }

/** The content repository. */
export class Media {
  readonly #serverName: string
  readonly #files = new Map<string, File>()
  readonly maxBytes: number

  constructor(serverName: string, maxBytes: number) {
    this.#serverName = serverName
    this.maxBytes = maxBytes
  }

  /** A content URI to upload to later (Client-Server API, `POST /media/v1/create`). */
  create(owner: string): string {
    const id = randomBytes(12).toString('base64url')
    this.#files.set(id, { owner, bytes: null, contentType: '', filename: undefined })
    return `mxc://${this.#serverName}/${id}`
  }

  /** Throws 409 if something was uploaded there before. */
  put(
    owner: string,
    server: string,
    id: string,
    bytes: Buffer,
    contentType: string,
    filename?: string,
  ): void {
    const file = this.#find(server, id)
    if (file.owner !== owner) throw forbidden('Only the creator of the media ID can upload to it')
    if (file.bytes !== null) {
      throw new MatrixError(409, 'M_CANNOT_OVERWRITE_MEDIA', 'Media ID already has content')
    }
    if (bytes.length > this.maxBytes)
      throw new MatrixError(413, 'M_TOO_LARGE', 'Upload request body is too large')
    Object.assign(file, { bytes, contentType, filename })
  }

  upload(owner: string, bytes: Buffer, contentType: string, filename?: string): string {
    const uri = this.create(owner)
    this.put(owner, this.#serverName, uri.slice(uri.lastIndexOf('/') + 1), bytes, contentType, filename)
    return uri
  }

  /** Throws 404 if there is no such file, 504 M_NOT_YET_UPLOADED if only its id exists. */
  get(server: string, id: string): { bytes: Buffer; contentType: string; filename: string | undefined } {
    const { bytes, contentType, filename } = this.#find(server, id)
    if (bytes === null) throw new MatrixError(504, 'M_NOT_YET_UPLOADED', 'Media has not been uploaded yet')
    return { bytes, contentType, filename }
  }

  #find(server: string, id: string): File {
    const file = server === this.#serverName ? this.#files.get(id) : undefined
    if (file === undefined) throw notFound('Not found')
    return file
  }
}
