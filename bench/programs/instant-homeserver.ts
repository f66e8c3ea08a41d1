import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tell } from './in-child.ts'

/** A homeserver that says yes to everything at once, so that only the caller's cost is left. */
let events = 0

function answerTo(method: string, url: string): string {
  if (url.includes('/send/')) return `{"event_id":"$event-${(events += 1)}"}`
  if (url.includes('/joined_members')) return '{"joined":{}}'
  if (url.includes('/joined_rooms')) return '{"joined_rooms":[]}'
  if (url.endsWith('/register') && method === 'POST') return '{"user_id":"@somebody:sim.local"}'
  if (url.includes('/join')) return '{"room_id":"!room:sim.local"}'
  if (url.includes('/ping')) return '{"duration_ms":1}'
  return '{}'
}

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  request.resume()
  request.once('end', () => {
    const body = answerTo(request.method ?? '', request.url ?? '')
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1', 511, () => {
  tell({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
