import { afterAll, beforeAll, expect, test } from 'vitest'
import { IrcWorld } from '../support/worlds.ts'

const PUBLIC = 'https://media.example'
const HOUR_MS = 3_600_000
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

let world: IrcWorld

beforeAll(async () => {
  world = await IrcWorld.start({
    sim: { caps: 'none' },
    network: { maxLines: 4 },
    change: () => ({ mediaProxy: { publicUrl: PUBLIC, expiryMs: HOUR_MS } }),
  })
})

afterAll(() => world.close())

/** Fetches a link as somebody on IRC would, from where it really is. */
function follow(link: string, init: RequestInit = {}): Promise<Response> {
  return fetch(link.replace(PUBLIC, `http://127.0.0.1:${world.stack.running.port}`), init)
}

/** Sends something and gives what bob reads next. */
async function sent(content: Record<string, unknown>): Promise<string> {
  const before = world.heard().length
  await world.alice.user.send(world.room, 'm.room.message', content)
  await world.homeserver.waitFor(() => world.heard().length > before, 'a line')
  await world.quiet()
  return world.heard().slice(before).join('\n')
}

async function file(
  name: string,
  type: string,
  bytes = PNG,
): Promise<{ url: string; line: string; link: string }> {
  const url = await world.alice.user.upload(bytes, type, name)
  const line = await sent({ msgtype: 'm.file', body: name, filename: name, url, info: { mimetype: type } })
  return { url, line, link: /https:\S+/.exec(line)?.[0] ?? '' }
}

test('an image with a caption is the caption and a link, and the link gives the image', async () => {
  const url = await world.alice.user.upload(PNG, 'image/png', 'cat photo.png')
  const line = await sent({
    msgtype: 'm.image',
    body: 'look at her',
    filename: 'cat photo.png',
    url,
    info: { mimetype: 'image/png', size: PNG.length, w: 1, h: 1 },
  })
  expect(line).toMatch(
    /^look at her — image cat photo\.png \(16 bytes\): https:\/\/media\.example\/media\/\S+\/cat_photo\.png$/,
  )
  const link = /https:\S+/.exec(line)?.[0] ?? ''
  const answer = await follow(link)
  expect(answer.status).toBe(200)
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG)
  expect(answer.headers.get('content-type')).toBe('image/png')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  const head = await follow(link, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '16'])
  expect((await follow(link, { method: 'POST' })).status).toBe(405)
})

test('what a browser could run is offered as a file', async () => {
  for (const type of ['image/svg+xml', 'text/html', 'application/pdf']) {
    const { link } = await file('page.x', type, Buffer.from('<script>alert(1)</script>'))
    const answer = await follow(link)
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(answer.headers.get('content-security-policy')).toContain('sandbox')
  }
})

test('a link that is forged, cut, of another file or of none is refused, and nothing is fetched for it', async () => {
  const { link } = await file('one.png', 'image/png')
  const other = await file('two.png', 'image/png')
  const [, token = ''] = /\/media\/([^/]+)\//.exec(link) ?? []
  const [, otherToken = ''] = /\/media\/([^/]+)\//.exec(other.link) ?? []
  const [payload = '', signature = ''] = token.split('.')
  const [otherPayload = ''] = otherToken.split('.')
  const stop = world.homeserver.faults.respond({ path: /media\/download/ }, { status: 418, body: {} })
  const forged = [
    // Not its last letter: two bits of it say nothing.
    `${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    `${otherPayload}.${signature}`,
    payload,
    `${payload}.`,
    `.${signature}`,
    token.slice(1),
    Buffer.from(JSON.stringify(['media', other.url, 4_102_444_800])).toString('base64url'),
  ]
  for (const each of forged) {
    const answer = await follow(`${PUBLIC}/media/${each}/one.png`)
    expect(answer.status).toBe(404)
  }
  for (const path of ['/media/', '/media/../x', '/media/%2e%2e/x', `/media/${token}/a/b`])
    expect((await follow(PUBLIC + path)).status).toBe(404)
  // What is signed is fetched, and the homeserver gives nothing at the moment.
  expect((await follow(link)).status).toBe(502)
  stop()
  expect((await follow(link)).status).toBe(200)
})

test('a text of many lines is its beginning and a link to the whole', async () => {
  const text = Array.from({ length: 40 }, (_, i) => `line ${i} of a long story, ünïcödé and all`).join('\n')
  const lines = (await sent({ msgtype: 'm.text', body: text })).split('\n')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toBe('line 0 of a long story, ünïcödé and all')
  const link = /https:\S+/.exec(lines[1] ?? '')?.[0] ?? ''
  const answer = await follow(link)
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(await answer.text()).toBe(text)
  await world.see(world.room, 'the rest was sent as a link')
})

test('a file that only its readers may see is told without a link', async () => {
  const line = await sent({
    msgtype: 'm.file',
    body: 'secret.txt',
    filename: 'secret.txt',
    file: { url: 'mxc://sim.local/abc', key: { k: 'aaa' }, iv: 'bbb', hashes: { sha256: 'ccc' } },
  })
  expect(line).toBe('file secret.txt')
  await world.see(world.room, 'not where to get it')
})

test('an address that is none is told without a link', async () => {
  const line = await sent({ msgtype: 'm.file', body: 'x.txt', url: 'mxc://sim.local/../../etc/passwd' })
  expect(line).toContain('x.txt')
  expect(line).not.toContain('https:')
})

test('a link ends when its time is over, also that of a text', async () => {
  const { link } = await file('soon.png', 'image/png')
  const text = Array.from({ length: 9 }, (_, i) => `row ${i}`).join('\n')
  const paste = /https:\S+/.exec(await sent({ msgtype: 'm.text', body: text }))?.[0] ?? ''
  world.clock.jump(HOUR_MS - 60_000)
  expect([(await follow(link)).status, (await follow(paste)).status]).toEqual([200, 200])
  world.clock.jump(120_000)
  expect([(await follow(link)).status, (await follow(paste)).status]).toEqual([404, 404])
})
