import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { internal, MatrixError } from './errors.ts'
import type { Faults } from './faults.ts'
import { CrashedCreation } from './room-creation.ts'
import type { Router } from './router.ts'
import { Reply } from './router.ts'

/** The client API's listener on 127.0.0.1. */
export class HttpServer {
  readonly #router: Router
  readonly #faults: Faults
  readonly #progress: () => void
  #server: Server | null = null
  #port: number

  constructor(router: Router, faults: Faults, port: number, progress: () => void) {
    this.#router = router
    this.#faults = faults
    this.#port = port
    this.#progress = progress
  }

  get port(): number {
    return this.#port
  }

  /** Listens, on the same port as before if there was one. */
  async listen(): Promise<void> {
    const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
      void this.#handle(request, response)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', 511, resolve)
    })
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Cuts all connections and stops listening. */
  async kill(): Promise<void> {
    const server = this.#server
    this.#server = null
    if (server === null) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/'
    const method = request.method ?? 'GET'
    const questionMark = url.indexOf('?')
    const path = questionMark === -1 ? url : url.slice(0, questionMark)
    try {
      const raw = await readBody(request)
      const action = this.#faults.take(method, path)
      if (action !== null && 'status' in action)
        return write(response, new Reply(action.status, action.body, action.headers))
      if (action !== null && 'hang' in action) return
      if (action !== null && 'delayMs' in action) await sleep(action.delayMs)
      const cut = action !== null && 'reset' in action ? action : null
      if (cut?.reset === 'before') {
        await cut.first?.()
        return void request.socket.resetAndDestroy()
      }
      const query = new URLSearchParams(questionMark === -1 ? '' : url.slice(questionMark + 1))
      const reply = await this.#answer({ method, path, query, headers: request.headers, raw })
      if (cut !== null) await cut.first?.()
      if (reply === null || cut !== null) return void request.socket.resetAndDestroy()
      write(response, reply)
    } catch {
      // The client went away.
      request.socket.destroy()
    } finally {
      this.#progress()
    }
  }

  /** Null if the connection must die without an answer. */
  async #answer(head: Parameters<Router['dispatch']>[0]): Promise<Reply | null> {
    try {
      if (head.method === 'OPTIONS') return new Reply(200, {})
      const answer = this.#router.dispatch(head)
      const result = answer instanceof Promise ? ((await answer) as unknown) : answer
      return result instanceof Reply ? result : new Reply(200, result)
    } catch (error) {
      if (error instanceof CrashedCreation) return null
      const known = error instanceof MatrixError ? error : internal()
      if (error !== known && this.#server !== null) console.error('homeserver: unexpected error', error)
      return new Reply(known.status, known.body())
    }
  }
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'X-Requested-With, Content-Type, Authorization, Date',
}

function write(response: ServerResponse, reply: Reply): void {
  const { body } = reply
  const isText = typeof body === 'string' || Buffer.isBuffer(body)
  const bytes = isText ? body : JSON.stringify(body)
  response.writeHead(reply.status, {
    'content-type': isText ? 'text/plain' : 'application/json',
    'content-length': Buffer.byteLength(bytes),
    ...CORS,
    ...reply.headers,
  })
  response.end(bytes)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (request.method === 'GET') {
    request.resume()
    return Buffer.alloc(0)
  }
  const chunks: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', resolve)
    request.on('error', reject)
  })
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}
