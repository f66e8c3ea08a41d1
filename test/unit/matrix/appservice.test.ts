import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MatrixSide } from '../../../src/matrix/index.ts'
import type { IngressHandlers } from '../../../src/matrix/index.ts'
import { systemClock } from '../../../src/model/clock.ts'
import type { Clock } from '../../../src/model/clock.ts'
import { SimHomeserver } from '../../sim/homeserver/index.ts'
import { AS_TOKEN, configFor, HS_TOKEN, LogText, MemoryBooks, portal } from './side.ts'

const TXN = '/_matrix/app/v1/transactions/'

/** Timers that run only when the test says so. */
class ManualClock implements Clock {
  readonly timers = new Set<{ ms: number; fn: () => void }>()
  now = () => new Date()
  after(ms: number, fn: () => void): () => void {
    const timer = { ms, fn }
    this.timers.add(timer)
    return () => this.timers.delete(timer)
  }
  run(ms: number): void {
    for (const timer of [...this.timers].filter((one) => one.ms === ms)) timer.fn()
  }
}

type Deferred<T> = { promise: Promise<T>; resolve: (value: T) => void }
function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

let side: MatrixSide
let server: { port: number; close(): Promise<void> }
let clock: ManualClock
let log: LogText
let taken: { txnId: string; raw: Buffer }[]
let handlers: IngressHandlers

beforeEach(async () => {
  ;[clock, log, taken] = [new ManualClock(), new LogText(), []]
  handlers = {
    transaction: async (txnId, raw) => {
      taken.push({ txnId, raw })
      return 'stored'
    },
    userQuery: async (user) => user === '@_irc_known:sim.local',
    roomQuery: async (alias) => alias === '#_irc_known:sim.local',
  }
  side = await MatrixSide.create(configFor('http://127.0.0.1:1'), { books: new MemoryBooks(), clock, log })
  // The handlers are looked up when a request comes, so that each test can put its own.
  const late: IngressHandlers = {
    transaction: (txnId, raw) => handlers.transaction(txnId, raw),
    userQuery: (user) => handlers.userQuery(user),
    roomQuery: (alias) => handlers.roomQuery(alias),
    thirdparty: async (...args) => handlers.thirdparty?.(...args),
    other: async (request, response) => (await handlers.other?.(request, response)) ?? false,
    suspended: () => handlers.suspended?.() ?? false,
    onAborted: () => handlers.onAborted?.(),
  }
  server = await side.listen(late, '127.0.0.1', 0)
})
afterEach(() => side.close())

const AUTH = { authorization: `Bearer ${HS_TOKEN}` }

async function ask(
  method: string,
  path: string,
  init: { body?: string | Buffer<ArrayBuffer>; headers?: Record<string, string> } = {},
) {
  const { body = method === 'GET' ? undefined : '{}', headers = AUTH } = init
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: body }),
  })
  return { status: response.status, body: (await response.json()) as unknown }
}

