import { request } from '../../matrix/undici.ts'
import { messageOf } from '../../model/errors.ts'

/** An answer of the homeserver; status 0: there was none, and `error` says why. */
export type Answer = {
  status: number
  errcode: string | undefined
  error: string
  body: Record<string, unknown>
  /** The homeserver's clock. */
  date: Date | undefined
}

export type AskOptions = {
  method?: 'GET' | 'POST'
  body?: unknown
  token?: string
  user?: string
  contentType?: string
}

const TIMEOUT_MS = 15_000

/** Requests with whatever comes back, where the program's own client would already have made sense of it. */
export class ClientApi {
  readonly #baseUrl: string

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl
  }

  /** Makes one request. Never throws. */
  async ask(path: string, options: AskOptions = {}): Promise<Answer> {
    const url = new URL(this.#baseUrl + path)
    if (options.user !== undefined) url.searchParams.set('user_id', options.user)
    const body = options.body
    try {
      const response = await request(url, {
        method: options.method ?? 'GET',
        headers: {
          accept: 'application/json',
          ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
          ...(body !== undefined && { 'content-type': options.contentType ?? 'application/json' }),
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      return read(response.statusCode, response.headers['date'], await response.body.text())
    } catch (error) {
      return { status: 0, errcode: undefined, error: reasonOf(error), body: {}, date: undefined }
    }
  }
}

function read(status: number, date: string | string[] | undefined, text: string): Answer {
  let body: Record<string, unknown> = {}
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) body = parsed as Record<string, unknown>
  } catch {
    // The status says enough.
  }
  const { errcode, error } = body
  return {
    status,
    errcode: typeof errcode === 'string' ? errcode : undefined,
    error: typeof error === 'string' ? error : `status ${status}`,
    body,
    date: typeof date === 'string' ? new Date(date) : undefined,
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer in ${TIMEOUT_MS / 1000} s`
  // Several addresses that all refused have their reasons inside.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  return messageOf(first) || 'no answer'
}
