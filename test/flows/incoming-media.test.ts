import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ViaductError } from '../../src/model/errors.ts'
import type { MediaContent } from '../../src/model/content.ts'
import { remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import type { RemoteEvent } from '../../src/model/remote-event.ts'
import { FakeWorld } from '../support/worlds.ts'

let world: FakeWorld
let room: string
let count = 0

beforeEach(async () => {
  world = await FakeWorld.start({
    change: (usual) => ({ matrix: { ...usual.matrix, mediaLimitBytes: 1_000_000 } }),
  })
  room = await world.join('#town')
})

afterEach(() => world.close())

const file = (id: string, more: Partial<MediaContent> = {}): MediaContent => ({
  kind: 'media',
  media: 'image',
  fileName: 'cat.jpg',
  mimeType: 'image/jpeg',
  source: { at: 'remote', ref: { id } },
  ...more,
})

const base = () => ({
  chat: world.network.channel('#town'),
  id: remoteMessageId(`m${(count += 1)}`),
  at: new Date(),
  sender: { id: remoteUserId('fake/bob'), name: 'bob' },
})

async function send(content: MediaContent, more: { album?: string } = {}): Promise<RemoteEvent> {
  const event: RemoteEvent = { ...base(), kind: 'message', content, ...more }
  await world.network.tell(event)
  return event
}

const holds = (id: string, bytes: string, sizeBytes = bytes.length) =>
  world.network.files.set(id, () => ({ stream: Readable.from([Buffer.from(bytes)]), sizeBytes }))

const contents = (type = 'm.room.message') =>
  world.homeserver
    .timeline(room)
    .filter((event) => event.type === type && event.sender.includes('_irc_'))
    .map((event) => event.content)

const arrived = (number: number, type?: string) =>
  world.homeserver.waitFor(() => contents(type).length === number, `${number} of them`)

test('a picture with a caption comes as one, with its bytes', async () => {
  holds('1', 'meow')
  await send(file('1', { caption: { body: 'my cat', html: 'my <b>cat</b>' }, spoiler: true }), {
    album: 'a7',
  })
  await arrived(1)
  const [content = {}] = contents()
  expect(content).toMatchObject({
    msgtype: 'm.image',
    body: 'my cat',
    filename: 'cat.jpg',
    formatted_body: 'my <b>cat</b>',
    'm.spoiler': true,
    'app.viaduct.album': 'a7',
  })
  const bytes = await world.alice.user.download(String(content['url']))
  expect(Buffer.from(bytes).toString()).toBe('meow')
})

test('the same file is fetched once, and an edited caption fetches nothing', async () => {
  holds('1', 'meow')
  const first = await send(file('1'))
  await send(file('1'))
  await arrived(2)
  await world.network.tell({
    ...base(),
    kind: 'edit',
    target: first.id,
    content: file('1', { caption: { body: 'now with words' } }),
  })
  await arrived(3)
  const [one = {}, two = {}, edit = {}] = contents()
  expect(two['url']).toBe(one['url'])
  expect(edit['m.new_content']).toMatchObject({
    url: one['url'],
    body: 'now with words',
    filename: 'cat.jpg',
  })
  expect(world.network.fetched).toEqual(['1'])
})

test('what is gone or too large is said in words, and the words of its sender stay', async () => {
  await send(file('gone', { caption: { body: 'look' } }))
  await send(file('huge', { media: 'video', fileName: 'film.mp4', sizeBytes: 1_500_000_000 }))
  world.network.files.set('lying', () => ({ stream: Readable.from([Buffer.alloc(1_200_000)]) }))
  await send(file('lying', { fileName: 'lying.bin' }))
  await send(file('broken'))
  await arrived(4)
  const bodies = contents().map(({ body }) => body)
  expect(bodies[0]).toBe('look\n(image "cat.jpg" could not be fetched: the file is gone)')
  expect(bodies[1]).toContain('video "film.mp4" could not be fetched: it has 1500 MB')
  expect(bodies[2]).toContain('image "lying.bin" could not be fetched: it is larger')
  expect(world.network.fetched).not.toContain('huge')
})

test('a fetch that fails for a while is tried again, and what follows waits for it', async () => {
  let failures = 3
  world.network.files.set('1', () => {
    failures -= 1
    if (failures === 2) throw new ViaductError('network_down', 'no connection')
    if (failures === 1) return { stream: failing(new Error('reset')) }
    if (failures === 0) return { stream: Readable.from([Buffer.from('meo')]), sizeBytes: 4 }
    return { stream: Readable.from([Buffer.from('meow')]), sizeBytes: 4 }
  })
  await send(file('1'))
  await world.network.say(world.network.channel('#town'), 'bob', 'after it')
  await arrived(2)
  expect(contents().map(({ body }) => body)).toEqual(['cat.jpg', 'after it'])
  expect(failures).toBe(-1)
})

test('a file that cannot be read for long does not hold the conversation for ever', async () => {
  world.network.files.set('1', () => ({ stream: failing(new Error('reset')) }))
  await send(file('1'))
  await world.network.say(world.network.channel('#town'), 'bob', 'after it')
  const waiting = setInterval(() => world.clock.jump(120_000), 20)
  try {
    await world.homeserver.waitFor(() => contents().length === 2, 'the words', 60_000)
  } finally {
    clearInterval(waiting)
  }
  expect(contents().map(({ body }) => body)).toEqual([
    'image "cat.jpg" could not be fetched: the file could not be read to its end',
    'after it',
  ])
})

test('stickers: a picture is one, an animation is what it is', async () => {
  for (const id of ['1', '2', '3']) holds(id, `sticker ${id}`)
  await send(file('1', { media: 'sticker', mimeType: 'image/webp', fileName: 's.webp', alt: '🐱' }))
  await send(
    file('2', { media: 'sticker', mimeType: 'video/webm', fileName: 's.webm', alt: '🐶', animated: true }),
  )
  await send(
    file('3', { media: 'sticker', mimeType: 'application/x-tgsticker', fileName: 's.tgs', alt: '🐭' }),
  )
  await arrived(2)
  await arrived(1, 'm.sticker')
  expect(contents('m.sticker')).toMatchObject([{ body: '🐱', info: { mimetype: 'image/webp' } }])
  expect(contents()).toMatchObject([
    { msgtype: 'm.video', body: '🐶', filename: 's.webm', info: { 'fi.mau.loop': true } },
    { msgtype: 'm.file', body: '🐭', filename: 's.tgs' },
  ])
})

function failing(error: Error): Readable {
  let reads = 0
  return new Readable({
    read() {
      reads += 1
      if (reads === 1) this.push(Buffer.from('m'))
      else this.destroy(error)
    },
  })
}
