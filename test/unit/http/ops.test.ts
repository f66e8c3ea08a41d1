import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { opsHandler } from '../../../src/http/ops.ts'
import type { Check, OpsDeps } from '../../../src/http/ops.ts'
import { createLogger } from '../../../src/telemetry/log.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'

const closing: (() => void)[] = []
afterEach(() => closing.splice(0).forEach((close) => close()))

const OK: Check[] = [{ name: 'database', ok: true }]
const healthy = () => Promise.resolve({ checks: OK })

async function serve(deps: OpsDeps): Promise<string> {
  const ops = opsHandler(deps)
  const server = createServer((request, response) => {
    void ops(request, response).then((answered) => {
      if (!answered) response.writeHead(418).end()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('live asks nobody: it is true while the database is away, false while stopping', async () => {
  let live = true
  const url = await serve({ live: () => live, health: () => new Promise(() => {}) })
  const up = await fetch(`${url}/health/live`)
  expect([up.status, await up.json()]).toEqual([200, { live: true }])
  live = false
  expect((await fetch(`${url}/health/live`)).status).toBe(503)
})

test('ready says what is wrong; what is not required is told and does not count', async () => {
  let checks: Check[] = OK
  const url = await serve({ health: () => Promise.resolve({ checks }) })
  expect((await fetch(`${url}/health/ready`)).status).toBe(200)
  checks = [...OK, { name: 'irc libera', ok: false, required: false, text: 'backoff' }]
  const fine = await fetch(`${url}/health/ready`)
  expect([fine.status, await fine.json()]).toEqual([200, { ready: true, reasons: [], checks }])
  checks = [
    { name: 'database', ok: false, text: 'refused' },
    { name: 'lanes', ok: false },
  ]
  const bad = await fetch(`${url}/health/ready`)
  expect(bad.status).toBe(503)
  expect(await bad.json()).toMatchObject({ ready: false, reasons: ['database: refused', 'lanes'] })
})

test('a health check that throws is a reason, and so is stopping', async () => {
  const url = await serve({ live: () => false, health: () => Promise.reject(new Error('broken')) })
  const answer = await fetch(`${url}/health/ready`)
  expect([answer.status, await answer.json()]).toMatchObject([
    503,
    { reasons: ['stopping', 'health: broken'] },
  ])
})

test('metrics are in the format of Prometheus', async () => {
  const metrics = new Metrics(createLogger({ write: () => {} }), { process: false })
  const url = await serve({ metrics, health: healthy })
  const answer = await fetch(`${url}/metrics?x=1`)
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  expect(await answer.text()).toMatch(/^viaduct_build_info\{.*\} 1$/m)
  metrics.close()
})

test('other paths are somebody else’s, also metrics that are switched off', async () => {
  const url = await serve({ health: healthy })
  for (const path of ['/', '/metrics', '/health', '/health/live/', '/_matrix/app/v1/ping', '/constructor']) {
    expect((await fetch(url + path)).status, path).toBe(418)
  }
})

test('only GET and HEAD', async () => {
  const url = await serve({ health: healthy })
  expect((await fetch(`${url}/health/ready`, { method: 'POST' })).status).toBe(405)
  const head = await fetch(`${url}/health/ready`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})
