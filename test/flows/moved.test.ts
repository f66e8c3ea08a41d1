import { afterEach, beforeEach, expect, test } from 'vitest'
import { remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import { FakeWorld } from '../support/worlds.ts'

let world: FakeWorld
let room: string
let count = 0

beforeEach(async () => {
  world = await FakeWorld.start()
  room = await world.join('small')
})

afterEach(() => world.close())

const small = () => ({ ...world.network.channel('small'), type: 'group' as const })
const large = () => world.network.channel('large')

const base = () => ({
  id: remoteMessageId(`e${(count += 1)}`),
  at: new Date(),
  sender: { id: remoteUserId('fake/bob'), name: 'bob' },
})
const move = () => world.network.tell({ ...base(), kind: 'moved', chat: small(), to: large() })
const destinations = () => world.network.sent.map(({ chat }) => chat.chat.id)
const rooms = async () =>
  (
    await world.stack.database.db.query<{ room: string }>(
      'select room_id as room from portal where network = $1',
      ['irc'],
    )
  ).map((row) => row.room)

test('the room stays, what its messages were stays, and queued messages go to the new conversation', async () => {
  const question = remoteMessageId(await world.network.say(small(), 'bob', 'question?', 'old.1'))
  await world.see(room, 'question?')
  world.network.answers.push(() => ({ kind: 'retry', why: 'closed', waitsFor: 'chat' }))
  world.network.onResolve = () => ({ kind: 'retry', why: 'surely not sent' })
  await world.alice.user.sendText(room, 'on its way')
  await world.homeserver.waitFor(() => world.network.sent.length === 1, 'the first attempt')
  await move()
  await world.homeserver.waitFor(() => world.network.sent.length === 2, 'the second attempt')
  await world.network.say(large(), 'bob', 'here we are', '7')
  await world.see(room, 'here we are')
  await world.alice.user.reply(room, (await world.event(room, 'question?')).event_id, 'answer!')
  await world.homeserver.waitFor(() => world.network.sent.length === 3, 'the answer')
  expect(destinations()).toEqual(['fake/small', 'fake/large', 'fake/large'])
  expect(world.network.sent[2]?.action).toMatchObject({ replyTo: { remoteIds: [question] } })
  const bridge = world.homeserver.state(room, 'm.bridge', 'app.viaduct://irc/irc/fake%2Flarge')
  expect(bridge?.['channel']).toMatchObject({ id: 'fake/large' })
})

test('what still comes under the old id, and the move itself again, is about the same room', async () => {
  await move()
  await move()
  await world.network.say(small(), 'bob', 'late words')
  await world.see(room, 'late words')
  await world.stack.restart()
  await move()
  await world.network.say(small(), 'bob', 'later words')
  await world.see(room, 'later words')
  expect(await rooms()).toEqual([room])
})

test('a new conversation that was seen before the move becomes one with the old', async () => {
  const early = remoteMessageId(await world.network.say(large(), 'bob', 'early words', '7'))
  await world.quiet()
  const other = (await rooms()).find((each) => each !== room) ?? ''
  await move()
  await world.network.say(large(), 'bob', 'words after')
  await world.see(room, 'words after')
  expect(await rooms()).toEqual([room])
  await world.homeserver.waitFor(
    () => world.homeserver.state(other, 'm.room.tombstone')?.['replacement_room'] === room,
    'the other room to be given up',
  )
  // Its messages are known still: an edit finds its target.
  await world.network.tell({
    ...base(),
    kind: 'edit',
    chat: large(),
    target: early,
    content: { kind: 'text', style: 'text', body: 'changed' },
  })
  await world.quiet()
  const known = await world.stack.database.db.query('select 1 from message where remote_id = $1', ['7'])
  expect(known).toHaveLength(1)
})

test('a message has further ids, and each leads to it', async () => {
  const event = await world.alice.user.sendText(room, 'mine')
  await world.homeserver.waitFor(() => world.network.sent.length === 1, 'the message')
  await world.quiet()
  const sent = remoteMessageId(`sent-${world.network.sent[0]?.delivery ?? 0}`)
  const ids = [remoteMessageId('seen-by-dora.4')]
  await world.network.tell({ ...base(), kind: 'alias', chat: small(), target: sent, ids })
  const target = ids[0] ?? sent
  await world.network.tell({ ...base(), kind: 'reaction', chat: small(), target, key: '👍' })
  const reaction = () => world.homeserver.timeline(room).find(({ type }) => type === 'm.reaction')
  await world.homeserver.waitFor(() => reaction() !== undefined, 'the reaction')
  expect(reaction()?.content['m.relates_to']).toMatchObject({ event_id: event })
  await world.alice.user.edit(room, event, 'mine!')
  await world.homeserver.waitFor(() => world.network.sent.length === 2, 'the edit')
  expect(world.network.sent[1]?.action).toMatchObject({ target: { remoteIds: [sent, ...ids], own: true } })
})
