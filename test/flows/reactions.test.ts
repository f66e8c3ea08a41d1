import { afterEach, beforeEach, expect, test } from 'vitest'
import { remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import type { LoginId } from '../../src/model/ids.ts'
import { ALL_NATIVE } from '../support/fake-network.ts'
import { FakeWorld } from '../support/worlds.ts'

let world: FakeWorld
let room: string
let count = 0

beforeEach(async () => {
  world = await FakeWorld.start()
  room = await world.join('#town')
})

afterEach(() => world.close())

const base = (nick = 'bob', self?: LoginId) => ({
  chat: world.network.channel('#town'),
  id: remoteMessageId(`r${(count += 1)}`),
  at: new Date(),
  sender: { id: remoteUserId(`fake/${nick}`), name: nick, ...(self !== undefined && { self }) },
})

/** Reactions that are in the room now, as `localpart key`. */
const shown = () =>
  world.homeserver
    .timeline(room)
    .filter(({ type, content }) => type === 'm.reaction' && 'm.relates_to' in content)
    .map(({ sender, content }) => {
      const { key } = content['m.relates_to'] as { key: string }
      return `${sender.slice(1).split(':')[0]} ${key}`
    })

const see = (...wanted: string[]) =>
  world.homeserver.waitFor(
    () => JSON.stringify(shown()) === JSON.stringify(wanted),
    `${wanted.join(', ')}; there is ${shown().join(', ')}`,
  )

async function question() {
  const remote = remoteMessageId(await world.network.say(world.network.channel('#town'), 'bob', 'question?'))
  const event = await world.event(room, 'question?')
  return { remote, event: event.event_id }
}

test('where one person has one reaction, a further one replaces it, and why is said once', async () => {
  world.network.caps = { ...ALL_NATIVE, reactionsEach: 1 }
  const { event } = await question()
  await world.alice.user.react(room, event, '👍')
  await world.homeserver.waitFor(() => world.network.sent.length === 1, 'the first')
  await world.alice.user.react(room, event, '❤️')
  await see('alice ❤️')
  await world.see(room, 'Here everybody has one reaction on a message')
  await world.alice.user.react(room, event, '🎉')
  await see('alice 🎉')
  await world.quiet()
  expect(world.find(room, 'Here everybody has one reaction')).toHaveLength(1)
  // What was replaced is gone on the network already: nothing is taken back there.
  expect(world.network.sent.map(({ action }) => action.kind)).toEqual(['reaction', 'reaction', 'reaction'])
})

test('where three are allowed, the fourth replaces the oldest', async () => {
  world.network.caps = { ...ALL_NATIVE, reactionsEach: 3 }
  const { event } = await question()
  for (const key of ['1', '2', '3', '4']) await world.alice.user.react(room, event, key)
  await see('alice 2', 'alice 3', 'alice 4')
})

test('a refused reaction replaces nothing', async () => {
  world.network.caps = { ...ALL_NATIVE, reactionsEach: 1 }
  const { event } = await question()
  await world.alice.user.react(room, event, '👍')
  await world.homeserver.waitFor(() => world.network.sent.length === 1, 'the first')
  world.network.answers.push(() => ({ kind: 'rejected', code: 'network_refused', why: 'Not here.' }))
  await world.alice.user.react(room, event, '🦄')
  await world.see(room, 'Not delivered: Not here.')
  await see('alice 👍', 'alice 🦄')
})

test('what the network tells again of one own is not doubled, and is taken back from the phone', async () => {
  const { remote, event } = await question()
  await world.alice.user.react(room, event, '👍')
  await world.homeserver.waitFor(() => world.network.sent.length === 1, 'the reaction')
  const [login] = await world.network.host.logins('irc')
  await world.network.tell({ ...base('ally', login?.id), kind: 'reaction', target: remote, key: '👍' })
  await world.network.tell({ ...base('carol'), kind: 'reaction', target: remote, key: '👍' })
  await see('alice 👍', '_irc_fake_carol 👍')
  await world.network.tell({
    ...base('ally', login?.id),
    kind: 'reaction-removal',
    target: remote,
    key: '👍',
  })
  await see('_irc_fake_carol 👍')
})

test('reactions without names stand together with their number', async () => {
  const { remote } = await question()
  const tally = (...counts: { key: string; count: number }[]) =>
    world.network.tell({ ...base(), kind: 'reaction-tally', target: remote, counts })
  await tally({ key: '👍', count: 2 }, { key: '❤️', count: 1 })
  await see('viaductbot 👍 2', 'viaductbot ❤️ 1')
  await tally({ key: '👍', count: 3 }, { key: '❤️', count: 1 })
  await see('viaductbot ❤️ 1', 'viaductbot 👍 3')
  await tally()
  await see()
})
