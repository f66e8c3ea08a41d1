import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { KeyAndCert } from '../../irc/self-signed.ts'
import { selfSigned } from '../../irc/self-signed.ts'
import { MediaStore } from './media-store.ts'

/** Where Baileys looks for what carries no host: history and app-state files. */
export const MEDIA_NAME = 'mmg.whatsapp.net'

export type MediaFaults = {
  /** So many uploads are refused, with `uploadStatus`. */
  refuseUploads: number
  uploadStatus: number
  /** So many downloads end in the middle. */
  cutDownloads: number
  /** So many downloads get this status instead. */
  failDownloads: number
  downloadStatus: number
}

const MOST_UPLOAD = 128 * 1024 * 1024

/** Takes and gives encrypted files over https on 127.0.0.1. It can't read any of them. */
export class MediaHost {
  readonly store = new MediaStore()
  readonly faults: MediaFaults = {
    refuseUploads: 0,
    uploadStatus: 500,
    cutDownloads: 0,
    failDownloads: 0,
    downloadStatus: 500,
  }
  readonly auth = randomBytes(16).toString('base64url')
  /** Requests by method and path, newest last; bounded. */
  readonly log: string[] = []
  private readonly tls: KeyAndCert
  private server: Server | undefined
  private port = 0

  constructor(tls: KeyAndCert = mediaIdentity()) {
    this.tls = tls
  }

  /** PEM; what a client has to trust. */
  get cert(): string {
    return this.tls.cert
  }

  /** `127.0.0.1:PORT`, as `media_conn` names it. */
  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  url(path: string): string {
    return `https://${this.host}${path}`
  }

  /** For clients that put `mmg.whatsapp.net` before it: the port is a part of it. */
  hostlessPath(path: string): string {
    return `:${this.port}${path}`
  }

  async listen(): Promise<void> {
    const server = createServer(this.tls, (request, response) => {
      this.handle(request, response).catch(() => request.socket.destroy())
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.port, '127.0.0.1', resolve)
    })
    this.server = server
    this.port = (server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const { server } = this
    this.server = undefined
    if (server === undefined) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    this.log.push(`${request.method} ${path}`)
    if (this.log.length > 10_000) this.log.shift()
    if (request.method === 'POST') return this.upload(request, response, new URL(path, 'https://host'))
    if (request.method === 'GET' || request.method === 'HEAD')
      return this.download(path, request.headers.range, response)
    return json(response, 405, { error: 'method' })
  }

  private async upload(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of request) {
      chunks.push(chunk as Buffer)
      length += (chunk as Buffer).length
      if (length > MOST_UPLOAD) return json(response, 413, { error: 'too large' })
    }
    if (this.faults.refuseUploads > 0) {
      this.faults.refuseUploads--
      return json(response, this.faults.uploadStatus, { error: 'refused' })
    }
    if (url.searchParams.get('auth') !== this.auth) return json(response, 401, { error: 'auth' })
    const bytes = Buffer.concat(chunks)
    const hash = createHash('sha256').update(bytes).digest('base64url')
    const claimed = decodeURIComponent(url.pathname.split('/').at(-1) ?? '').replace(/=+$/, '')
    if (claimed !== hash) return json(response, 400, { error: 'hash' })
    const path = this.store.put(bytes)
    return json(response, 200, { url: this.url(path), direct_path: path })
  }

  /** RFC 9110 section 14: one range of bytes; others are ignored. */
  private download(path: string, range: string | undefined, response: ServerResponse): void {
    if (this.faults.failDownloads > 0) {
      this.faults.failDownloads--
      return json(response, this.faults.downloadStatus, { error: 'failed' })
    }
    const found = this.store.get(path)
    if (found === undefined) return json(response, 404, { error: 'not found' })
    if (found === 'expired') return json(response, 410, { error: 'gone' })
    const [start, end] = rangeOf(range, found.length)
    if (start >= found.length && found.length > 0) {
      response.writeHead(416, { 'content-range': `bytes */${found.length}` }).end()
      return
    }
    const part = found.subarray(start, end)
    const head = { 'content-type': 'application/octet-stream', 'content-length': part.length }
    if (part.length === found.length) response.writeHead(200, head)
    else
      response.writeHead(206, {
        ...head,
        'content-range': `bytes ${start}-${start + part.length - 1}/${found.length}`,
      })
    if (this.faults.cutDownloads > 0) {
      this.faults.cutDownloads--
      response.write(part.subarray(0, part.length >> 1), () => response.socket?.destroy())
      return
    }
    response.end(part)
  }
}

let identity: KeyAndCert | undefined

/** One for the process: clients that trust several certificates of one name take the first for all. */
function mediaIdentity(): KeyAndCert {
  identity ??= selfSigned('127.0.0.1', { altNames: ['127.0.0.1', 'localhost', MEDIA_NAME] })
  return identity
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** First byte, and the one after the last. */
function rangeOf(range: string | undefined, length: number): [number, number] {
  const found = /^bytes=(\d+)-(\d*)$/.exec(range ?? '')
  if (found === null) return [0, length]
  const last = found[2] === '' ? length - 1 : Number(found[2])
  return [Number(found[1]), Math.min(last + 1, length)]
}
