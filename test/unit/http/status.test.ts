import { readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { statusHandler } from '../../../src/http/status.ts'
import type { StatusDeps } from '../../../src/http/status.ts'
import { loginId } from '../../../src/model/ids.ts'
import type { PortalId } from '../../../src/model/ids.ts'
import type { ConnectionStatus } from '../../../src/model/network.ts'
import { changeStates, insertDeliveries } from '../../../src/store/delivery.ts'
import type { Lane, StateChange } from '../../../src/store/delivery.ts'
import { createLogger } from '../../../src/telemetry/log.ts'
import { VERSION } from '../../../src/telemetry/version.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { newRow, portalOf, rowOf } from '../../support/rows.ts'

const TOKEN = 'an-admin-token-of-some-length'
const WEB = new URL('../../../src/http/web/status/', import.meta.url).pathname

let database: FreshDatabase
let portal: PortalId
const closing: (() => void)[] = []
beforeAll(async () => {
  database = await freshDatabase()
  portal = await portalOf(database.db, '#room', '!room:sim.local')
})
beforeEach(() => database.db.query('delete from delivery'))
afterEach(() => closing.splice(0).forEach((close) => close()))
afterAll(() => database.drop())

async function serve(given: Partial<StatusDeps> = {}) {
  const clock = new ManualClock()
  const changed: Lane[] = []
  const status = statusHandler({
    token: TOKEN,
    db: database.db,
    clock,
    log: createLogger({ write: () => {} }),
    health: () => Promise.resolve({ checks: [{ name: 'database', ok: true }] }),
    live: () => true,
    homeserver: () => ({ ok: true, checkedAt: clock.now() }),
    connections: () => [],
    inbox: () => Promise.resolve({ waiting: 0, oldest: undefined }),
    changed: (lanes) => changed.push(...lanes),
    ...given,
  })
  const server = createServer((request, response) => {
    void status(request, response).then((answered) => {
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
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call = (path: string, init: RequestInit & { token?: string } = {}) => {
    const { token = TOKEN, ...rest } = init
    return fetch(`${url}${path}`, { ...rest, headers: { authorization: `Bearer ${token}` } })
  }
  const post = (action: 'retry' | 'discard', body: unknown) =>
    call(`/status/api/${action}`, { method: 'POST', body: JSON.stringify(body) })
  const report = async () => (await call('/status/api')).json() as Promise<Record<string, unknown>>
  return { url, clock, changed, call, post, report }
}

/** A row in the ledger that went through `change`. */
async function row(sourceId: string, change: Omit<StateChange, 'id'>, body: unknown = { text: sourceId }) {
  await insertDeliveries(database.db, [newRow(portal, sourceId, { body })])
  const { id } = await rowOf(database.db, sourceId)
  await changeStates(database.db, [{ id, ...change }], new Date())
  return id
}

describe('who may see it', () => {
  test('without a token in the configuration nothing is there, and other paths are somebody else’s', async () => {
    const { call } = await serve({ token: undefined })
    for (const path of ['/status', '/status/', '/status/app.js', '/status/api', '/status/api/retry']) {
      expect((await call(path)).status, path).toBe(404)
    }
    expect((await call('/statuses')).status).toBe(418)
  })

  test('other paths are somebody else’s', async () => {
    const { call } = await serve()
    for (const path of ['/', '/statuses', '/health/ready', '/_matrix/app/v1/ping']) {
      expect((await call(path)).status, path).toBe(418)
    }
  })

  test('the API wants the token, whole and alone, for everything', async () => {
    const { url, call } = await serve()
    const id = await row('$kept', { state: 'rejected' })
    expect((await fetch(`${url}/status/api`)).status).toBe(401)
    expect((await fetch(`${url}/status/api?token=${TOKEN}`)).status).toBe(401)
    expect((await fetch(`${url}/status/api`, { headers: { authorization: TOKEN } })).status).toBe(401)
    for (const token of [TOKEN.slice(1), `${TOKEN}x`, TOKEN.toUpperCase()]) {
      expect((await call('/status/api', { token })).status, token).toBe(401)
    }
    const body = JSON.stringify({ id })
    const refused = await call('/status/api/retry', { method: 'POST', body, token: 'wrong' })
    expect([refused.status, await refused.text()]).toEqual([401, expect.not.stringContaining(TOKEN)])
    expect((await rowOf(database.db, '$kept')).state).toBe('rejected')
    expect((await call('/status/api')).status).toBe(200)
  })

  test('five wrong tokens in a second, then not even the right one is looked at until it is over', async () => {
    const { call, clock } = await serve()
    const statuses: number[] = []
    for (let i = 0; i < 6; i += 1) statuses.push((await call('/status/api', { token: `wrong${i}` })).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    const slow = await call('/status/api')
    expect([slow.status, slow.headers.get('retry-after')]).toEqual([429, '1'])
    await clock.advance(1000)
    expect((await call('/status/api')).status).toBe(200)
  })

  test('right tokens are not counted', async () => {
    const { call } = await serve()
    for (let i = 0; i < 8; i += 1) expect((await call('/status/api')).status).toBe(200)
  })
})

describe('the page', () => {
  test('every answer forbids what comes from elsewhere, inline scripts and frames', async () => {
    const { url, call } = await serve()
    const answers = [
      await fetch(`${url}/status`),
      await fetch(`${url}/status/api`),
      await call('/status/api'),
    ]
    for (const { headers } of answers) {
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy.split('; ')).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "frame-ancestors 'none'",
          "require-trusted-types-for 'script'",
        ]),
      )
      expect(policy).not.toContain('unsafe')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  test('it is there with everything that it loads, which comes from itself', async () => {
    const { url } = await serve()
    const page = await (await fetch(`${url}/status?x=1`)).text()
    const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(loaded).toContain('status/app.js')
    const modules = readdirSync(WEB).filter((name) => name.endsWith('.js'))
    for (const name of modules) {
      const text = readFileSync(join(WEB, name), 'utf8')
      loaded.push(...[...text.matchAll(/from '\.\/([^']+)'/g)].map((match) => `status/${match[1] ?? ''}`))
    }
    for (const path of loaded) {
      const { status, headers } = await fetch(new URL(path, `${url}/status`))
      expect([path, status]).toEqual([path, 200])
      if (path.endsWith('.js')) expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    }
  })

  test('nothing in its code makes markup of text', () => {
    for (const name of readdirSync(WEB)) {
      const text = readFileSync(join(WEB, name), 'utf8')
      expect(text, name).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser|\sstyle="|\son\w+="/,
      )
    }
  })

  test('only its own files, only GET; with a slash at the end it is found as well', async () => {
    const { url } = await serve()
    for (const path of ['/status/index.html', '/status/nothing.js', '/status/..%2fstatus.ts']) {
      expect((await fetch(url + path)).status, path).toBe(404)
    }
    expect((await fetch(`${url}/status`, { method: 'POST' })).status).toBe(405)
    const slash = await fetch(`${url}/status/`)
    expect([slash.status, slash.url]).toEqual([200, `${url}/status`])
  })
})

describe('what it shows', () => {
  test('failed deliveries, the newest first, without anything of what was written', async () => {
    const secret = { text: 'a secret', filename: 'secret.png', html: '<b>secret</b>' }
    await row('$old', { state: 'expired', errorCode: 'network_down', errorText: 'IRC was away' }, secret)
    await row('$new', { state: 'unknown', errorCode: 'link_lost', errorText: 'x'.repeat(2000) }, secret)
    await row('$fine', { state: 'delivered' }, secret)
    const { call } = await serve()
    const text = await (await call('/status/api')).text()
    expect(text).not.toContain('secret')
    const { ledger } = JSON.parse(text) as { ledger: { failed: Record<string, unknown>[] } }
    expect(ledger.failed).toMatchObject([
      { state: 'unknown', code: 'link_lost', why: `${'x'.repeat(500)}…` },
      {
        state: 'expired',
        network: 'irc',
        direction: 'to_remote',
        roomId: '!room:sim.local',
        chatId: 'fake/#room',
        sender: '@alice:sim.local',
        kind: 'message',
        code: 'network_down',
        why: 'IRC was away',
      },
    ])
    expect(ledger.failed.every((line) => typeof line['endedAt'] === 'string')).toBe(true)
    expect(ledger.failed.flatMap((line) => Object.keys(line))).not.toContain('body')
  })

  test('no more than fifty', async () => {
    const names = Array.from({ length: 55 }, (_, i) => `$f${i}`)
    await insertDeliveries(
      database.db,
      names.map((name) => newRow(portal, name)),
    )
    await database.db.query(`update delivery set state = 'rejected', finished_at = now()`)
    const { ledger } = (await (await serve()).report()) as { ledger: { failed: unknown[] } }
    expect(ledger.failed).toHaveLength(50)
  })

  test('queues, and the first of each conversation that does not get through', async () => {
    const head = await row('$head', { state: 'parked', waitsFor: 'login', errorText: 'not connected' })
    await insertDeliveries(database.db, [newRow(portal, '$behind1'), newRow(portal, '$behind2')])
    const fresh = await portalOf(database.db, '#fresh')
    await insertDeliveries(database.db, [newRow(fresh, '$on-its-way', { direction: 'to_matrix' })])
    const text = await (await (await serve()).call('/status/api')).text()
    expect(text).not.toContain('"text"')
    expect((JSON.parse(text) as { ledger: unknown }).ledger).toMatchObject({
      queues: [
        { network: 'irc', direction: 'to_matrix', waiting: 1, parked: 0 },
        { network: 'irc', direction: 'to_remote', waiting: 3, parked: 1 },
      ],
      waiting: [{ id: head, state: 'parked', waitsFor: 'login', why: 'not connected', behind: 2 }],
      failed: [],
    })
  })

  test('how long deliveries of the last hour took', async () => {
    for (const [i, seconds] of [1, 2, 3].entries()) {
      const id = await row(`$d${i}`, { state: 'delivered' })
      await database.db.query(
        `update delivery set created_at = finished_at - $2 * interval '1 second' where id = $1`,
        [id, seconds],
      )
    }
    const old = await row('$yesterday', { state: 'delivered' })
    await database.db.query(
      `update delivery set finished_at = finished_at - interval '1 day' where id = $1`,
      [old],
    )
    await row('$failed', { state: 'rejected' })
    const { ledger } = (await (await serve()).report()) as { ledger: { latency: unknown } }
    expect(ledger.latency).toEqual([
      { network: 'irc', direction: 'to_remote', count: 3, p50Ms: 2000, p95Ms: 2900 },
    ])
  })

  test('shared connections, logins that are in trouble, and how many there are of the others', async () => {
    const since = new Date('2026-01-01T00:00:00Z')
    const own = (id: number, state: ConnectionStatus['state']): ConnectionStatus => ({
      login: loginId(id),
      label: `login ${id}`,
      state,
      since,
    })
    const shared: ConnectionStatus = { label: 'Libera', state: 'backoff', text: 'refused', since }
    const { report } = await serve({
      connections: () => [
        { network: 'irc', status: [own(1, 'connected'), own(2, 'bad_credentials'), shared] },
      ],
    })
    expect(await report()).toMatchObject({
      connections: [
        { network: 'irc', label: 'Libera', state: 'backoff', text: 'refused', personal: false },
        { network: 'irc', label: 'login 2', state: 'bad_credentials', personal: true },
      ],
      logins: [{ network: 'irc', connected: 1, all: 2 }],
    })
  })

  test('whether it is ready and why not, the homeserver’s last ping, the version', async () => {
    const checkedAt = new Date('2026-01-01T00:00:00Z')
    const { report } = await serve({
      live: () => false,
      health: () =>
        Promise.resolve({
          checks: [
            { name: 'homeserver', ok: false, text: 'refused' },
            { name: 'irc Libera', ok: false, required: false },
          ],
        }),
      homeserver: () => ({ ok: false, checkedAt, why: 'refused' }),
    })
    expect(await report()).toMatchObject({
      version: VERSION,
      ready: false,
      reasons: ['stopping', 'homeserver: refused'],
      homeserver: { ok: false, checkedAt: checkedAt.toISOString(), why: 'refused' },
      database: { ok: true },
    })
  })

  test('a database that is away is said to be so, and the rest is shown', async () => {
    const away = () => Promise.reject(new Error('connection refused'))
    const { report, post } = await serve({
      db: { query: away },
      health: () => Promise.resolve({ checks: [{ name: 'database', ok: false, text: 'away' }] }),
    })
    expect(await report()).toMatchObject({
      ready: false,
      database: { ok: false, why: 'away' },
      ledger: null,
      homeserver: { ok: true },
    })
    expect((await post('retry', { id: 1 })).status).toBe(503)
  })
})

describe('what it does', () => {
  test('a retry queues a failed delivery again, and wakes its lane', async () => {
    const id = await row('$again', { state: 'expired', errorCode: 'network_down', errorText: 'away' })
    const { post, changed } = await serve()
    expect((await post('retry', { id })).status).toBe(200)
    const again = await rowOf(database.db, '$again')
    expect([again.state, again.errorCode, again.finishedAt]).toEqual(['queued', null, null])
    expect(changed).toEqual([{ direction: 'to_remote', portal }])
    expect((await post('retry', { id })).status).toBe(409)
    expect(changed).toHaveLength(1)
  })

  test('what was delivered, or has no text any more, cannot be retried', async () => {
    const delivered = await row('$done', { state: 'delivered' })
    const cleared = await row('$cleared', { state: 'rejected', clearBody: true })
    const { post, changed } = await serve()
    for (const id of [delivered, cleared, 999_999]) {
      const { status, headers } = await post('retry', { id })
      expect([status, headers.get('content-type')]).toEqual([409, 'application/json'])
    }
    expect((await rowOf(database.db, '$done')).state).toBe('delivered')
    expect((await rowOf(database.db, '$cleared')).state).toBe('rejected')
    expect(changed).toEqual([])
  })

  test('a discard ends a waiting delivery, says by whom, and wakes its lane', async () => {
    const id = await row('$stuck', { state: 'parked', waitsFor: 'login' })
    const { post, changed, report } = await serve()
    expect((await post('discard', { id })).status).toBe(200)
    const gone = await rowOf(database.db, '$stuck')
    expect([gone.state, gone.errorCode]).toEqual(['rejected', 'discarded'])
    expect(gone.errorText).toContain('administrator')
    expect(changed).toEqual([{ direction: 'to_remote', portal }])
    expect((await post('discard', { id })).status).toBe(409)
    expect(await report()).toMatchObject({ ledger: { waiting: [], failed: [{ id, code: 'discarded' }] } })
  })

  test('requests that cannot be understood change nothing', async () => {
    const id = await row('$safe', { state: 'rejected' })
    const { call, post, changed } = await serve()
    for (const body of [
      {},
      null,
      { id: String(id) },
      { id: -1 },
      { id: 1.5 },
      { id, pad: 'x'.repeat(5000) },
    ]) {
      expect((await post('retry', body)).status, JSON.stringify(body).slice(0, 40)).toBe(400)
    }
    expect((await call('/status/api/retry', { method: 'POST', body: '{' })).status).toBe(400)
    expect((await call('/status/api/retry')).status).toBe(405)
    expect((await call('/status/api', { method: 'POST' })).status).toBe(405)
    expect((await call('/status/api/constructor', { method: 'POST', body: '{}' })).status).toBe(404)
    expect((await rowOf(database.db, '$safe')).state).toBe('rejected')
    expect(changed).toEqual([])
  })
})
