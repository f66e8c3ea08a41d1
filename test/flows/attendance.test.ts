import { afterEach, expect, test } from 'vitest'
import { remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import type { Login } from '../../src/model/network.ts'
import type { RemoteChat, RemoteEvent } from '../../src/model/remote-event.ts'
import { doublePuppet, FakeWorld } from '../support/worlds.ts'
import type { Person } from '../support/stack.ts'

let world: FakeWorld
let count = 0

afterEach(() => world.close())

async function loginOf(person: Person): Promise<Login> {
  const login = (await world.network.host.logins('irc')).find(({ owner }) => owner === person.user.userId)
  if (!login) throw new Error('not logged in')
  return login
}

async function another(name: string): Promise<Person> {
  const person = await world.stack.person(name)
  await person.ask('login irc', 'Which nick?')
  await person.ask(name, 'Password?')
  await person.ask('x', `You are ${name}.`)
  return person
}

const group = (): RemoteChat => ({ ...world.network.channel('family'), type: 'group' })
const base = (chat = group()) => ({ chat, id: remoteMessageId(`g${(count += 1)}`), at: new Date() })
const bob = { id: remoteUserId('fake/bob'), name: 'bob' }
const bobSays = (body: string) => world.network.say(group(), 'bob', body)

const attend = async (...people: Person[]) => {
  world.network.attendees.set(group().id, await Promise.all(people.map(loginOf)))
}

const own = async (chat: RemoteChat, body: string): Promise<RemoteEvent> => ({
  ...base(chat),
  kind: 'message',
  sender: { id: remoteUserId('fake/ally'), name: 'Alice', self: (await loginOf(world.alice)).id },
  content: { kind: 'text', style: 'text', body },
})

const invited = (room: string) => world.homeserver.members(room, 'invite')

test('those who are in a group are invited to its room, which they share', async () => {
  world = await FakeWorld.start()
  const dora = await another('dora')
  await attend(world.alice, dora)
  await bobSays('hi all')
  const room = await world.alice.acceptInvite()
  await world.see(room, 'hi all')
  expect(invited(room)).toContain(dora.user.userId)
  expect(await dora.acceptInvite()).toBe(room)
})

test('who declines is not asked again, and who comes later is', async () => {
  world = await FakeWorld.start()
  const dora = await another('dora')
  await attend(world.alice)
  await bobSays('hi')
  const room = await world.alice.acceptInvite()
  await world.alice.user.leave(room)
  await attend(world.alice, dora)
  await bobSays('anybody?')
  await world.homeserver.waitFor(() => invited(room).includes(dora.user.userId), 'the invitation')
  expect(invited(room)).not.toContain(world.alice.user.userId)
})

test('who leaves the group elsewhere leaves its room, and comes back with it', async () => {
  world = await FakeWorld.start()
  const user = world.alice.user.userId
  await attend(world.alice)
  const login = await loginOf(world.alice)
  world.network.own.set('fake/ally', login)
  await bobSays('hi')
  const room = await world.alice.acceptInvite()
  await attend()
  const gone = { id: remoteUserId('fake/ally'), name: 'ally' }
  await world.network.tell({
    ...base(),
    kind: 'membership',
    user: gone,
    change: 'kick',
    reason: 'bye',
    sender: bob,
  })
  await world.homeserver.waitFor(() => !world.homeserver.members(room).includes(user), 'her to be out')
  await attend(world.alice)
  await bobSays('back again')
  await world.homeserver.waitFor(() => invited(room).includes(user), 'the invitation')
})

test('who may be acted for is in the room at once, also in a direct chat begun on a phone', async () => {
  world = await FakeWorld.start(doublePuppet)
  const user = world.alice.user.userId
  await attend(world.alice)
  const login = await loginOf(world.alice)
  const chat = world.network.direct('bob', login.id)
  await world.network.tell(await own(chat, 'from my phone'))
  const joined = () =>
    world.homeserver
      .roomIds()
      .find((id) => id !== world.alice.botRoom && world.homeserver.members(id).includes(user))
  await world.homeserver.waitFor(() => joined() !== undefined, 'her to be in')
  const room = joined() ?? ''
  await world.see(room, 'alice: from my phone')
  expect(world.homeserver.accountData(user, 'm.direct')?.['@_irc_fake_bob:sim.local']).toEqual([room])
  expect(world.find(room, 'double puppeting')).toEqual([])
  // What she changes there is done by the bot, which needs nobody's leave.
  await world.network.tell({
    ...base(chat),
    kind: 'topic',
    topic: 'by phone',
    sender: { id: remoteUserId('fake/ally'), self: login.id },
  })
  await world.homeserver.waitFor(
    () => world.homeserver.state(room, 'm.room.topic')?.['topic'] === 'by phone',
    'the topic',
  )
})

test('without the right to act for people their own ghost speaks, and a notice says why, once', async () => {
  world = await FakeWorld.start()
  await attend(world.alice)
  await world.network.tell(await own(group(), 'one'), await own(group(), 'two'))
  const room = await world.alice.acceptInvite()
  await world.see(room, '_irc_fake_ally: two')
  await world.quiet()
  expect(world.find(room, 'double puppeting')).toHaveLength(1)
})
