import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { LogService, MatrixClient } from '@vector-im/matrix-bot-sdk'
import { afterEach, describe, expect, test } from 'vitest'
import { Circuit } from '../../../src/matrix/circuit.ts'
import { settle } from '../../../src/matrix/classify.ts'
import { Http } from '../../../src/matrix/http.ts'
import type { RequestInfo } from '../../../src/matrix/index.ts'
import { useLogger } from '../../../src/matrix/sdk-log.ts'
import { serveSdk } from '../../../src/matrix/sdk-requests.ts'
import { LogText, ShiftedClock } from './side.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function serve(handler: Handler): Promise<{ server: Server; url: string }> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  return { server, url: `http://127.0.0.1:${address.port}` }
}

function client(baseUrl: string, more: { connections?: number; timeoutMs?: number } = {}) {
  const clock = new ShiftedClock()
  const requests: RequestInfo[] = []
  const onRequest = (info: RequestInfo) => void requests.push(info)
  const http = new Http({ baseUrl, connections: 4, timeoutMs: 5000, ...more, clock, onRequest })
  cleanUp.push(() => http.close())
  return { http, clock, requests }
}

const get = (path = '/x') => ({ method: 'GET' as const, path, endpoint: '/x', headers: {} })

describe('the pool', () => {
  test('uses all the sockets it may, and no more', async () => {
    const sockets = new Set<unknown>()
    const waiting: ServerResponse[] = []
    const { url } = await serve((request, response) => {
      sockets.add(request.socket)
      waiting.push(response)
      if (sockets.size < 4) return
      for (const one of waiting.splice(0)) one.end('{}')
    })
    const { http } = client(url)
    const replies = await Promise.all(Array.from({ length: 500 }, () => http.json(get())))
    expect(replies.every(({ status }) => status === 200)).toBe(true)
    expect(sockets.size).toBe(4)
  })

  test('keeps the path of a homeserver behind a prefix', async () => {
    const { url } = await serve((request, response) => response.end(JSON.stringify({ url: request.url })))
    const { http, requests } = client(`${url}/prefix/`)
    expect(await http.json(get('/x?y=1'))).toMatchObject({ status: 200, json: { url: '/prefix/x?y=1' } })
    expect(requests).toMatchObject([{ method: 'GET', endpoint: '/x', status: 200 }])
  })

  test('takes bodies in pieces, and what is not JSON', async () => {
    const { url } = await serve((request, response) => {
      const bytes = Buffer.from(request.url === '/html' ? '<html></html>' : '{"word":"ü"}')
      response.write(bytes.subarray(0, 10))
      setImmediate(() => response.end(bytes.subarray(10)))
    })
    const { http } = client(url)
    expect((await http.json(get())).json).toEqual({ word: 'ü' })
    expect((await http.json(get('/html'))).json).toBeUndefined()
  })

  test('gives up on a homeserver that never answers', async () => {
    const { url } = await serve(() => {})
    const { http, requests } = client(url, { timeoutMs: 50 })
    await expect(http.json(get())).rejects.toThrow(/timeout/i)
    expect(requests).toMatchObject([{ status: 'error' }])
  })
})

