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
    try {
      const response = await fetch(url, {
        method: options.method ?? 'GET',
        headers: {
          accept: 'application/json',
          ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
          ...(options.body !== undefined && { 'content-type': options.contentType ?? 'application/json' }),
        },
        ...(options.body !== undefined && {
          body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body),
        }),
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      return read(response, await response.text())
    } catch (error) {
      return { status: 0, errcode: undefined, error: reasonOf(error), body: {}, date: undefined }
    }
  }
}

function read(response: Response, text: string): Answer {
  let body: Record<string, unknown> = {}
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) body = parsed as Record<string, unknown>
  } catch {
    // The status says enough.
  }
  const { errcode, error } = body
  const date = response.headers.get('date')
  return {
    status: response.status,
    errcode: typeof errcode === 'string' ? errcode : undefined,
    error: typeof error === 'string' ? error : `status ${response.status}`,
    body,
    date: date === null ? undefined : new Date(date),
  }
}

/** fetch hides the reason in its cause. */
function reasonOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: undefined }
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer in ${TIMEOUT_MS / 1000} s`
  const text = cause === undefined ? messageOf(error) : messageOf(cause)
  return text !== '' ? text : (code ?? 'no answer')
}
