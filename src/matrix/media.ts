import { Readable, Transform } from 'node:stream'
import { ViaductError, messageOf } from '../model/errors.ts'
import { mxcUri } from '../model/ids.ts'
import type { MatrixUserId, MxcUri } from '../model/ids.ts'
import { classifyError, settle } from './classify.ts'
import type { Failure } from './classify.ts'
import type { Client } from './client.ts'
import type { Reply, StreamReply } from './http.ts'
import type { Actor, MediaBook } from './ports.ts'
import { errorOf } from './state.ts'
import { request as requestElsewhere } from './undici.ts'

export type Download = { stream: Readable; contentType?: string; sizeBytes?: number; fileName?: string }

export type Upload = {
  as: MatrixUserId
  stream: Readable
  contentType: string
  fileName?: string
  sizeBytes?: number
  /** The same for every attempt at the same file, so that a repeat finds what an earlier one left. */
  key?: string
}

/** Server names and media ids as the specification allows them: they become part of a path. */
const MXC = /^mxc:\/\/([A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?)\/([A-Za-z0-9_-]+)$/
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Moves files from and to the homeserver as streams; none is ever held whole. */
export class Media {
  readonly #client: Client
  readonly #book: MediaBook
  readonly #bot: Actor
  readonly #limitBytes: number

  constructor(client: Client, book: MediaBook, bot: MatrixUserId, limitBytes = Number.POSITIVE_INFINITY) {
    this.#client = client
    this.#book = book
    this.#bot = { user: bot }
    this.#limitBytes = limitBytes
  }

  /** Opens a file. The stream fails when more comes than the limit. @throws ViaductError */
  async download(mxc: MxcUri): Promise<Download> {
    const [, server, id] = MXC.exec(mxc) ?? []
    if (server === undefined || id === undefined) throw new ViaductError('bad_event', 'not a media address')
    let reply = await this.#open('download', [server, id])
    // Homeservers before v1.11 have only the path without authentication.
    if (reply.status === 404 && (await errcodeOf(reply)) === 'M_UNRECOGNIZED')
      reply = await this.#open('oldDownload', [server, id])
    if (REDIRECTS.has(reply.status)) reply = await follow(reply)
    if (reply.status !== 200) {
      discard(reply.stream)
      const gone = reply.status === 404 || reply.status === 403
      throw new ViaductError(gone ? 'homeserver_refused' : 'homeserver_down', `media: HTTP ${reply.status}`)
    }
    return this.#opened(reply)
  }

  /** Where a file is that was uploaded whole under this key. */
  async uploaded(key: string): Promise<MxcUri | undefined> {
    const earlier = await this.#book.find(key)
    return earlier?.uploaded === true ? earlier.mxc : undefined
  }

  /** Sends a file and gives its address. The stream is used up in any case. @throws ViaductError */
  async upload(file: Upload): Promise<MxcUri> {
    const actor = { user: file.as }
    try {
      if (file.sizeBytes !== undefined && file.sizeBytes > this.#limitBytes) throw tooLarge()
      const earlier = file.key === undefined ? undefined : await this.#book.find(file.key)
      if (earlier?.uploaded === true) return earlier.mxc
      const mxc = earlier?.mxc ?? (await this.#create(actor, file.key))
      if (mxc === undefined) return await this.#post(actor, file)
      return await this.#put(actor, mxc, file)
    } finally {
      discard(file.stream)
    }
  }

  async #create(actor: Actor, key: string | undefined): Promise<MxcUri | undefined> {
    const verdict = await settle(this.#client.call('createMedia', [], actor, { body: {} }))
    // Homeservers before v1.7: no ids before the bytes.
    if (verdict.kind === 'unrecognized') return undefined
    if (verdict.kind !== 'ok') throw errorOf(verdict)
    const mxc = addressIn(verdict.body)
    if (key !== undefined) await this.#book.reserve(key, mxc)
    return mxc
  }

  async #put(actor: Actor, mxc: MxcUri, file: Upload): Promise<MxcUri> {
    const [, server = '', id = ''] = MXC.exec(mxc) ?? []
    const body = this.#body(file)
    const verdict = await settle(this.#client.upload('putMedia', [server, id], actor, body))
    const there = verdict.kind === 'refused' && verdict.errcode === 'M_CANNOT_OVERWRITE_MEDIA'
    if (verdict.kind !== 'ok' && !there) {
      throw uploadError(verdict, body.stream)
    }
    if (file.key !== undefined) await this.#book.uploaded(file.key)
    return mxc
  }

  async #post(actor: Actor, file: Upload): Promise<MxcUri> {
    const body = this.#body(file)
    const verdict = await settle(this.#client.upload('postMedia', [], actor, body))
    if (verdict.kind !== 'ok') throw uploadError(verdict, body.stream)
    const mxc = addressIn(verdict.body)
    if (file.key !== undefined) {
      await this.#book.reserve(file.key, mxc)
      await this.#book.uploaded(file.key)
    }
    return mxc
  }

  #body(file: Upload) {
    const { contentType, fileName, sizeBytes } = file
    return { stream: limited(file.stream, this.#limitBytes), contentType, fileName, sizeBytes }
  }

  async #open(name: 'download' | 'oldDownload', params: readonly string[]): Promise<StreamReply> {
    try {
      return await this.#client.download(name, params, this.#bot)
    } catch (error) {
      const verdict = classifyError(error)
      throw verdict.kind === 'ok' ? new ViaductError('homeserver_down') : errorOf(verdict)
    }
  }

  #opened(reply: StreamReply): Download {
    const length = headerOf(reply.headers, 'content-length')
    const sizeBytes = length === undefined ? undefined : Number(length)
    if (sizeBytes !== undefined && sizeBytes > this.#limitBytes) {
      discard(reply.stream)
      throw tooLarge()
    }
    const contentType = headerOf(reply.headers, 'content-type')
    const fileName = fileNameIn(headerOf(reply.headers, 'content-disposition'))
    return {
      stream: limited(reply.stream, this.#limitBytes),
      ...(contentType === undefined ? {} : { contentType }),
      ...(sizeBytes === undefined || Number.isNaN(sizeBytes) ? {} : { sizeBytes }),
      ...(fileName === undefined ? {} : { fileName }),
    }
  }
}

const tooLarge = () => new ViaductError('too_large', 'the file is larger than is allowed')

/** Why an upload failed: what the source of the bytes said itself comes before what became of the request. */
function uploadError(verdict: Failure, source: Readable): ViaductError {
  if (source.errored instanceof ViaductError) return source.errored
  return verdict.kind === 'too-large' ? tooLarge() : errorOf(verdict)
}

/** The stream, ended by an error when more than `limit` bytes come. */
export function limited(source: Readable, limit: number): Readable {
  let size = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > limit) done(tooLarge())
      else done(null, chunk)
    },
  })
  source.on('error', (error) => counted.destroy(error))
  // Until a reader is there, a failure must not be an unhandled one; the reader learns of it all the same.
  counted.on('error', () => {})
  counted.on('close', () => source.destroy())
  // It may have failed before anybody listened, and says it once only.
  if (source.destroyed)
    counted.destroy(source.errored ?? new ViaductError('internal', 'the stream was closed'))
  return source.pipe(counted)
}