describe('the circuit', () => {
  const answers = async (...list: { status: number; body?: unknown; headers?: Record<string, string> }[]) => {
    let asked = 0
    const { url } = await serve((_request, response) => {
      const answer = list[Math.min(asked++, list.length - 1)] ?? { status: 500 }
      response.writeHead(answer.status, answer.headers ?? {})
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}))
    })
    return { ...client(url), asked: () => asked }
  }

  test("a proxy's limit holds everybody until it says", async () => {
    const { http, clock, asked } = await answers(
      { status: 429, body: 'slow', headers: { 'retry-after': '20' } },
      { status: 200 },
    )
    expect(await settle(http.json(get()))).toMatchObject({ kind: 'limited', afterMs: 20_000 })
    expect(await settle(http.json(get()))).toMatchObject({
      kind: 'doubt',
      why: expect.stringContaining('away') as string,
    })
    expect(asked()).toBe(1)
    clock.forward(20_000)
    expect(await settle(http.json(get()))).toMatchObject({ kind: 'ok' })
  })

  test("one sender's limit holds that sender", async () => {
    const body = { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 5000 }
    const { http } = await answers({ status: 429, body }, { status: 200 })
    expect(await settle(http.json(get()))).toMatchObject({ kind: 'limited', afterMs: 5000 })
    expect(await settle(http.json(get()))).toMatchObject({ kind: 'ok' })
  })

  test('errors of one room hold nobody', async () => {
    const { http, asked } = await answers({ status: 500, body: { errcode: 'M_UNKNOWN' } })
    for (let i = 0; i < 20; i++) await settle(http.json(get()))
    expect(asked()).toBe(20)
  })

  test('a proxy without its homeserver is left alone for a while, then probed', async () => {
    const { http, clock, asked } = await answers({ status: 502, body: '<html>' })
    for (let i = 0; i < 20; i++) await settle(http.json(get()))
    expect(asked()).toBe(4)
    clock.forward(1000)
    await Promise.all(Array.from({ length: 5 }, () => settle(http.json(get()))))
    expect(asked()).toBe(5)
    await settle(http.json({ ...get(), always: true }))
    expect(asked()).toBe(6)
  })

  test('grows its pauses, within bounds, and forgets them at the first answer', () => {
    const clock = new ShiftedClock()
    const circuit = new Circuit(clock)
    const pauses: number[] = []
    for (let i = 0; i < 20; i++) {
      circuit.failed()
      pauses.push(circuit.pauseMs())
    }
    expect(pauses.slice(0, 3)).toEqual([0, 0, 0])
    expect(pauses[4]).toBeGreaterThan(pauses[3] ?? Infinity)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000)
    circuit.reached()
    expect(circuit.pauseMs()).toBe(0)
  })

  test('a probe that never ends does not keep others away for ever', () => {
    const clock = new ShiftedClock()
    const circuit = new Circuit(clock)
    circuit.asked(1000)
    clock.forward(1001)
    expect(circuit.pauseMs()).toBe(0)
    expect(circuit.pauseMs()).toBeGreaterThan(0)
    clock.forward(5001)
    expect(circuit.pauseMs()).toBe(0)
  })
})

describe('the SDK', () => {
  const TOKEN = 'sdk-token-that-no-log-may-show'

  async function sdk(handler: Handler) {
    const { url } = await serve(handler)
    const { http, requests } = client(url)
    cleanUp.push(serveSdk(http))
    const log = new LogText()
    useLogger(log)
    return { matrix: new MatrixClient(http.baseUrl, TOKEN), requests, log }
  }

  test('goes through the pool', async () => {
    const { matrix, requests } = await sdk((request, response) =>
      response.end(JSON.stringify({ url: request.url, token: request.headers.authorization })),
    )
    const answer: unknown = await matrix.doRequest('GET', '/_matrix/client/v3/rooms/!r:x/y', {
      a: ['1', '2'],
      b: 3,
    })
    expect(answer).toEqual({ url: '/_matrix/client/v3/rooms/!r:x/y?a=1&a=2&b=3', token: `Bearer ${TOKEN}` })
    expect(requests).toMatchObject([{ endpoint: '/_matrix/client/v3/rooms/{}/y', status: 200 }])
  })

  test('gets bytes where it wants bytes', async () => {
    const { matrix } = await sdk((_request, response) => response.end(Buffer.from([0xff, 0x00])))
    const answer = (await matrix.doRequest('GET', '/b', null, null, 5000, true, '', true)) as { body: Buffer }
    expect(answer.body).toEqual(Buffer.from([0xff, 0x00]))
  })

  test('logs an error by its code, and nothing that came with it', async () => {
    const { matrix, log } = await sdk((_request, response) => {
      response.writeHead(403)
      response.end(JSON.stringify({ errcode: 'M_FORBIDDEN', error: 'private words', access_token: TOKEN }))
    })
    await expect(matrix.doRequest('PUT', '/x', null, { body: 'secret message' })).rejects.toThrow()
    LogService.warn('module', 'a warning', new Error(`with ${TOKEN}`), { body: 'secret message' })
    LogService.info('module', 'secret message')
    expect(log.text).toContain('M_FORBIDDEN')
    expect(log.text).toContain('a warning')
    for (const secret of [TOKEN, 'private words', 'secret message']) expect(log.text).not.toContain(secret)
  })
})
