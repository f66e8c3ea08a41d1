import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { Config, Secrets } from '../../config/index.ts'
import { messageOf } from '../../model/errors.ts'
import type { Answer, ClientApi } from './client-api.ts'
import { fault, ok, warning } from './finding.ts'
import type { Finding } from './finding.ts'

/** What came in while the bridge's place was kept. */
type Seen = { pings: number; wrongToken: boolean }

/**
 * The way from the homeserver to us: it is asked to ping the bridge. If no bridge runs, its place is kept for as long;
 * transactions are told to come again.
 */
export async function checkReach(config: Config, secrets: Secrets, api: ClientApi): Promise<Finding[]> {
  const { listen, id, publicUrl } = config.appservice
  const seen: Seen = { pings: 0, wrongToken: false }
  let server: Server | undefined
  const found: Finding[] = []
  try {
    server = await keepPlace(listen, secrets.hsToken, seen)
    found.push(ok('port', `${listen.host}:${listen.port} is free; no bridge runs`))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'EADDRINUSE') {
      return [fault('port', `${listen.host}:${listen.port}: ${messageOf(error)}`, 'mend appservice.listen')]
    }
    found.push(
      ok(
        'port',
        `${listen.host}:${listen.port} is in use, by a bridge that runs unless the next line says no`,
      ),
    )
  }
  try {
    const answer = await api.ask(`/_matrix/client/v1/appservice/${encodeURIComponent(id)}/ping`, {
      method: 'POST',
      token: secrets.asToken,
      body: { transaction_id: 'viaduct-doctor' },
    })
    return [...found, explain(answer, seen, publicUrl)]
  } finally {
    server?.closeAllConnections()
    server?.close()
  }
}

/** What the answer to a ping means (Application Service API, `POST /appservice/{id}/ping`). */
export function explain(answer: Answer, seen: Seen, publicUrl: string): Finding {
  const name = 'homeserver → bridge'
  const { status, errcode, error, body } = answer
  if (status === 200) return ok(name, `works, in ${Number(body['duration_ms'])} ms`)
  switch (errcode) {
    case 'M_URL_NOT_SET':
      return fault(name, 'the registration in the homeserver has no url', REGISTER_AGAIN)
    case 'M_CONNECTION_FAILED':
      return fault(
        name,
        `the homeserver cannot connect to the url of its registration (${publicUrl} in the configuration)`,
        'if they run on different machines or in containers, set appservice.listen.host to 0.0.0.0 and ' +
          'appservice.public_url to an address that the homeserver can reach, then viaduct registration --write',
      )
    case 'M_CONNECTION_TIMEOUT':
      return fault(
        name,
        `${publicUrl} does not answer the homeserver in time`,
        'look for a firewall between them',
      )
    case 'M_BAD_STATUS':
      if (seen.wrongToken || [401, 403].includes(Number(body['status']))) {
        return fault(name, 'the homeserver has another hs_token', REGISTER_AGAIN)
      }
      return fault(
        name,
        `something else than the bridge answers at ${publicUrl}, with status ${String(body['status'])}`,
        'mend appservice.public_url, or the proxy in between',
      )
    case 'M_FORBIDDEN':
      return fault(name, `the homeserver knows the bridge under another id: ${error}`, REGISTER_AGAIN)
    case 'M_UNRECOGNIZED':
      return warning(
        name,
        'this homeserver cannot be asked (it has no ping)',
        'send the bot a message to see it work',
      )
    case undefined:
    default:
      return fault(name, `the ping failed: ${error}`, 'see the log of the homeserver')
  }
}

const REGISTER_AGAIN = 'viaduct registration --write, then restart the homeserver'

function keepPlace(listen: { host: string; port: number }, hsToken: string, seen: Seen): Promise<Server> {
  const server = createServer((request, response) => {
    const status = answerTo(request, hsToken, seen)
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    response.end(status === 200 ? '{}' : '{"errcode":"M_UNKNOWN","error":"The bridge is not running"}')
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen.port, listen.host, () => resolve(server))
  })
}

function answerTo(request: IncomingMessage, hsToken: string, seen: Seen): number {
  if (request.headers.authorization !== `Bearer ${hsToken}`) {
    seen.wrongToken = true
    return 403
  }
  if (request.method !== 'POST' || request.url?.split('?')[0] !== '/_matrix/app/v1/ping') return 503
  seen.pings++
  return 200
}
