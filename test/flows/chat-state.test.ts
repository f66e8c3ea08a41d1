import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import type { LoginId } from '../../src/model/ids.ts'
import type { ChatSettings } from '../../src/model/remote-event.ts'
import { doublePuppet, FakeWorld } from '../support/worlds.ts'
import { testSettings } from '../support/settings.ts'

const BOB = '@_irc_fake_bob:sim.local'

let world: FakeWorld
let room: string
let login: LoginId

const begin = async (options: Parameters<typeof FakeWorld.start>[0] = {}) => {
  world = await FakeWorld.start(options)
  room = await world.join('#town')
  const [first] = await world.network.host.logins('irc')
  if (!first) throw new Error('alice is not logged in')
  login = first.id
}

afterEach(() => world.close())

const chat = () => world.network.channel('#town')
const bob = { id: remoteUserId('fake/bob'), name: 'bob' }
const reads = () => world.network.hints.flatMap(({ kind, upTo }) => (kind === 'read' ? [upTo] : []))

async function aliceSays(body: string) {
  const event = await world.alice.user.sendText(room, body)
  await world.homeserver.waitFor(() => world.sent('#town').includes(body), body)
  await world.quiet()
  const row = world.network.sent.find(({ action }) => JSON.stringify(action).includes(body))
  return { event, remote: remoteMessageId(`sent-${row?.delivery ?? 0}`) }
}

async function bobSays(body: string) {
  const remote = remoteMessageId(await world.network.say(chat(), 'bob', body))
  return { remote, event: (await world.event(room, body)).event_id }
}

describe('read receipts', () => {
  beforeEach(() => begin())

  test('what a contact has read is read in the room', async () => {
    await bobSays('hi')
    const { event, remote } = await aliceSays('hello')
    world.network.host.hint({ kind: 'read', chat: chat(), user: bob, upTo: remote })
    await world.homeserver.waitFor(() => world.homeserver.readMark(room, BOB) === event, 'his receipt')
  })

  test('a read mark that comes before the message is written down is not lost', async () => {
    await bobSays('hi')
    let told = ''
    world.network.answers.push((request) => {
      const remote = remoteMessageId('quick')
      told = `sent-${request.delivery}`
      world.network.host.hint({ kind: 'read', chat: chat(), user: bob, upTo: remote })
      return { kind: 'delivered', remoteIds: [remote] }
    })
    const event = await world.alice.user.sendText(room, 'quick?')
    await world.homeserver.waitFor(() => world.homeserver.readMark(room, BOB) === event, 'his receipt')
    expect(told).not.toBe('')
  })

  test('what a user reads is read on the network, by the id that it has there', async () => {
    const { event, remote } = await bobSays('read me')
    await world.alice.user.receipt(room, event)
    await world.homeserver.waitFor(() => reads().includes(remote), 'the read mark')
    expect(world.network.hints.at(-1)).toMatchObject({
      by: { id: login },
      chat: { chat: { id: 'fake/#town' } },
    })
  })

  test('who reads up to a reaction has read the message before it', async () => {
    const first = await bobSays('one')
    await world.network.tell({
      kind: 'reaction',
      chat: chat(),
      id: remoteMessageId('r1'),
      at: new Date(),
      sender: bob,
      target: first.remote,
      key: '👍',
    })
    const reaction = () => world.homeserver.timeline(room).find(({ type }) => type === 'm.reaction')
    await world.homeserver.waitFor(() => reaction() !== undefined, 'the reaction')
    await world.quiet()
    await world.alice.user.receipt(room, reaction()?.event_id ?? '')
    await world.homeserver.waitFor(() => reads().length > 0, 'the read mark')
    expect(reads()).toEqual([first.remote])
  })
})

describe('typing', () => {
  beforeEach(() => begin())

  test('goes both ways', async () => {
    await bobSays('hi')
    world.network.host.hint({ kind: 'typing', chat: chat(), user: bob, typing: true })
    await world.homeserver.waitFor(() => world.homeserver.typing(room).includes(BOB), 'bob to type')
    world.network.host.hint({ kind: 'typing', chat: chat(), user: bob, typing: false })
    await world.homeserver.waitFor(() => !world.homeserver.typing(room).includes(BOB), 'bob to stop')
    const typing = () => world.network.hints.flatMap((hint) => (hint.kind === 'typing' ? [hint.typing] : []))
    await world.alice.user.typing(room, true)
    await world.homeserver.waitFor(() => typing().at(-1) === true, 'alice to type')
    await world.alice.user.typing(room, false)
    await world.homeserver.waitFor(() => typing().at(-1) === false, 'alice to stop')
  })
})

describe('what a user does on their phone', () => {
  beforeEach(() => begin(doublePuppet))

  test('is read for them in Matrix, and does not go back to the network', async () => {
    const { event, remote } = await bobSays('hi')
    const self = { id: remoteUserId('fake/ally'), name: 'ally', self: login }
    world.network.host.hint({ kind: 'read', chat: chat(), user: self, upTo: remote })
    await world.homeserver.waitFor(
      () => world.homeserver.readMark(room, world.alice.user.userId) === event,
      'her receipt',
    )
    await world.quiet()
    expect(reads()).toEqual([])
  })
})

