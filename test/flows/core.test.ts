import { afterEach, beforeEach, expect, test } from 'vitest'
import { rejected, unknown } from '../../src/model/outcome.ts'
import { FakeNetwork } from '../support/fake-network.ts'
import { Stack, words } from '../support/stack.ts'
import type { Person } from '../support/stack.ts'

let network: FakeNetwork
let stack: Stack
let alice: Person

beforeEach(async () => {
  network = new FakeNetwork()
  stack = await Stack.start(() => [network])
  alice = await stack.person('alice')
  await alice.ask('login irc', 'Which nick?')
  await alice.ask('ally', 'Password?')
  await alice.ask('hunter2', 'You are ally.')
})

afterEach(() => stack.close())

const joinTown = async () => {
  await alice.ask('join #town', 'You are in #town')
  return alice.acceptInvite()
}

test('text crosses in both directions, in order', async () => {
  const room = await joinTown()
  for (let i = 0; i < 25; i += 1) await network.say(network.channel('#town'), 'bob', `from irc ${i}`)
  for (let i = 0; i < 25; i += 1) await alice.user.sendText(room, `from matrix ${i}`)
  const { homeserver } = stack
  await homeserver.waitFor(
    () => words(homeserver, room).filter((w) => w.startsWith('_irc_')).length === 25,
    'irc text',
  )
  await homeserver.waitFor(() => network.sent.length === 25, 'matrix text')
  expect(words(homeserver, room).filter((w) => w.startsWith('_irc_'))).toEqual(
    Array.from({ length: 25 }, (_, i) => `_irc_fake_bob: from irc ${i}`),
  )
  expect(
    network.sent.map(
      (r) => r.action.kind === 'message' && r.action.content.kind === 'text' && r.action.content.body,
    ),
  ).toEqual(Array.from({ length: 25 }, (_, i) => `from matrix ${i}`))
})

test('a secret leaves the room, the ledger and the inbox', async () => {
  const { homeserver, database } = stack
  const events = homeserver.timeline(alice.botRoom)
  expect(JSON.stringify(events)).not.toContain('hunter2')
  const rows = await database.db.query<{ found: boolean }>(
    `select position('hunter2'::bytea in body) > 0 as found from delivery
     union all select position('hunter2'::bytea in raw) > 0 from inbox
     union all select position('hunter2'::bytea in value) > 0 from session`,
  )
  expect(rows.length).toBeGreaterThan(3)
  expect(rows.filter((row) => row.found)).toEqual([])
})

test('a refused message is shown to its sender, and edited when a retry succeeds', async () => {
  const room = await joinTown()
  network.answers.push(() => rejected('network_refused', 'You are banned.'))
  await alice.user.sendText(room, 'hello?')
  const { homeserver } = stack
  const notice = () => words(homeserver, room).find((w) => w.includes('Not delivered: You are banned.'))
  await homeserver.waitFor(() => notice() !== undefined, 'the notice')
  const [, id] = /retry (\d+)/.exec(notice() ?? '') ?? []
  await alice.user.sendText(room, `!viaduct retry ${id}`)
  await homeserver.waitFor(
    () => words(homeserver, room).some((w) => w.includes('Delivered now.')),
    'the edit',
  )
  expect(network.sent).toHaveLength(2)
  const edit = homeserver.timeline(room).find((e) => JSON.stringify(e.content).includes('Delivered now.'))
  expect(edit?.content).toMatchObject({ 'm.relates_to': { rel_type: 'm.replace' } })
})

test('an unknown outcome is called unknown', async () => {
  const room = await joinTown()
  network.answers.push(() => unknown('the connection broke'))
  await alice.user.sendText(room, 'in doubt')
  const { homeserver } = stack
  await homeserver.waitFor(
    () => words(homeserver, room).some((w) => w.includes('not known whether')),
    'the notice',
  )
  await alice.user.sendText(room, 'next')
  await homeserver.waitFor(() => network.sent.length === 2, 'the next message')
})

test('replies, reactions, edits and redactions find their targets both ways', async () => {
  const room = await joinTown()
  const { homeserver } = stack
  const remote = await network.say(network.channel('#town'), 'bob', 'question?')
  const inRoom = () => homeserver.timeline(room).find((e) => e.content['body'] === 'question?')
  await homeserver.waitFor(() => inRoom() !== undefined, 'the question')
  const eventId = inRoom()?.event_id ?? ''
  await alice.user.reply(room, eventId, 'answer!')
  await alice.user.react(room, eventId, '👍')
  const mine = await alice.user.sendText(room, 'tpyo')
  // A homeserver hands over an event that is already deleted without its content.
  await homeserver.waitFor(() => network.sent.length === 3, 'the message')
  await alice.user.edit(room, mine, 'typo')
  await alice.user.redact(room, mine)
  await homeserver.waitFor(() => network.sent.length === 5, 'five actions')
  const [reply, reaction, message, edit, redaction] = network.sent.map((r) => r.action)
  expect(reply).toMatchObject({
    kind: 'message',
    replyTo: { remoteIds: [remote], authorName: 'bob', own: false },
  })
  expect(reaction).toMatchObject({ kind: 'reaction', key: '👍', target: { remoteIds: [remote] } })
  expect(message).toMatchObject({ kind: 'message', content: { body: 'tpyo' } })
  expect(edit).toMatchObject({
    kind: 'edit',
    target: { own: true, excerpt: 'tpyo' },
    content: { body: 'typo' },
  })
  expect(redaction).toMatchObject({ kind: 'redaction', target: { own: true } })
})

test('a restart keeps what was not delivered and sends it once', async () => {
  const room = await joinTown()
  network.answers.push(() => ({ kind: 'retry', why: 'down', waitsFor: 'login' }))
  network.onResolve = () => ({ kind: 'retry', why: 'surely not sent' })
  await alice.user.sendText(room, 'survives')
  await stack.homeserver.waitFor(() => network.sent.length === 1, 'the first attempt')
  await stack.restart()
  await stack.homeserver.waitFor(() => network.sent.length === 2, 'the second attempt')
  await alice.user.sendText(room, 'after')
  await stack.homeserver.waitFor(() => network.sent.length === 3, 'the next message')
  const bodies = network.sent.map((r) =>
    r.action.kind === 'message' && r.action.content.kind === 'text' ? r.action.content.body : '',
  )
  expect(bodies).toEqual(['survives', 'survives', 'after'])
})
