import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import type { LoginId } from '../../src/model/ids.ts'
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
