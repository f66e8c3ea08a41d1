import { afterEach, beforeEach, expect, test } from 'vitest'
import { loginId, remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import type { RemoteUser } from '../../src/model/remote-event.ts'
import { FakeWorld } from '../support/worlds.ts'
import type { Person } from '../support/stack.ts'

const GHOST = '@_irc_fake_77:sim.local'

let world: FakeWorld
let dora: Person
let logins: Map<string, ReturnType<typeof loginId>>
let count = 0

beforeEach(async () => {
  world = await FakeWorld.start()
  dora = await world.stack.person('dora')
  await dora.ask('login irc', 'Which nick?')
  await dora.ask('dora', 'Password?')
  await dora.ask('x', 'You are dora.')
  const rows = await world.network.host.logins('irc')
  logins = new Map(rows.map(({ owner, id }) => [owner, id]))
})

afterEach(() => world.close())

const loginOf = (person: Person) => logins.get(person.user.userId) ?? loginId(0)

/** What the contact writes to a person, who knows them under a name of their own. */
async function write(to: Person, body: string, contact: Partial<RemoteUser> = {}): Promise<void> {
  count += 1
  await world.network.tell({
    kind: 'message',
    chat: { ...world.network.direct('77', loginOf(to)), name: contact.contactName ?? 'x' },
    id: remoteMessageId(`m${count}`),
    at: new Date(),
    sender: { id: remoteUserId('fake/77'), ...contact },
    content: { kind: 'text', style: 'text', body },
  })
}

const nameIn = (room: string, user = GHOST) =>
  world.homeserver.state(room, 'm.room.member', user)?.['displayname']
const roomName = (room: string) => world.homeserver.state(room, 'm.room.name', '')?.['name']

test('two users who know the same contact under different names each see their own', async () => {
  await write(world.alice, 'hi alice', { name: 'wilma77', contactName: 'Mum' })
  const hers = await world.alice.acceptInvite()
  await write(dora, 'hi dora', { name: 'wilma77', contactName: 'Dr. Wilma' })
  const doras = await dora.acceptInvite()
  await world.see(hers, 'hi alice')
  await world.see(doras, 'hi dora')
  expect([nameIn(hers), roomName(hers)]).toEqual(['Mum', 'Mum'])
  expect([nameIn(doras), roomName(doras)]).toEqual(['Dr. Wilma', 'Dr. Wilma'])
  const town = await world.join('#town')
  await world.network.tell({
    kind: 'message',
    chat: world.network.channel('#town'),
    id: remoteMessageId('town'),
    at: new Date(),
    sender: { id: remoteUserId('fake/77'), name: 'wilma77', contactName: 'Mum' },
    content: { kind: 'text', style: 'text', body: 'hi all' },
  })
  await world.see(town, 'hi all')
  expect(nameIn(town)).toBe('wilma77')
})

test('a public name is never that of an address book', async () => {
  await write(world.alice, 'hi', { contactName: 'Mum' })
  const hers = await world.alice.acceptInvite()
  await world.see(hers, 'hi')
  expect(nameIn(hers)).toBe('Mum')
  expect(world.homeserver.profile(GHOST)['displayname']).toBe('77')
})

test('a new name in the address book is shown; without one the public name is', async () => {
  await write(world.alice, 'one', { name: 'wilma77', contactName: 'Mum' })
  const hers = await world.alice.acceptInvite()
  await world.see(hers, 'one')
  const rename = (id: string, to: Partial<RemoteUser>) =>
    world.network.tell({
      kind: 'rename',
      chat: world.network.direct('77', loginOf(world.alice)),
      id: remoteMessageId(id),
      at: new Date(),
      from: { id: remoteUserId('fake/77') },
      to: { id: remoteUserId('fake/77'), ...to },
    })
  await rename('r1', { contactName: 'Mother' })
  await world.homeserver.waitFor(() => nameIn(hers) === 'Mother', 'the new name')
  await world.homeserver.waitFor(() => roomName(hers) === 'Mother', 'the same for the room')
  await rename('r2', { contactName: '' })
  await world.homeserver.waitFor(() => nameIn(hers) === 'wilma77', 'the public name')
  await world.homeserver.waitFor(() => roomName(hers) === 'wilma77', 'the same for the room')
  await rename('r3', { name: 'wilma78' })
  await world.homeserver.waitFor(() => nameIn(hers) === 'wilma78', 'the next public name')
  await world.homeserver.waitFor(() => roomName(hers) === 'wilma78', 'the same for the room')
})

test('a new public name does not take the names of address books away', async () => {
  await write(world.alice, 'one', { name: 'wilma77', contactName: 'Mum' })
  const hers = await world.alice.acceptInvite()
  await world.see(hers, 'one')
  await write(dora, 'two', { name: 'Wilma' })
  const doras = await dora.acceptInvite()
  await world.see(doras, 'two')
  expect(nameIn(doras)).toBe('Wilma')
  await world.homeserver.waitFor(
    () => world.homeserver.profile(GHOST)['displayname'] === 'Wilma',
    'the public name',
  )
  await world.homeserver.waitFor(() => nameIn(hers) === 'Mum', 'her own name again')
  await world.quiet()
  expect([nameIn(hers), roomName(hers)]).toEqual(['Mum', 'Mum'])
})

test('names survive a restart', async () => {
  await write(world.alice, 'one', { name: 'wilma77', contactName: 'Mum' })
  const hers = await world.alice.acceptInvite()
  await world.see(hers, 'one')
  await world.stack.restart()
  await write(world.alice, 'two', {})
  await world.see(hers, 'two')
  expect([nameIn(hers), roomName(hers)]).toEqual(['Mum', 'Mum'])
})

test('a chat begun on a phone has the name of the address book too, and only there', async () => {
  world.network.contacts.set('fake/77', { name: 'wilma77', contactName: 'Mum' })
  await world.network.tell({
    kind: 'message',
    chat: { ...world.network.direct('77', loginOf(world.alice)), name: 'Mum' },
    id: remoteMessageId('own'),
    at: new Date(),
    sender: { id: remoteUserId('fake/ally'), name: 'ally', self: loginOf(world.alice) },
    content: { kind: 'text', style: 'text', body: 'from my phone' },
  })
  const hers = await world.alice.acceptInvite()
  await world.see(hers, 'from my phone')
  expect([nameIn(hers), roomName(hers)]).toEqual(['Mum', 'Mum'])
  expect(world.homeserver.profile(GHOST).displayname).toBe('wilma77')
})