describe('a transaction', () => {
  test('is handed over byte by byte, and answered when it is kept', async () => {
    const kept = deferred<'stored'>()
    handlers.transaction = async (txnId, raw) => {
      taken.push({ txnId, raw })
      return kept.promise
    }
    const body = '{"events":[{"content":{"body":"\\u0000 \\ud800 ü"}}],\n "x": 1}'
    let answered = false
    const answer = ask('PUT', `${TXN}a%2Fb`, { body }).finally(() => {
      answered = true
    })
    await expect.poll(() => taken.length).toBe(1)
    expect(answered).toBe(false)
    kept.resolve('stored')
    expect(await answer).toEqual({ status: 200, body: {} })
    expect(taken).toEqual([{ txnId: 'a/b', raw: Buffer.from(body) }])
  })

  test('that is not JSON is refused for good', async () => {
    handlers.transaction = async () => 'invalid'
    expect(await ask('PUT', `${TXN}1`)).toMatchObject({ status: 400, body: { errcode: 'M_NOT_JSON' } })
  })

  test('that cannot be kept is to come again', async () => {
    handlers.transaction = async () => {
      throw new Error('database away')
    }
    expect(await ask('PUT', `${TXN}1`)).toMatchObject({ status: 503, body: { errcode: 'M_UNKNOWN' } })
    expect(JSON.stringify(await ask('PUT', `${TXN}1`))).not.toContain('database')
  })

  test('is held for five seconds and no longer', async () => {
    const never = deferred<'stored'>()
    handlers.transaction = () => never.promise
    const answer = ask('PUT', `${TXN}1`)
    await expect.poll(() => [...clock.timers].map(({ ms }) => ms)).toEqual([5000])
    clock.run(5000)
    expect(await answer).toMatchObject({ status: 503, body: { errcode: 'M_UNKNOWN' } })
    never.resolve('stored')
  })

  test('of 20 MB is taken, beyond 64 MiB refused', async () => {
    const large = Buffer.alloc(20_000_000, 0x20)
    expect(await ask('PUT', `${TXN}1`, { body: large })).toMatchObject({ status: 200 })
    expect(taken[0]?.raw.length).toBe(large.length)
    // Refused by the length that it announces, before a byte of it is read.
    const answer = await raw(
      `PUT ${TXN}2 HTTP/1.1\r\nhost: x\r\nauthorization: ${AUTH.authorization}\r\ncontent-length: 67108865\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 413 .*connection: close.*M_TOO_LARGE/is)
    expect(taken).toHaveLength(1)
  })

  test('is refused unread while the bridge stops', async () => {
    handlers.suspended = () => true
    expect(await ask('PUT', `${TXN}1`)).toMatchObject({ status: 503 })
    expect(taken).toEqual([])
  })

  test('whose sender goes away before our answer is told', async () => {
    const told = deferred<boolean>()
    const kept = deferred<'stored'>()
    handlers.onAborted = () => told.resolve(true)
    handlers.transaction = async (txnId, bytes) => {
      taken.push({ txnId, raw: bytes })
      return kept.promise
    }
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(
      `PUT ${TXN}1 HTTP/1.1\r\nhost: x\r\nauthorization: ${AUTH.authorization}\r\ncontent-length: 2\r\n\r\n{}`,
    )
    await expect.poll(() => taken.length).toBe(1)
    socket.destroy()
    expect(await told.promise).toBe(true)
    kept.resolve('stored')
  })
})

test('somebody without the token who goes away is nobody to worry about', async () => {
  let told = 0
  handlers.onAborted = () => void told++
  const answer = await raw(
    `PUT ${TXN}1 HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n`,
  )
  expect(answer).toContain('401')
  expect(await ask('PUT', `${TXN}2`)).toMatchObject({ status: 200 })
  expect(told).toBe(0)
})

test('a homeserver finds its way here, and says so when it does not', async () => {
  const hs = await SimHomeserver.start()
  const own = await MatrixSide.create(configFor(hs.url), {
    books: new MemoryBooks(),
    clock: systemClock,
    log,
  })
  const received: string[] = []
  const listening = await own.listen(
    {
      ...handlers,
      transaction: async (_txnId, bytes) => {
        received.push(bytes.toString('utf8'))
        return 'stored'
      },
    },
    '127.0.0.1',
    0,
  )
  const registration = {
    id: 'viaduct',
    asToken: AS_TOKEN,
    hsToken: HS_TOKEN,
    senderLocalpart: '_viaduct_as_1',
    userRegexes: ['@_irc_.*:sim.local', '@bridgebot:sim.local'],
    aliasRegexes: ['#_irc_.*:sim.local'],
  }
  hs.addAppservice({ ...registration, url: `http://127.0.0.1:${listening.port}` })
  expect(await own.ping()).toMatchObject({ ok: true })
  const carol = await hs.user('carol')
  const room = await portal(own, carol.userId)
  await carol.join(room)
  await carol.sendText(room, 'over to you')
  await hs.waitFor(() => received.some((body) => body.includes('over to you')), 'the message arrives')
  await listening.close()
  expect(await own.ping()).toMatchObject({ ok: false, why: expect.any(String) as string })
  await own.close()
  await hs.close()
})

test('closing finishes what is under way and takes no more', async () => {
  const kept = deferred<'stored'>()
  handlers.transaction = async (txnId, bytes) => {
    taken.push({ txnId, raw: bytes })
    return kept.promise
  }
  const answer = ask('PUT', `${TXN}1`)
  await expect.poll(() => taken.length).toBe(1)
  const closed = server.close()
  await expect(ask('PUT', `${TXN}2`)).rejects.toThrow()
  kept.resolve('stored')
  expect(await answer).toEqual({ status: 200, body: {} })
  await closed
})

describe('a token', () => {
  const wrong = { authorization: 'Bearer nonsense' }
  test.each([
    ['in the header', '', AUTH, 200],
    ['in the query', `?access_token=${HS_TOKEN}`, {}, 200],
    ['in both', `?access_token=${HS_TOKEN}`, AUTH, 200],
    ['wrong in the header', '', wrong, 403],
    ['wrong in the query', '?access_token=nonsense', {}, 403],
    ['right in the header, wrong in the query', '?access_token=nonsense', AUTH, 403],
    ['wrong in the header, right in the query', `?access_token=${HS_TOKEN}`, wrong, 403],
    ['of another scheme', '', { authorization: `Basic ${HS_TOKEN}` }, 403],
    ['empty', '', { authorization: 'Bearer ' }, 403],
    ['of the appservice', '', { authorization: 'Bearer as-token-that-no-log-may-show' }, 403],
    ['missing', '', {}, 401],
  ])('%s', async (_what, query, headers, status) => {
    expect(await ask('PUT', `${TXN}1${query}`, { headers })).toMatchObject({ status })
    expect(taken).toHaveLength(status === 200 ? 1 : 0)
    expect(log.text).not.toContain(HS_TOKEN)
  })
})

describe('other requests', () => {
  test.each([
    ['POST', '/_matrix/app/v1/ping', 200, undefined],
    ['GET', '/_matrix/app/v1/ping', 405, 'M_UNRECOGNIZED'],
    ['POST', `${TXN}1`, 405, 'M_UNRECOGNIZED'],
    ['PUT', '/transactions/1', 404, 'M_UNRECOGNIZED'],
    ['PUT', '/_matrix/APP/v1/transactions/1', 404, 'M_UNRECOGNIZED'],
    ['PUT', TXN, 404, 'M_UNRECOGNIZED'],
    ['PUT', `${TXN}1/2`, 404, 'M_UNRECOGNIZED'],
    ['PUT', `${TXN}%zz`, 404, 'M_UNRECOGNIZED'],
    ['GET', '/health', 404, 'M_UNRECOGNIZED'],
    ['GET', '/', 404, 'M_UNRECOGNIZED'],
    ['GET', '/_matrix/app/v1/users/%40_irc_known%3Asim.local', 200, undefined],
    ['GET', '/_matrix/app/v1/users/%40_irc_other%3Asim.local', 404, 'M_NOT_FOUND'],
    ['GET', '/_matrix/app/v1/rooms/%23_irc_known%3Asim.local', 200, undefined],
    ['GET', '/_matrix/app/v1/rooms/%23_irc_other%3Asim.local', 404, 'M_NOT_FOUND'],
    ['GET', '/_matrix/app/v1/thirdparty/protocol/irc', 404, 'M_NOT_FOUND'],
  ])('%s %s: %i', async (method, path, status, errcode) => {
    expect(await ask(method, path)).toEqual({
      status,
      body: errcode === undefined ? {} : expect.objectContaining({ errcode }),
    })
    expect(taken).toEqual([])
  })

  test.each(['users', 'rooms'])('about %s that fail are not "it exists"', async (kind) => {
    const fail = async () => {
      throw new Error('away')
    }
    handlers.userQuery = fail
    handlers.roomQuery = fail
    expect(await ask('GET', `/_matrix/app/v1/${kind}/x`)).toMatchObject({ status: 503 })
  })

  test('that are none of the appservice API can be answered by others, those of the API cannot', async () => {
    const seen: unknown[] = []
    handlers.other = async (request, response) => {
      seen.push(request.url)
      if (request.url !== '/health/live') return false
      response.end('{"live":true}')
      return true
    }
    expect(await ask('GET', '/health/live', { headers: {} })).toEqual({ status: 200, body: { live: true } })
    expect(await ask('GET', '/else')).toMatchObject({ status: 404 })
    expect(await ask('PUT', `${TXN}1`)).toMatchObject({ status: 200 })
    expect(seen).toEqual(['/health/live', '/else'])
  })

  test('that nobody can read are not found', async () => {
    const answer = await raw(`GET // HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 404 .*M_UNRECOGNIZED/s)
  })

  test('about third parties are passed on without the token', async () => {
    const asked: unknown[] = []
    handlers.thirdparty = async (kind, protocol, params) => {
      asked.push([kind, protocol, params.toString()])
      return [{ userid: '@x:y' }]
    }
    const base = '/_matrix/app/v1/thirdparty'
    expect(await ask('GET', `${base}/user/irc?access_token=${HS_TOKEN}&nick=a`)).toMatchObject({
      status: 200,
    })
    expect(await ask('GET', `${base}/location?alias=x`)).toMatchObject({ body: [{ userid: '@x:y' }] })
    expect(asked).toEqual([
      ['user', 'irc', 'nick=a'],
      ['location', undefined, 'alias=x'],
    ])
  })
})

/** What a server answers to a request, until it closes the connection. */
function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
    socket.write(request)
  })
}
