import { afterEach, beforeEach, expect, test } from 'vitest'
import { remoteChatId, remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import type { Login } from '../../src/model/network.ts'
import type { RemoteChat } from '../../src/model/remote-event.ts'
import { FakeWorld } from '../support/worlds.ts'

let world: FakeWorld
let login: Login
let count = 0

beforeEach(async () => {
  world = await FakeWorld.start({ settings: { spaces: ['irc'] } })
  const [first] = await world.network.host.logins('irc')
  if (!first) throw new Error('alice is not logged in')
  login = first
})

afterEach(() => world.close())

const group = (name: string, parent?: string): RemoteChat => {
  const chat = { ...world.network.channel(name), type: 'group' as const }
  world.network.attendees.set(chat.id, [login])
  if (parent === undefined) return chat
  world.network.attendees.set(`fake/${parent}`, [login])
  return { ...chat, parent: { id: remoteChatId(`fake/${parent}`), name: parent } }
}
const say = (chat: RemoteChat, body: string) => world.network.say(chat, 'bob', body)

const named = (name: string) =>
  world.homeserver.roomIds().find((room) => world.homeserver.state(room, 'm.room.name')?.['name'] === name)
async function roomOf(name: string): Promise<string> {
  await world.homeserver.waitFor(() => named(name) !== undefined, name)
  return named(name) ?? ''
}
const children = (space: string) =>
  world.homeserver.roomIds().filter((room) => world.homeserver.state(space, 'm.space.child', room)?.['via'])
const isSpace = (room: string) => world.homeserver.state(room, 'm.room.create')?.['type'] === 'm.space'

test('rooms of a login are in a space of its own, each once', async () => {
  await say(group('family'), 'hi')
  await say(world.network.direct('bob', login.id), 'hello')
  const space = await roomOf('IRC (ally)')
  const [family, bob] = [await roomOf('family'), await roomOf('bob')]
  await world.homeserver.waitFor(() => children(space).length === 2, 'both rooms')
  expect(children(space).sort()).toEqual([family, bob].sort())
  expect(isSpace(space)).toBe(true)
  expect(world.homeserver.members(space, 'invite')).toEqual([world.alice.user.userId])
  const before = world.homeserver.timeline(space).length
  await world.stack.restart()
  await say(group('family'), 'again')
  await world.see(family, 'again')
  expect(world.homeserver.timeline(space)).toHaveLength(before)
})

test('topics of a forum are rooms of its space, which is in that of the login', async () => {
  await say(group('news', 'forum'), 'hi')
  await say(group('sports', 'forum'), 'hello')
  const forum = await roomOf('forum')
  const [news, sports] = [await roomOf('news'), await roomOf('sports')]
  const space = await roomOf('IRC (ally)')
  await world.homeserver.waitFor(() => children(forum).length === 2, 'both topics')
  expect(children(forum).sort()).toEqual([news, sports].sort())
  expect(isSpace(forum)).toBe(true)
  expect(isSpace(news)).toBe(false)
  expect(world.homeserver.members(forum, 'invite')).toEqual([world.alice.user.userId])
  const parent = () => world.homeserver.state(news, 'm.space.parent', forum)
  await world.homeserver.waitFor(() => parent()?.['canonical'] === true, 'the way back')
  await world.homeserver.waitFor(() => children(space).length > 0, 'the forum in the space')
  expect(children(space)).toEqual([forum])
  // What is told of the forum is about the space.
  await world.network.tell({
    kind: 'name',
    chat: group('forum'),
    id: remoteMessageId(`n${(count += 1)}`),
    at: new Date(),
    sender: { id: remoteUserId('fake/bob'), name: 'bob' },
    name: 'The forum',
  })
  await world.homeserver.waitFor(() => named('The forum') === forum, 'its new name')
})

test('a group that becomes a forum keeps its room', async () => {
  await say(group('club'), 'before')
  const club = await roomOf('club')
  await say(group('topic', 'club'), 'in a topic')
  const topic = await roomOf('topic')
  await world.see(topic, 'in a topic')
  expect(isSpace(club)).toBe(false)
  await say(group('club'), 'after')
  await world.see(club, 'after')
})
