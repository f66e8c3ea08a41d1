import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Content, Registration, SimEvent } from './types.ts'

export type Answer = { status: number; body: Content }

/** Makes client API requests. `query` goes with each of them: an appservice puts its `user_id` there. */
export class TestClient {
  readonly #url: string
  readonly #token: string
  readonly #query: Record<string, string>

  constructor(url: string, token: string, query: Record<string, string> = {}) {
    this.#url = url
    this.#token = token
    this.#query = query
  }

  as(userId: string, more: Record<string, string> = {}): TestClient {
    return new TestClient(this.#url, this.#token, { user_id: userId, ...more })
  }

  get(path: string): Promise<Answer> {
    return this.call('GET', path)
  }

  put(path: string, body: unknown = {}): Promise<Answer> {
    return this.call('PUT', path, body)
  }

  post(path: string, body: unknown = {}): Promise<Answer> {
    return this.call('POST', path, body)
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await this.raw(method, path, body === undefined ? undefined : JSON.stringify(body))
    return { status: response.status, body: (await response.json()) as Content }
  }

  /** `path` may have a query; paths without `/_matrix` are below `/_matrix/client/v3`. */
  raw(method: string, path: string, body?: string | Uint8Array): Promise<Response> {
    const url = new URL(path.startsWith('/_matrix') ? path : `/_matrix/client/v3${path}`, this.#url)
    for (const [key, value] of Object.entries(this.#query)) url.searchParams.set(key, value)
    // No connection is kept, so that none is stale after a kill.
    const headers = {
      authorization: `Bearer ${this.#token}`,
      'content-type': 'application/json',
      connection: 'close',
    }
    return fetch(url, { method, headers, ...(body === undefined ? {} : { body: Buffer.from(body) }) })
  }
}

export type Transaction = { id: string; events: SimEvent[]; ephemeral: Content[]; token: string | undefined }

/** An appservice that writes down what it gets and answers as told. */
export class TestAppservice {
  /** All transactions in order of arrival, also those that were refused. */
  readonly transactions: Transaction[] = []
  readonly queries: string[] = []
  /** The answer to transactions: a status, or 'hold' to give none. */
  answer: number | 'hold' = 200
  /** Does what an answer to a user or alias query needs; true means 200. */
  onQuery: (id: string) => Promise<boolean> = () => Promise.resolve(false)
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response))
  }

  static async start(): Promise<TestAppservice> {
    const appservice = new TestAppservice()
    await new Promise<void>((resolve) => appservice.#server.listen(0, '127.0.0.1', resolve))
    return appservice
  }

  registration(change: Partial<Registration> = {}): Registration {
    return {
      id: 'bridge',
      url: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      asToken: 'as-token',
      hsToken: 'hs-token',
      senderLocalpart: '_as_sender',
      userRegexes: ['@_irc_.*:sim\\.local', '@bridgebot:sim\\.local'],
      aliasRegexes: ['#_irc_.*:sim\\.local'],
      ...change,
    }
  }

  /** Bodies of all messages received, in order and with repeats. */
  bodies(): unknown[] {
    const events = this.transactions.flatMap((transaction) => transaction.events)
    return events.filter(({ type }) => type === 'm.room.message').map(({ content }) => content['body'])
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const [kind, id] = (request.url ?? '').replace('/_matrix/app/v1/', '').split('/').map(decodeURIComponent)
    if (kind === 'transactions') {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Transaction
      this.transactions.push({ ...body, id: id ?? '', token: request.headers.authorization })
      if (this.answer === 'hold') return
      response.writeHead(this.answer, { 'content-type': 'application/json' }).end('{}')
      return
    }
    if (kind !== 'ping') this.queries.push(`${kind ?? ''} ${id ?? ''}`)
    const isKnown = kind === 'ping' || (await this.onQuery(id ?? ''))
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' }).end('{}')
  }
}