// undici's streams answer to their own end with an error, which would be an unhandled one.
const discard = (stream: Readable): void => void stream.on('error', () => {}).destroy()

// One hop, to wherever the homeserver keeps its files, and without our token: that host is not the homeserver.
async function follow(reply: StreamReply): Promise<StreamReply> {
  discard(reply.stream)
  const location = headerOf(reply.headers, 'location') ?? ''
  const url = URL.canParse(location) ? new URL(location) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new ViaductError('homeserver_refused', 'media: a redirect to nowhere')
  try {
    const { statusCode: status, headers, body } = await requestElsewhere(url)
    return { status, headers, stream: body }
  } catch (error) {
    throw new ViaductError('homeserver_down', `media: ${messageOf(error)}`, { cause: error })
  }
}

/** Reads what can only be a short error body. */
async function errcodeOf(reply: StreamReply): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  reply.stream.on('error', () => {})
  for await (const chunk of reply.stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > 4096) break
  }
  const [, errcode] = /"errcode"\s*:\s*"(\w+)"/.exec(Buffer.concat(chunks).toString('utf8')) ?? []
  return errcode
}

function headerOf(headers: Reply['headers'], name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** The name in a Content-Disposition header; the extended form (RFC 6266) comes first. */
export function fileNameIn(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const extended = /filename\*\s*=\s*utf-8''([^;]+)/i.exec(header)?.[1]
  if (extended !== undefined) {
    try {
      return decodeURIComponent(extended.trim())
    } catch {
      return undefined
    }
  }
  const [, quoted, plain] = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header) ?? []
  return quoted?.replace(/\\(.)/g, '$1') ?? plain
}

function addressIn(body: Record<string, unknown>): MxcUri {
  const address = body['content_uri']
  if (typeof address === 'string' && MXC.test(address)) return mxcUri(address)
  throw new ViaductError('homeserver_refused', 'media: the homeserver gave no usable address')
}
