import { afterEach, beforeEach, expect, test } from 'vitest'
import { remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import { delivered, rejected, retry, unknown } from '../../src/model/outcome.ts'
import type { SendOutcome } from '../../src/model/outcome.ts'
import { FakeWorld } from '../support/worlds.ts'

let world: FakeWorld
let room: string

beforeEach(async () => {
  world = await FakeWorld.start()
  room = await world.join('#town')
  world.network.onResolve = () => retry('surely not sent')
})

afterEach(() => world.close())

const numbered = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word} ${i}`)
const say = (text: string, channel = '#town') =>
  world.network.say(world.network.channel(channel), 'bob', text)
const seen = (where = room) => world.bodies(where, '_irc_fake_bob')

/** Texts in the order in which the network took them. */
function takenBy(answers: ((text: string) => SendOutcome | undefined)[]): string[] {
  const taken: string[] = []
  const { network } = world
  const send = network.send.bind(network)
  network.send = async (request) => {
    const { action } = request
    if (action.kind === 'membership') return send(request)
    const text =
      action.kind === 'message' && action.content.kind === 'text' ? action.content.body : action.kind
    const answer = answers.map((each) => each(text)).find((each) => each !== undefined)
    if (answer === undefined || answer.kind === 'delivered') taken.push(text)
    if (answer === undefined) return send(request)
    await request.save({ begun: true })
    network.sent.push(request)
    return answer
  }
  return taken
}

test('to the network: retries, refusals and unknown fates in the middle change no order', async () => {
  const troubles = new Map<string, SendOutcome[]>([
    ['out 3', [retry('down'), retry('down'), retry('down')]],
    ['out 5', [rejected('network_refused', 'No.')]],
    ['out 8', [unknown('lost')]],
    ['out 14', [retry('slow down', { afterMs: 4_000 }), retry('not yet', { waitsFor: 'login' })]],
  ])
  const taken = takenBy([(text) => troubles.get(text)?.shift()])
  for (let i = 0; i < 20; i += 1) await world.alice.user.sendText(room, `out ${i}`)
  await world.clock.jumpUntil(() => taken.includes('out 19'), 2_000, 'the last one')
  expect(taken).toEqual(numbered('out', 20).filter((text) => text !== 'out 5' && text !== 'out 8'))
  expect([...troubles.values()].flat()).toEqual([])
})

test('to Matrix: failures of single sends in the middle change no order', async () => {
  const { faults } = world.homeserver
  await say('line 0')
  await world.see(room, 'line 0')
  const path = /\/send\/m\.room\.message\//
  faults.respond({ path, times: 2 }, { status: 500, body: { errcode: 'M_UNKNOWN' } })
  faults.respond({ path, times: 1 }, { reset: 'after' })
  for (let i = 1; i < 12; i += 1) await say(`line ${i}`)
  await world.clock.jumpUntil(() => seen().length >= 6, 1_000, 'the first half')
  faults.respond(
    { path, times: 1 },
    { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 9_000 } },
  )
  for (let i = 12; i < 24; i += 1) await say(`line ${i}`)
  await world.clock.jumpUntil(() => seen().length >= 24, 1_000, 'all of it')
  expect(seen()).toEqual(numbered('line', 24))
})

test('many speakers keep the order in which they spoke', async () => {
  const { network } = world
  const channel = network.channel('#town')
  for (let i = 0; i < 24; i += 1) await network.say(channel, `nick${i % 6}`, `line ${i}`)
  const lines = () =>
    world.homeserver
      .timeline(room)
      .flatMap(({ type, content }) => (type === 'm.room.message' ? [content['body']] : []))
  await world.homeserver.waitFor(() => lines().includes('line 23'), 'the last line')
  expect(lines().filter((line) => String(line).startsWith('line'))).toEqual(numbered('line', 24))
})

test('a conversation that has to wait does not slow another, in either direction', async () => {
  const other = await world.join('#other', world.alice, [room])
  const { faults } = world.homeserver
  // Room ids hold characters that mean something in patterns.
  const stuck = new RegExp(`/rooms/${room.replaceAll(/[^a-zA-Z0-9:]/g, '.')}/send/m.room.message/`)
  const free = faults.respond({ path: stuck }, { status: 500, body: { errcode: 'M_UNKNOWN' } })
  const taken = takenBy([(text) => (text.startsWith('stuck') && !released ? retry('down') : undefined)])
  let released = false
  for (let i = 0; i < 10; i += 1) {
    await say(`stuck ${i}`)
    await say(`free ${i}`, '#other')
    await world.alice.user.sendText(room, `stuck ${i}`)
    await world.alice.user.sendText(other, `free ${i}`)
  }
  await world.homeserver.waitFor(() => taken.length === 10 && seen(other).length === 10, 'the free ones')
  expect(taken).toEqual(numbered('free', 10))
  expect(seen(other)).toEqual(numbered('free', 10))
  expect(seen()).toEqual([])
  released = true
  free()
  await world.clock.jumpUntil(() => taken.length === 20 && seen().length === 10, 2_000, 'the stuck ones')
  expect(taken.slice(10)).toEqual(numbered('stuck', 10))
  expect(seen()).toEqual(numbered('stuck', 10))
})

test('an edit, a reaction and a redaction of a message still in flight wait for it, and find it', async () => {
  const taking = Promise.withResolvers<SendOutcome>()
  world.network.answers.push(() => taking.promise)
  const event = await world.alice.user.sendText(room, 'in flight')
  await world.homeserver.waitFor(() => world.sent().length === 1, 'the message')
  await world.alice.user.react(room, event, '👍')
  await world.alice.user.edit(room, event, 'landed')
  await world.homeserver.waitFor(() => world.homeserver.isDrained('viaduct'), 'both at the bridge')
  expect(world.sent()).toEqual(['in flight'])
  taking.resolve(delivered([remoteMessageId('given')]))
  await world.homeserver.waitFor(() => world.sent().length === 3, 'both after it')
  expect(world.network.sent.map(({ action }) => action)).toMatchObject([
    { kind: 'message' },
    { kind: 'reaction', key: '👍', target: { remoteIds: ['given'] } },
    { kind: 'edit', target: { remoteIds: ['given'] } },
  ])
})

test('an answer and a reaction from the network to a message still in flight wait for it, and find it', async () => {
  const { network, homeserver } = world
  const taking = Promise.withResolvers<SendOutcome>()
  network.answers.push(() => taking.promise)
  const event = await world.alice.user.sendText(room, 'in flight')
  await homeserver.waitFor(() => world.sent().length === 1, 'the message')
  const base = {
    chat: network.channel('#town'),
    at: new Date(),
    sender: { id: remoteUserId('fake/bob'), name: 'bob' },
  }
  const target = remoteMessageId('given')
  // The network shows it to others before it tells us.
  await network.tell(
    { ...base, kind: 'reaction', id: remoteMessageId('r1'), target, key: '🎉' },
    {
      ...base,
      kind: 'message',
      id: remoteMessageId('m1'),
      content: { kind: 'text', style: 'text', body: 'I see it' },
      replyTo: target,
    },
  )
  taking.resolve(delivered([target]))
  const found = await world.event(room, 'I see it')
  expect(found.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: event } })
  const reaction = homeserver.timeline(room).find(({ type }) => type === 'm.reaction')
  expect(reaction?.content['m.relates_to']).toMatchObject({ event_id: event, key: '🎉' })
})

test('the order survives a restart in the middle of both directions', async () => {
  const taken = takenBy([(text) => (text === 'out 4' && !released ? retry('down') : undefined)])
  let released = false
  const { faults } = world.homeserver
  const path = /\/send\/m\.room\.message\//
  for (let i = 0; i < 4; i += 1) await say(`line ${i}`)
  await world.homeserver.waitFor(() => seen().length === 4, 'some lines')
  const free = faults.respond({ path }, { status: 500, body: { errcode: 'M_UNKNOWN' } })
  for (let i = 4; i < 10; i += 1) await say(`line ${i}`)
  for (let i = 0; i < 10; i += 1) await world.alice.user.sendText(room, `out ${i}`)
  await world.homeserver.waitFor(() => taken.length === 4, 'the first ones')
  await world.stack.restart()
  released = true
  free()
  for (let i = 10; i < 13; i += 1) {
    await say(`line ${i}`)
    await world.alice.user.sendText(room, `out ${i}`)
  }
  await world.clock.jumpUntil(() => taken.length >= 13 && seen().length >= 13, 1_000, 'everything')
  expect(taken).toEqual(numbered('out', 13))
  expect(seen()).toEqual(numbered('line', 13))
})
