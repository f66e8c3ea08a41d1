import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { AppService } from 'matrix-appservice-bridge'
import type { Clock } from '../model/clock.ts'
import { messageOf } from '../model/errors.ts'
import type { Logger } from '../model/logger.ts'
import { withDeadline } from './deadline.ts'
import type { IngressHandlers } from './ports.ts'
import { readBody, TokenCheck } from './ingress-request.ts'

const BODY_LIMIT_BYTES = 64 * 1024 * 1024
/** Held any longer, a transaction makes Synapse keep what follows in memory only. */
const TRANSACTION_DEADLINE_MS = 5000
/** A user or alias query blocks somebody's client. */
const QUERY_DEADLINE_MS = 2000
/** A connection that never finishes its request must not hold up the end of the process. */
const CLOSE_DEADLINE_MS = 8000

/** Requests name only a path; the rest is of no interest. */
const BASE = 'http://ingress.invalid'

type Answer = { status: number; body: unknown }

const fault = (status: number, errcode: string, error: string): Answer => ({
  status,
  body: { errcode, error },
})
const OK: Answer = { status: 200, body: {} }
const NOT_FOUND = fault(404, 'M_NOT_FOUND', 'Not found')

/**
 * The appservice's HTTP server, with our own routes in place of the library's: those answer 200 before anything is kept.
 * Nothing is passed on to the library's routes, which would also match other spellings of the same paths.
 */
export class DurableAppService extends AppService {
  readonly #handlers: IngressHandlers
  readonly #tokens: TokenCheck
  readonly #clock: Clock
  readonly #log: Logger
  #server: Server | undefined
  #closing = false

  constructor(hsToken: string, handlers: IngressHandlers, clock: Clock, log: Logger) {
    super({ homeserverToken: hsToken })
    this.#handlers = handlers
    this.#tokens = new TokenCheck(hsToken)
    this.#clock = clock
    this.#log = log
  }

  /** The port that the server listens on. */
  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  override listen(port: number, host: string, _backlog: number, callback?: () => void): Promise<void> {
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 120_000 }, (request, response) => {
      void this.#serve(request, response)
    })
    this.#server = server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, 511, () => {
        server.off('error', reject)
        server.on('error', (error) => this.#log.error({ error: error.message }, 'ingress server error'))
        callback?.()
        resolve()
      })
    })
  }

  /** Takes no more transactions, finishes those under way, closes. */
  override async close(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#closing = true
    this.#server = undefined
    const cancel = this.#clock.after(CLOSE_DEADLINE_MS, () => server.closeAllConnections())
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
    cancel()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: Answer
    try {
      const url = URL.canParse(request.url ?? '', BASE) ? new URL(request.url ?? '', BASE) : undefined
      const route = url === undefined ? undefined : routeOf(url.pathname)
      if (route === undefined && (await this.#handlers.other?.(request, response)) === true) return
      answer =
        url === undefined || route === undefined
          ? fault(404, 'M_UNRECOGNIZED', 'Unrecognized request')
          : await this.#answer(route, url.searchParams, request, response)
    } catch (error) {
      this.#log.warn({ error: messageOf(error) }, 'an ingress request failed')
      answer = fault(503, 'M_UNKNOWN', 'The bridge cannot take this now')
    }
    if (response.destroyed) return
    if (response.headersSent) return void response.destroy()
    const bytes = Buffer.from(JSON.stringify(answer.body))
    response.statusCode = answer.status
    response.setHeader('content-type', 'application/json')
    response.setHeader('content-length', bytes.length)
    // A body that was not read to its end would be taken for the next request.
    if (this.#closing || !request.complete) response.setHeader('connection', 'close')
    response.end(bytes)
  }

  async #answer(
    route: RouteMatch,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Answer> {
    if (request.method !== route.method) return fault(405, 'M_UNRECOGNIZED', 'Unrecognized method')
    const allowed = this.#tokens.check(request.headers.authorization, query.get('access_token'))
    if (allowed === 'missing') return fault(401, 'M_MISSING_TOKEN', 'No token')
    if (allowed === 'wrong') return fault(403, 'M_FORBIDDEN', 'Bad token')
    switch (route.name) {
      case 'ping':
        await readBody(request, BODY_LIMIT_BYTES)
        return OK
      case 'transactions':
        response.once('close', () => {
          if (!response.writableEnded) this.#handlers.onAborted?.()
        })
        return this.#transaction(route.id, request)
      case 'users':
        return (await this.#query(() => this.#handlers.userQuery(route.id))) ? OK : NOT_FOUND
      case 'rooms':
        return (await this.#query(() => this.#handlers.roomQuery(route.id))) ? OK : NOT_FOUND
      default:
        return this.#thirdparty(route.name, route.id, query)
    }
  }

  async #transaction(txnId: string, request: IncomingMessage): Promise<Answer> {
    const away = this.#closing || this.#handlers.suspended?.() === true
    if (away) return fault(503, 'M_UNKNOWN', 'The bridge is stopping')
    const raw = await readBody(request, BODY_LIMIT_BYTES)
    if (raw === undefined) return fault(413, 'M_TOO_LARGE', 'Transaction is too large')
    const stored = await withDeadline(
      this.#clock,
      TRANSACTION_DEADLINE_MS,
      this.#handlers.transaction(txnId, raw),
    )
    if (stored === 'again') return fault(503, 'M_UNKNOWN', 'The bridge asks for this again')
    return stored === 'stored' ? OK : fault(400, 'M_NOT_JSON', 'Not JSON')
  }

  #query(ask: () => Promise<boolean>): Promise<boolean> {
    return withDeadline(this.#clock, QUERY_DEADLINE_MS, ask())
  }

  async #thirdparty(
    kind: 'protocol' | 'user' | 'location',
    protocol: string,
    params: URLSearchParams,
  ): Promise<Answer> {
    params.delete('access_token')
    const asked = this.#handlers.thirdparty?.(kind, protocol === '' ? undefined : protocol, params)
    if (asked === undefined) return NOT_FOUND
    const found = await withDeadline(this.#clock, QUERY_DEADLINE_MS, asked)
    return found === undefined ? NOT_FOUND : { status: 200, body: found }
  }
}

const SIMPLE = { transactions: 'PUT', users: 'GET', rooms: 'GET' } as const

type RouteMatch = {
  name: 'ping' | keyof typeof SIMPLE | 'protocol' | 'user' | 'location'
  method: string
  id: string
}

function routeOf(path: string): RouteMatch | undefined {
  const [, root, app, v1, name, id, more, ...rest] = path.split('/')
  if (root !== '_matrix' || app !== 'app' || v1 !== 'v1' || rest.length > 0) return undefined
  if (name === 'ping' && id === undefined) return { name, method: 'POST', id: '' }
  const decoded = decode(name === 'thirdparty' ? (more ?? '') : (id ?? ''))
  if (decoded === undefined || id === undefined) return undefined
  if (name === 'transactions' || name === 'users' || name === 'rooms')
    return more === undefined && decoded !== '' ? { name, method: SIMPLE[name], id: decoded } : undefined
  if (name !== 'thirdparty') return undefined
  if (id === 'protocol' && decoded !== '') return { name: id, method: 'GET', id: decoded }
  return id === 'user' || id === 'location' ? { name: id, method: 'GET', id: decoded } : undefined
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
