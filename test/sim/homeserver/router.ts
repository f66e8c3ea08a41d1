import { badJson, MatrixError, unrecognized } from './errors.ts'
import type { Content, Requester } from './types.ts'
import { isContent } from './types.ts'

/** An HTTP request to the client API. */
export class Call {
  readonly method: string
  /** As sent, still percent-encoded: the key of the transaction cache. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: NodeJS.Dict<string | string[]>
  readonly raw: Buffer
  readonly #params: Map<string, string>

  constructor(head: Omit<CallHead, 'params'>, params: Map<string, string>) {
    this.method = head.method
    this.path = head.path
    this.query = head.query
    this.headers = head.headers
    this.raw = head.raw
    this.#params = params
  }

  param(name: string): string {
    const value = this.#params.get(name)
    if (value === undefined) throw new Error(`the route has no parameter ${name}`)
    return value
  }

  /** The body as an object. Throws M_NOT_JSON or M_BAD_JSON. */
  json(): Content {
    let body: unknown
    try {
      body = JSON.parse(this.raw.toString())
    } catch {
      throw new MatrixError(400, 'M_NOT_JSON', 'Content not JSON.')
    }
    if (!isContent(body)) throw badJson('Content must be a JSON object.')
    return body
  }

  /** The body as an object, empty if there is no body. */
  optionalJson(): Content {
    return this.raw.length === 0 ? {} : this.json()
  }

  token(): string | null {
    const header = this.headers['authorization']
    if (typeof header === 'string' && header.startsWith('Bearer ')) return header.slice('Bearer '.length)
    return this.query.get('access_token')
  }

  /** The `ts` parameter, which only appservices may use. */
  timestampMs(requester: Requester): number | undefined {
    const value = this.query.get('ts')
    return value === null || requester.appservice === null ? undefined : Number(value)
  }
}

type CallHead = {
  method: string
  path: string
  query: URLSearchParams
  headers: NodeJS.Dict<string | string[]>
  raw: Buffer
}

/** An answer other than 200 with JSON. */
export class Reply {
  readonly status: number
  readonly body: unknown
  readonly headers: Record<string, string>

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** What a handler returns is the JSON of a 200 answer, or a Reply, or a promise of one of them. */
export type Handler = (call: Call) => unknown
export type AuthedHandler = (call: Call, requester: Requester) => unknown

type Node = { fixed: Map<string, Node>; param: Node | null; routes: Map<string, Route> }
type Route = { handler: Handler; names: string[] }

/** Finds the handler of a path by its segments; `:name` matches one segment. */
export class Router {
  readonly #root = node()
  readonly #requesterOf: (call: Call) => Requester

  constructor(requesterOf: (call: Call) => Requester) {
    this.#requesterOf = requesterOf
  }

  /** A route anybody may call. */
  open(method: string, path: string, handler: Handler): void {
    const names: string[] = []
    let at = this.#root
    for (const segment of path.split('/').slice(1)) {
      if (segment.startsWith(':')) {
        names.push(segment.slice(1))
        at = at.param ??= node()
      } else {
        let next = at.fixed.get(segment)
        if (next === undefined) at.fixed.set(segment, (next = node()))
        at = next
      }
    }
    at.routes.set(method, { handler, names })
  }

  /** A route for users with a token and for appservices. */
  authed(method: string, path: string, handler: AuthedHandler): void {
    this.open(method, path, (call) => handler(call, this.#requesterOf(call)))
  }

  /** The same route below /_matrix/client/v3 and the older r0. */
  client(method: string, path: string, handler: AuthedHandler): void {
    for (const version of ['v3', 'r0']) this.authed(method, `/_matrix/client/${version}${path}`, handler)
  }

  /** Throws M_UNRECOGNIZED, or whatever the handler throws. */
  dispatch(head: CallHead): unknown {
    const values: string[] = []
    let at: Node | null = this.#root
    for (const segment of head.path.split('/').slice(1)) {
      const next: Node | undefined = at.fixed.get(segment)
      if (next === undefined) values.push(segment)
      at = next ?? at.param
      if (at === null) throw unrecognized()
    }
    const route = at.routes.get(head.method)
    if (route === undefined) throw unrecognized(at.routes.size > 0 ? 405 : 404)
    const params = new Map(route.names.map((name, index) => [name, decode(values[index] ?? '')]))
    return route.handler(new Call(head, params))
  }
}

function node(): Node {
  return { fixed: new Map(), param: null, routes: new Map() }
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new MatrixError(400, 'M_UNKNOWN', 'Malformed path')
  }
}