describe('people', () => {
  test('are online only where the admin wants it shown', async () => {
    await begin()
    await bobSays('hi')
    world.network.host.hint({ kind: 'presence', network: 'irc', user: bob, online: true })
    await bobSays('later')
    expect(world.homeserver.presence(BOB)).toBeUndefined()
    await world.close()
    await begin({ settings: testSettings({ presence: true }) })
    await bobSays('hi')
    world.network.host.hint({ kind: 'presence', network: 'irc', user: bob, online: true, text: 'here' })
    await world.homeserver.waitFor(() => world.homeserver.presence(BOB) !== undefined, 'his presence')
    expect(world.homeserver.presence(BOB)).toMatchObject({ presence: 'online', status_msg: 'here' })
  })

  test('whose public name changes have it everywhere', async () => {
    await begin()
    await bobSays('hi')
    world.network.host.hint({ kind: 'profile', network: 'irc', user: { ...bob, name: 'Bobby' } })
    const name = () => world.homeserver.state(room, 'm.room.member', BOB)?.['displayname']
    await world.homeserver.waitFor(() => name() === 'Bobby', 'his name')
    const stranger = { id: remoteUserId('fake/stranger'), name: 'Nobody' }
    world.network.host.hint({ kind: 'profile', network: 'irc', user: stranger })
    await bobSays('still here')
    expect(world.homeserver.profile('@_irc_fake_stranger:sim.local')).toEqual({})
  })
})

describe('pins', () => {
  beforeEach(() => begin())
  const pinned = () => world.homeserver.state(room, 'm.room.pinned_events')?.['pinned']

  test('of the network are those of the room', async () => {
    const [one, two] = [await bobSays('one'), await bobSays('two')]
    const pin = (id: string, targets: (typeof one)[], on: boolean) =>
      world.network.tell({
        kind: 'pin',
        chat: chat(),
        id: remoteMessageId(id),
        at: new Date(),
        sender: bob,
        targets: targets.map(({ remote }) => remote),
        pinned: on,
      })
    await pin('p1', [one, two], true)
    await world.homeserver.waitFor(
      () => JSON.stringify(pinned()) === JSON.stringify([one.event, two.event]),
      'both',
    )
    await pin('p2', [one], false)
    await world.homeserver.waitFor(
      () => JSON.stringify(pinned()) === JSON.stringify([two.event]),
      'the second',
    )
    await world.quiet()
    expect(world.network.sent).toEqual([])
  })

  test('of the room are those of the network, each by itself', async () => {
    world.network.caps = { ...world.network.caps, pins: true }
    const [one, two] = [await bobSays('one'), await bobSays('two')]
    await world.network.tell({
      kind: 'power',
      chat: chat(),
      id: remoteMessageId('power'),
      at: new Date(),
      room: { pin: 0 },
    })
    await world.quiet()
    const set = (...events: string[]) =>
      world.alice.user.state(room, 'm.room.pinned_events', '', { pinned: events })
    await set(one.event, two.event)
    await world.homeserver.waitFor(() => world.network.sent.length === 2, 'the pins')
    await set(two.event)
    await world.homeserver.waitFor(() => world.network.sent.length === 3, 'the unpinning')
    expect(world.network.sent.map(({ action }) => action)).toMatchObject([
      { kind: 'pin', pinned: true, target: { remoteIds: [one.remote] } },
      { kind: 'pin', pinned: true, target: { remoteIds: [two.remote] } },
      { kind: 'pin', pinned: false, target: { remoteIds: [one.remote] } },
    ])
  })
})

describe('how a conversation is put away', () => {
  const told = (settings: ChatSettings, id: string) =>
    world.network.tell({
      kind: 'settings',
      chat: chat(),
      id: remoteMessageId(id),
      at: new Date(),
      login,
      settings,
    })

  test('on the phone is how it is put away for the user', async () => {
    await begin(doublePuppet)
    const user = world.alice.user.userId
    const data = (type: string) => world.homeserver.accountData(user, type, room)
    await told({ archived: true, unread: true, mute: 'forever' }, 's1')
    await world.homeserver.waitFor(() => data('m.marked_unread')?.['unread'] === true, 'the mark')
    expect(data('m.tag')?.['tags']).toHaveProperty(['m.lowpriority'])
    expect(data('sim.push_rule')).toEqual({ actions: [] })
    await told({ archived: false, favourite: true, unread: false, mute: 'off' }, 's2')
    await world.homeserver.waitFor(() => data('m.marked_unread')?.['unread'] === false, 'the mark to go')
    expect(Object.keys(data('m.tag')?.['tags'] as object)).toEqual(['m.favourite'])
    expect(data('sim.push_rule')).toEqual({})
  })

  test('is nobody else’s business, and is told to the network by a command', async () => {
    await begin()
    await told({ archived: true }, 's1')
    await world.quiet()
    expect(world.homeserver.accountData(world.alice.user.userId, 'm.tag', room)).toBeUndefined()
    world.network.caps = { ...world.network.caps, settings: true }
    await world.alice.user.sendText(room, '!viaduct chat mute')
    await world.homeserver.waitFor(() => world.network.sent.length === 1, 'the setting')
    expect(world.network.sent[0]).toMatchObject({
      action: { kind: 'settings', settings: { mute: 'forever' } },
      by: { login: { id: login } },
    })
    await world.alice.user.sendText(room, '!viaduct chat hide')
    await world.see(room, 'Say "chat" and one of: mute')
  })
})

test('that messages disappear on the network is said once', async () => {
  await begin()
  const say = (id: string, expiresAfterMs: number) =>
    world.network.tell({
      kind: 'message',
      chat: chat(),
      id: remoteMessageId(id),
      at: new Date(),
      sender: bob,
      content: { kind: 'text', style: 'text', body: id },
      expiresAfterMs,
    })
  await say('d1', 86_400_000)
  await say('d2', 86_400_000)
  await say('d3', 7 * 86_400_000)
  await world.see(room, 'disappear on the network after 7 days')
  await world.quiet()
  expect(world.find(room, 'disappear on the network')).toHaveLength(2)
})
