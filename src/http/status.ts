import type { IncomingMessage, ServerResponse } from 'node:http'
import { messageOf } from '../model/errors.ts'
import { deliveryId } from '../model/ids.ts'
import type { DeliveryId } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { Lane } from '../store/delivery.ts'
import { discard, requeue } from '../store/ledger-view.ts'
import { statusFiles } from './status-files.ts'
import { TokenGate } from './status-gate.ts'
import { StatusReporter } from './status-report.ts'
import type { ReportDeps } from './status-report.ts'

export type StatusDeps = ReportDeps & {
  /** Absent: there is no status page. */
  token: string | undefined
  log: Logger
  /** These lanes of the ledger were changed by a person. */
  changed: (lanes: Lane[]) => void
}

export type StatusHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

/** Nothing from elsewhere is loaded, nobody may frame the page, and no text can become a script. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

const API = '/status/api'
const LARGEST_BODY = 1000

const REFUSED = {
  shut: { status: 401, error: 'This is not the admin_token of secrets.yaml.' },
  slow: { status: 429, error: 'Too many wrong tokens. Wait a second.' },
} as const

const ACTIONS = {
  '/status/api/retry': {
    done: 'retried',
    run: (deps: StatusDeps, id: DeliveryId) => requeue(deps.db, [id]),
    unable: 'It is not failed any more, or its text is not kept any more.',
  },
  '/status/api/discard': {
    done: 'discarded',
    run: (deps: StatusDeps, id: DeliveryId) =>
      discard(deps.db, [id], 'discarded by the administrator on the status page'),
    unable: 'It does not wait any more.',
  },
} as const

const isAction = (path: string): path is keyof typeof ACTIONS => Object.hasOwn(ACTIONS, path)

/**
 * Answers `/status` and what is below: the page for anybody, what it shows only for the administrator's token.
 * @returns a function that says whether the request was one of these; it never rejects
 */
export function statusHandler(deps: StatusDeps): StatusHandler {
  const { token, clock, log } = deps
  if (token === undefined) return off
  const gate = new TokenGate(token, clock)
  const reporter = new StatusReporter(deps)
  const files = statusFiles()

  const api = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const pass = gate.check(request.headers.authorization, request.socket.remoteAddress ?? '')
    if (pass !== 'open') {
      const { status, error } = REFUSED[pass]
      if (pass === 'shut') response.setHeader('www-authenticate', 'Bearer')
      else response.setHeader('retry-after', '1')
      return json(response, status, { error })
    }
    if (path === API) {
      if (request.method !== 'GET') return wrongMethod(response, 'GET')
      return json(response, 200, await reporter.read())
    }
    if (!isAction(path)) return json(response, 404, { error: 'Not found.' })
    if (request.method !== 'POST') return wrongMethod(response, 'POST')
    const id = await idOf(request)
    if (id === undefined) return json(response, 400, { error: 'Expected {"id": number}.' })
    const { run, done, unable } = ACTIONS[path]
    const lanes = await run(deps, id)
    if (lanes.length === 0) return json(response, 409, { error: unable })
    log.info({ delivery: id }, `delivery ${done} on the status page`)
    deps.changed(lanes)
    json(response, 200, { ok: true })
  }

  return async (request, response) => {
    const path = pathOf(request)
    if (!isOurs(path)) return false
    try {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
      const file = files.get(path)
      if (path === API || path.startsWith(`${API}/`)) await api(request, response, path)
      else if (request.method !== 'GET' && request.method !== 'HEAD') wrongMethod(response, 'GET, HEAD')
      else if (path === '/status/') response.writeHead(308, { location: '../status' }).end()
      else if (file === undefined) json(response, 404, { error: 'Not found.' })
      else {
        response.writeHead(200, { 'content-type': file.type, 'content-length': file.body.length })
        response.end(request.method === 'HEAD' ? undefined : file.body)
      }
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'a request of the status page failed')
      if (response.headersSent) response.destroy()
      else json(response, 503, { error: 'The bridge cannot do this now; its log says why.' })
    }
    return true
  }
}

const off: StatusHandler = (request, response) => {
  if (!isOurs(pathOf(request))) return Promise.resolve(false)
  json(response, 404, { error: 'There is no status page: it needs http.admin and an admin_token.' })
  return Promise.resolve(true)
}

const pathOf = (request: IncomingMessage) => (request.url ?? '/').split('?')[0] ?? '/'
const isOurs = (path: string) => path === '/status' || path.startsWith('/status/')

function wrongMethod(response: ServerResponse, allow: string): void {
  response.setHeader('allow', allow)
  json(response, 405, { error: `Only ${allow}.` })
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}

async function idOf(request: IncomingMessage): Promise<DeliveryId | undefined> {
  let text = ''
  for await (const chunk of request as AsyncIterable<Buffer>) {
    // Read to its end all the same: to stop would cut the connection before the answer.
    if (text.length <= LARGEST_BODY) text += chunk.toString('latin1')
  }
  if (text.length > LARGEST_BODY) return undefined
  try {
    const { id } = JSON.parse(text) as { id?: unknown }
    return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? deliveryId(id) : undefined
  } catch {
    return undefined
  }
}
