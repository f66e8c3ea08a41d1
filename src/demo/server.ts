import { timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ZodError } from 'zod'
import { messageOf } from '../model/errors.ts'
import type { Logger } from '../model/logger.ts'
import { Unable } from './action.ts'
import type { Actions } from './action.ts'
import { actionsOf } from './actions.ts'
import type { Board } from './board.ts'
import type { Attachment } from './item.ts'
import type { Live } from './live.ts'
import { serveMedia } from './media.ts'
import type { PageFile } from './page-files.ts'

export type ServerDeps = {
  board: Board
  live: Live
  files: ReadonlyMap<string, PageFile>
  token: string
  log: Logger
}

const LARGEST_JSON = 200_000
const LARGEST_FILE = 8 * 1024 * 1024

/** Nothing from elsewhere is loaded, nobody may frame the page, and it sends to its own server alone. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** The page and its API, on 127.0.0.1 alone. */
export class PageServer {
  readonly #deps: ServerDeps
  readonly #actions: Actions
  readonly #server: Server

  constructor(deps: ServerDeps) {
    this.#deps = deps
    this.#actions = actionsOf(deps.board)
    this.#server = createServer((request, response) => {
      void this.#answer(request, response).catch((error: unknown) => this.#fail(response, error))
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Listens on the port, or on the next that is free. */
  async listen(port: number): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#listenOn(port === 0 || tries >= MOST_PORTS ? 0 : port + tries)
      } catch (error) {
        if (
          tries > MOST_PORTS ||
          !(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
        ) {
          throw error
        }
      }
    }
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  #listenOn(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
    // A name that somebody else resolves to 127.0.0.1 would make their page ours (DNS rebinding).
    const host = request.headers.host ?? ''
    if (host !== `127.0.0.1:${this.port}` && host !== `localhost:${this.port}`) {
      return json(response, 403, { error: 'This page answers to its own address only.' })
    }
    const url = new URL(request.url ?? '/', `http://${host}`)
    if (request.method === 'POST') return this.#post(request, response, url)
    if (request.method !== 'GET') return json(response, 405, { error: 'Only GET and POST.' })
    return this.#get(response, url)
  }

  async #get(response: ServerResponse, url: URL): Promise<void> {
    const { board, live, files } = this.#deps
    const file = files.get(url.pathname)
    if (file) {
      response.writeHead(200, { 'content-type': file.type })
      response.end(file.body)
    } else if (url.pathname === '/api/events') live.add(response)
    else if (url.pathname === '/api/state') json(response, 200, await board.read())
    else if (!(await serveMedia(board.world, url.pathname, response)))
      json(response, 404, { error: 'Not found.' })
  }

  async #post(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { board, live } = this.#deps
    if (!this.#knows(request.headers['x-viaduct-token'])) {
      return json(response, 403, { error: 'Load the page again: it belongs to an earlier run of the demo.' })
    }
    const name = url.pathname.replace(/^\/api\//, '')
    if (name.endsWith('/attach')) {
      const bytes = await bodyOf(request, LARGEST_FILE)
      const type = request.headers['content-type']?.split(';')[0] ?? 'application/octet-stream'
      const side = name.slice(0, -'/attach'.length)
      json(response, 200, (await board.attach(side, attachmentOf(url, type, bytes))) ?? {})
      return live.changed()
    }
    const run = Object.hasOwn(this.#actions, name) ? this.#actions[name] : undefined
    if (run === undefined) return json(response, 404, { error: 'Not found.' })
    const result = await run(JSON.parse((await bodyOf(request, LARGEST_JSON)).toString('utf8')))
    json(response, 200, result ?? {})
    live.changed()
  }

  #knows(token: string | string[] | undefined): boolean {
    const given = Buffer.from(typeof token === 'string' ? token : '')
    const own = Buffer.from(this.#deps.token)
    return given.length === own.length && timingSafeEqual(given, own)
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent) return void response.destroy()
    if (error instanceof TooLarge) return json(response, 413, { error: 'That is too large for the demo.' })
    if (error instanceof Unable) return json(response, 409, { error: error.message })
    if (error instanceof ZodError || error instanceof SyntaxError) {
      return json(response, 400, { error: 'The request cannot be understood.' })
    }
    this.#deps.log.debug({ error: messageOf(error) }, 'a request of the demo page failed')
    return json(response, 400, { error: messageOf(error) })
  }
}

const MOST_PORTS = 20

class TooLarge extends Error {}

function attachmentOf({ searchParams }: URL, type: string, bytes: Buffer): Attachment {
  const given = (key: string) => searchParams.get(key) ?? ''
  const name = given('name').slice(0, 200) || 'file'
  return { to: given('to'), who: given('who'), name, caption: given('caption'), type, bytes }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > most) throw new TooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
