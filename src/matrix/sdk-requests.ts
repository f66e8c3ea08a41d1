import { setRequestFn } from '@vector-im/matrix-bot-sdk'
import type { Http, Method } from './http.ts'

type SdkParams = {
  uri: string
  method: string
  qs?: Record<string, unknown> | null
  headers?: Record<string, string>
  body?: string | Buffer
  timeout?: number
  /** `null`: the body is wanted as a Buffer. */
  encoding?: null
}

type SdkResponse = { statusCode: number; headers: Record<string, unknown>; body: string | Buffer }
type SdkCallback = (error: Error | null, response?: SdkResponse, body?: string | Buffer) => void

/** The SDK has one request function for the whole process; each homeserver finds its pool by its base URL. */
const pools = new Set<Http>()

/** Puts a pool under every SDK call to its homeserver; the returned function takes it away again. */
export function serveSdk(http: Http): () => void {
  pools.add(http)
  setRequestFn(requestFn)
  return () => void pools.delete(http)
}

const requestFn = (params: SdkParams, callback: SdkCallback): void => void answer(params, callback)

async function answer(params: SdkParams, callback: SdkCallback): Promise<void> {
  let response: SdkResponse
  try {
    response = await perform(params)
  } catch (error) {
    callback(error instanceof Error ? error : new Error(String(error)))
    return
  }
  callback(null, response, response.body)
}

async function perform(params: SdkParams): Promise<SdkResponse> {
  const http = poolFor(params.uri)
  if (http === undefined) throw new Error('no homeserver has this address')
  const path = params.uri.slice(http.baseUrl.length)
  const { status, headers, bytes } = await http.raw({
    method: params.method as Method,
    path: path + queryOf(params.qs),
    endpoint: endpointOf(path),
    headers: params.headers ?? {},
    ...(params.body === undefined ? {} : { body: params.body }),
    ...(params.timeout === undefined ? {} : { timeoutMs: params.timeout }),
  })
  return { statusCode: status, headers, body: params.encoding === null ? bytes : bytes.toString('utf8') }
}

function poolFor(uri: string): Http | undefined {
  // The newest: an older one for the same homeserver is about to close.
  return [...pools].findLast(({ baseUrl }) => uri.startsWith(`${baseUrl}/`))
}

function queryOf(qs: SdkParams['qs']): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(qs ?? {})) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null) query.append(key, String(one))
  }
  return query.size === 0 ? '' : `?${query.toString()}`
}

/** What varies in a path begins with a sigil, or follows one of these. */
const VARIABLE = /^(?:[@!#$]|%40|%21|%23|%24)/i

const endpointOf = (path: string): string =>
  path
    .split('/')
    .map((part) => (VARIABLE.test(part) ? '{}' : part))
    .join('/')
