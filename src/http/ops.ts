import type { IncomingMessage, ServerResponse } from 'node:http'
import { messageOf } from '../model/errors.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** One thing that has to be so. Without `required` it is told, but the bridge counts as ready all the same. */
export type Check = { name: string; ok: boolean; required?: boolean; text?: string }

export type Health = { checks: Check[] }

export type OpsDeps = {
  /** Absent: metrics are switched off. */
  metrics?: Metrics
  /** False while the program stops: it takes nothing more. Asks nobody, so that a slow database gets nobody killed. */
  live?: () => boolean
  health: () => Promise<Health>
}

export type OpsHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

/** A health check that takes longer than this is a failed one: whoever asks gives up soon after. */
const PATIENCE_MS = 5000

/**
 * Answers `/health/live`, `/health/ready` and `/metrics`.
 * @returns a function that says whether the request was one of these
 */
export function opsHandler(deps: OpsDeps): OpsHandler {
  return async (request, response) => {
    const path = (request.url ?? '/').split('?')[0]
    const answer = ROUTES[path ?? '']
    if (answer === undefined || (path === '/metrics' && deps.metrics === undefined)) return false
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      send(response, 405, 'application/json', '{"error":"only GET"}', false)
      return true
    }
    const { status, type, body } = await answer(deps)
    send(response, status, type, body, request.method === 'HEAD')
    return true
  }
}

type Answer = { status: number; type: string; body: string }

const json = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(body)}\n`,
})

const ROUTES: Readonly<Record<string, (deps: OpsDeps) => Promise<Answer>>> = {
  '/health/live': async ({ live }) => {
    // The event loop turns, or there would be no answer.
    const alive = live?.() ?? true
    return json(alive ? 200 : 503, { live: alive })
  },
  '/health/ready': async ({ live, health }) => {
    const { checks } = await ask(health)
    const failed = checks.filter((check) => !check.ok && check.required !== false)
    const reasons = failed.map(({ name, text }) => (text === undefined ? name : `${name}: ${text}`))
    if (live?.() === false) reasons.unshift('stopping')
    const ready = reasons.length === 0
    return json(ready ? 200 : 503, { ready, reasons, checks })
  },
  '/metrics': async ({ metrics }) => {
    if (metrics === undefined) return json(404, { error: 'metrics are switched off' })
    const { contentType, body } = await metrics.expose()
    return { status: 200, type: contentType, body }
  },
}

async function ask(health: () => Promise<Health>): Promise<Health> {
  let timer: NodeJS.Timeout | undefined
  const failed = (text: string): Health => ({ checks: [{ name: 'health', ok: false, text }] })
  const late = new Promise<Health>((resolve) => {
    timer = setTimeout(() => resolve(failed('no answer in time')), PATIENCE_MS)
    timer.unref()
  })
  try {
    return await Promise.race([health(), late])
  } catch (error) {
    return failed(messageOf(error))
  } finally {
    clearTimeout(timer)
  }
}

function send(response: ServerResponse, status: number, type: string, body: string, headOnly: boolean): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(headOnly ? undefined : body)
}
