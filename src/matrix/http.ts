import { performance } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Clock } from '../model/clock.ts'
import { Circuit, HomeserverPaused } from './circuit.ts'
import type { RequestInfo } from './ports.ts'
import { retryAfterMs } from './retry-after.ts'
import { Pool } from './undici.ts'

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

export type HttpRequest = {
  method: Method
  /** Path and query, below the homeserver's base URL. */
  path: string
  /** The path with `{}` for its variable parts. */
  endpoint: string
  headers: Record<string, string>
  body?: string | Buffer | Readable
  timeoutMs?: number
  /** Made even while the circuit is open: a ping is how we learn that the homeserver is back. */
  always?: boolean
}

/** `json` is undefined when the body was not JSON. */
export type Reply = { status: number; headers: Record<string, string | string[] | undefined>; json: unknown }

export type RawReply = Omit<Reply, 'json'> & { bytes: Buffer }

/** `stream` must be read to its end or destroyed. */
export type StreamReply = Omit<Reply, 'json'> & { stream: Readable }

export type HttpOptions = {
  baseUrl: string
  connections: number
  timeoutMs: number
  clock: Clock
  onRequest?: ((info: RequestInfo) => void) | undefined
}

/** All requests to the homeserver: one pool of sockets, one circuit. */
export class Http {
  readonly baseUrl: string
  readonly circuit: Circuit
  readonly #pool: Pool
  readonly #basePath: string
  readonly #timeoutMs: number
  readonly #onRequest: ((info: RequestInfo) => void) | undefined

  constructor(options: HttpOptions) {
    const url = new URL(options.baseUrl)
    this.#basePath = url.pathname.replace(/\/+$/, '')
    this.baseUrl = url.origin + this.#basePath
    this.circuit = new Circuit(options.clock)
    this.#timeoutMs = options.timeoutMs
    this.#onRequest = options.onRequest
    this.#pool = new Pool(url.origin, {
      connections: options.connections,
      pipelining: 1,
      connect: { timeout: Math.min(options.timeoutMs, 10_000) },
    })
  }

  /** Makes a request and parses the answer. @throws when there was no complete answer. */
  async json(request: HttpRequest): Promise<Reply> {
    const { status, headers, bytes } = await this.raw(request)
    let json: unknown
    try {
      json = JSON.parse(bytes.toString('utf8'))
    } catch {
      json = undefined
    }
    return { status, headers, json }
  }

  /** Makes a request and reads the whole answer. @throws when there was no complete answer. */
  raw(request: HttpRequest): Promise<RawReply> {
    const pauseMs = request.always === true ? 0 : this.circuit.pauseMs()
    if (pauseMs > 0) return Promise.reject(new HomeserverPaused(pauseMs))
    const began = performance.now()
    return new Promise((resolve, reject) => {
      let status = 0
      let headers: Reply['headers'] = {}
      const chunks: Buffer[] = []
      this.#pool.dispatch(this.#options(request), {
        // By its presence the pool knows that this is a handler of the present interface.
        onRequestStart() {},
        onResponseStart(_controller, code, received) {
          status = code
          headers = received
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk)
        },
        onResponseEnd: () => {
          const [first] = chunks
          const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
          this.#ended(request, began, status, headers, bytes)
          resolve({ status, headers, bytes })
        },
        onResponseError: (_controller, error) => {
          // A body that broke off at its source says nothing about the homeserver.
          const own = request.body instanceof Readable && request.body.errored !== null
          this.#failed(request, began, own)
          reject(error)
        },
      })
    })
  }

  /** Makes a request and hands on the answer's body as it comes. */
  async stream(request: HttpRequest): Promise<StreamReply> {
    const pauseMs = this.circuit.pauseMs()
    if (pauseMs > 0) throw new HomeserverPaused(pauseMs)
    const began = performance.now()
    try {
      const { statusCode: status, headers, body } = await this.#pool.request(this.#options(request))
      this.#ended(request, began, status, headers)
      return { status, headers, stream: body }
    } catch (error) {
      this.#failed(request, began)
      throw error
    }
  }

  /** Waits for what is under way, then closes the sockets. */
  async close(): Promise<void> {
    await this.#pool.close()
  }

  #options(request: HttpRequest): Dispatcher.RequestOptions {
    const timeoutMs = request.timeoutMs ?? this.#timeoutMs
    return {
      method: request.method,
      path: this.#basePath + request.path,
      headers: request.headers,
      body: request.body ?? null,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    }
  }

  #ended(request: HttpRequest, began: number, status: number, headers: Reply['headers'], bytes?: Buffer) {
    this.#onRequest?.({
      method: request.method,
      endpoint: request.endpoint,
      status,
      ms: performance.now() - began,
    })
    if (status < 500 && status !== 429) return this.circuit.reached()
    // With an error code the homeserver speaks, about one requester or one room; without, a proxy about all of us.
    if (bytes?.includes('"errcode"') === true) return this.circuit.reached()
    const afterMs = retryAfterMs(headers)
    if (afterMs !== undefined && (status === 429 || status === 503)) return this.circuit.asked(afterMs)
    if (status === 429) return this.circuit.asked(1000)
    if (status === 502 || status === 503 || status === 504) return this.circuit.failed()
    return this.circuit.reached()
  }

  #failed(request: HttpRequest, began: number, own = false): void {
    this.#onRequest?.({
      method: request.method,
      endpoint: request.endpoint,
      status: 'error',
      ms: performance.now() - began,
    })
    if (!own) this.circuit.failed()
  }
}
