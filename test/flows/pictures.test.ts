import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ViaductError } from '../../src/model/errors.ts'
import { remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import type { RemotePicture, RemoteUser } from '../../src/model/remote-event.ts'
import { FakeWorld } from '../support/worlds.ts'

const BOB = '@_irc_fake_bob:sim.local'

let world: FakeWorld
let room: string
let count = 0

beforeEach(async () => {
  world = await FakeWorld.start()
  room = await world.join('#town')
})

afterEach(() => world.close())

const base = (sender: Partial<RemoteUser> = {}) => ({
  chat: world.network.channel('#town'),
  id: remoteMessageId(`m${(count += 1)}`),
  at: new Date(),
  sender: { id: remoteUserId('fake/bob'), name: 'bob', ...sender },
})

async function say(body: string, sender: Partial<RemoteUser>): Promise<void> {
  await world.network.tell({
    ...base(sender),
    kind: 'message',
    content: { kind: 'text', style: 'text', body },
  })
  await world.see(room, body)
}

function picture(id: string): RemotePicture {
  return {
    id,
    media: {
      kind: 'media',
      media: 'image',
      fileName: 'picture.jpg',
      mimeType: 'image/jpeg',
      source: { at: 'remote', ref: { of: 'profile', id } },
    },
  }
}

const holds = (id: string) =>
  world.network.files.set(id, () => ({ stream: Readable.from([Buffer.from(`picture ${id}`)]) }))

const bytesAt = async (uri: unknown) => Buffer.from(await world.alice.user.download(String(uri))).toString()
const portrait = () => world.homeserver.profile(BOB).avatar_url
const shown = () => world.homeserver.state(room, 'm.room.avatar', '')?.['url']

test('somebody new has their picture before they are seen, and it is fetched once', async () => {
  holds('1')
  await say('hi', { avatar: picture('1') })
  expect(await bytesAt(portrait())).toBe('picture 1')
  const before = world.homeserver
    .timeline(room)
    .filter(({ sender, type }) => sender === BOB && type === 'm.room.member')
  expect(before.map(({ content }) => content['avatar_url'])).toEqual([portrait()])
  await say('again', { avatar: picture('1') })
  await world.stack.restart()
  await say('and again', { avatar: picture('1') })
  expect(world.network.fetched).toEqual(['1'])
})

test('a new picture is shown, and none when it is taken away', async () => {
  holds('1')
  holds('2')
  await say('hi', { avatar: picture('1') })
  const first = portrait()
  await say('new', { avatar: picture('2') })
  await world.homeserver.waitFor(() => portrait() !== first, 'the new picture')
  expect(await bytesAt(portrait())).toBe('picture 2')
  await say('unknown', {})
  await say('none', { avatar: null })
  await world.homeserver.waitFor(() => (portrait() ?? '') === '', 'no picture')
})

test('no message waits for a picture that cannot be had', async () => {
  world.network.files.set('slow', () => {
    throw new ViaductError('network_down', 'not now')
  })
  await say('hi', { avatar: picture('slow') })
  await say('still here', { avatar: picture('slow') })
  expect(world.network.fetched).toEqual(['slow'])
  holds('slow')
  world.clock.jump(11 * 60_000)
  await say('later', { avatar: picture('slow') })
  await world.homeserver.waitFor(() => portrait() !== undefined, 'the picture')
})

test('a room has the picture of its conversation', async () => {
  holds('room1')
  await world.network.tell({ ...base(), kind: 'avatar', avatar: undefined, picture: picture('room1') })
  await world.homeserver.waitFor(() => shown() !== undefined, 'the picture')
  expect(await bytesAt(shown())).toBe('picture room1')
  await world.network.tell({ ...base(), kind: 'avatar', avatar: undefined })
  await world.homeserver.waitFor(() => shown() === undefined, 'no picture')
})

test('a person without a name is shown by what they can be found by', async () => {
  await world.network.tell({
    ...base(),
    sender: { id: remoteUserId('fake/9'), handle: '@nine' },
    kind: 'message',
    content: { kind: 'text', style: 'text', body: 'hi' },
  })
  await world.see(room, 'hi')
  const name = () => world.homeserver.profile('@_irc_fake_9:sim.local').displayname
  expect(name()).toBe('@nine')
  world.network.host.hint({
    kind: 'profile',
    network: 'irc',
    user: { id: remoteUserId('fake/9'), name: 'Nina' },
  })
  await world.homeserver.waitFor(() => name() === 'Nina', 'her name')
})

test('what the network says about power is the power of the room', async () => {
  await say('hi', {})
  await world.network.tell({
    ...base(),
    kind: 'power',
    users: [{ user: { id: remoteUserId('fake/bob') }, level: 50 }],
    room: { speak: 10, name: 30, pin: 40 },
  })
  const power = () => world.homeserver.state(room, 'm.room.power_levels')
  await world.homeserver.waitFor(() => power()?.['events_default'] === 10, 'the power')
  expect(power()).toMatchObject({
    users: { [BOB]: 50 },
    events: { 'm.room.name': 30, 'm.room.avatar': 30, 'm.room.pinned_events': 40 },
  })
})
