import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileNameIn, limited } from '../../../src/matrix/media.ts'
import { MatrixSide } from '../../../src/matrix/index.ts'
import type { Upload } from '../../../src/matrix/index.ts'
import { mxcUri } from '../../../src/model/ids.ts'
import { AS_TOKEN, configFor, ghost, world } from './side.ts'
import type { World } from './side.ts'

let w: World
beforeEach(async () => {
  w = await world()
  await w.side.ensureGhost(ghost('a'))
  await w.side.ensureGhost(w.side.bot)
})
afterEach(() => w.close())

const PUT = /media\/v3\/upload\//
const bytes = Buffer.alloc(300_000, 7)
const file = (more: Partial<Upload> = {}): Upload => ({
  as: ghost('a'),
  stream: Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]),
  contentType: 'image/png',
  fileName: 'ü b.png',
  ...more,
})
const creations = () => w.requests.filter(({ endpoint }) => endpoint.endsWith('/create')).length

test('what goes up comes down', async () => {
  const mxc = await w.side.upload(file())
  const { stream, ...about } = await w.side.download(mxc)
  expect(await buffer(stream)).toEqual(bytes)
  expect(about).toMatchObject({ contentType: 'image/png', fileName: 'ü b.png', sizeBytes: bytes.length })
})

describe('a file with a key', () => {
  test('goes up once', async () => {
    const mxc = await w.side.upload(file({ key: 'k', sizeBytes: bytes.length }))
    w.requests.length = 0
    expect(await w.side.upload(file({ key: 'k' }))).toBe(mxc)
    expect(w.requests).toEqual([])
  })

  test('has the same address when the answer to its bytes was lost', async () => {
    w.hs.faults.respond({ path: PUT, times: 1 }, { reset: 'after' })
    await expect(w.side.upload(file({ key: 'k' }))).rejects.toMatchObject({ code: 'homeserver_down' })
    const reserved = w.books.mediaRows.get('k')
    expect(reserved).toMatchObject({ uploaded: false })
    expect(await (await w.again()).upload(file({ key: 'k' }))).toBe(reserved?.mxc)
    expect(w.books.mediaRows.get('k')).toMatchObject({ uploaded: true })
    expect(creations()).toBe(1)
  })

  test('has the same address when its bytes never arrived', async () => {
    w.hs.faults.respond({ path: PUT, times: 1 }, { reset: 'before' })
    await expect(w.side.upload(file({ key: 'k' }))).rejects.toMatchObject({ retryable: true })
    const mxc = await w.side.upload(file({ key: 'k' }))
    expect(creations()).toBe(1)
    expect(await buffer((await w.side.download(mxc)).stream)).toEqual(bytes)
  })
})

test('a homeserver without reserved ids gets the file all the same', async () => {
  w.hs.faults.respond({ path: /\/create$/ }, { status: 404, body: { errcode: 'M_UNRECOGNIZED' } })
  const mxc = await w.side.upload(file({ key: 'k' }))
  expect(await buffer((await w.side.download(mxc)).stream)).toEqual(bytes)
  expect(await w.side.upload(file({ key: 'k' }))).toBe(mxc)
})

test('a stream that fails leaves no file and no open stream', async () => {
  const stream = new Readable({
    read() {
      this.push(Buffer.alloc(1000))
      this.destroy(new Error('the network went away'))
    },
  })
  await expect(w.side.upload(file({ stream, key: 'k' }))).rejects.toMatchObject({ retryable: true })
  expect(stream.destroyed).toBe(true)
  expect(w.books.mediaRows.get('k')).toMatchObject({ uploaded: false })
})

describe('beyond the limit', () => {
  const small = async () => {
    const config = { ...configFor(w.hs.url), mediaLimitBytes: 1000 }
    return MatrixSide.create(config, { books: w.books, clock: w.clock, log: w.log })
  }

  test('nothing goes up, whether its size is told or not', async () => {
    const side = await small()
    await expect(side.upload(file({ sizeBytes: 2000 }))).rejects.toMatchObject({ code: 'too_large' })
    await expect(side.upload(file())).rejects.toThrow()
    await side.close()
  })

  test('nothing comes down', async () => {
    const mxc = await w.side.upload(file())
    const side = await small()
    await expect(side.download(mxc)).rejects.toMatchObject({ code: 'too_large' })
    await side.close()
  })

  test('a stream ends with an error', async () => {
    await expect(buffer(limited(Readable.from([bytes]), 1000))).rejects.toMatchObject({ code: 'too_large' })
    expect(await buffer(limited(Readable.from([bytes]), bytes.length))).toEqual(bytes)
  })
})

test('a redirect is followed once, without our token', async () => {
  const headers: unknown[] = []
  const store = createServer((request, response) => {
    headers.push(request.headers.authorization)
    if (request.url === '/again') response.writeHead(302, { location: '/' })
    response.end('from the store')
  })
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve))
  const location = `http://127.0.0.1:${(store.address() as AddressInfo).port}`
  try {
    const download = /media\/download\//
    w.hs.faults.respond(
      { path: download, times: 1 },
      { status: 307, body: '', headers: { location: `${location}/file` } },
    )
    const { stream } = await w.side.download(mxcUri('mxc://sim.local/abc'))
    expect((await buffer(stream)).toString()).toBe('from the store')
    expect(headers).toEqual([undefined])
    w.hs.faults.respond(
      { path: download, times: 1 },
      { status: 307, body: '', headers: { location: `${location}/again` } },
    )
    await expect(w.side.download(mxcUri('mxc://sim.local/abc'))).rejects.toThrow()
    w.hs.faults.respond(
      { path: download, times: 1 },
      { status: 307, body: '', headers: { location: 'file:///etc/passwd' } },
    )
    await expect(w.side.download(mxcUri('mxc://sim.local/abc'))).rejects.toThrow()
  } finally {
    store.closeAllConnections()
    store.close()
  }
})

test.each([
  'mxc://sim.local/../../v3/account/whoami',
  'mxc://sim.local/%2e%2e',
  'mxc://sim.local/a/b',
  'mxc://sim.local/',
  'mxc:///abc',
  'mxc://sim.local?x/abc',
  'https://sim.local/abc',
  '',
])('no request is made for %j', async (address) => {
  w.requests.length = 0
  await expect(w.side.download(mxcUri(address))).rejects.toMatchObject({ code: 'bad_event' })
  expect(w.requests).toEqual([])
})

test('what is not there is a refusal, what cannot be had now is not', async () => {
  await expect(w.side.download(mxcUri('mxc://sim.local/nothing'))).rejects.toMatchObject({ retryable: false })
  await w.hs.kill()
  const away = w.side.download(mxcUri('mxc://sim.local/nothing'))
  await expect(away).rejects.toMatchObject({ retryable: true })
  await expect(away).rejects.not.toThrow(AS_TOKEN)
  await w.hs.restart()
})

test.each([
  [undefined, undefined],
  ['attachment', undefined],
  ['inline; filename=plain.txt', 'plain.txt'],
  ['inline; filename="with space.txt"', 'with space.txt'],
  ['inline; filename="quo\\"ted.txt"', 'quo"ted.txt'],
  ["inline; filename=x; filename*=utf-8''%C3%BC.txt", 'ü.txt'],
  ["inline; filename*=utf-8''%zz", undefined],
])('the name in %j', (header, name) => {
  expect(fileNameIn(header)).toBe(name)
})
