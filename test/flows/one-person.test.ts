import { afterEach, beforeEach, expect, test } from 'vitest'
import { remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import { FakeWorld } from '../support/worlds.ts'

let world: FakeWorld
let room: string
let count = 0

beforeEach(async () => {
  world = await FakeWorld.start()
  room = await world.join('#town')
})

afterEach(() => world.close())

async function say(id: string, body: string, aliases: string[] = [], name = 'Wilma'): Promise<void> {
  await world.network.tell({
    kind: 'message',
    chat: world.network.channel('#town'),
    id: remoteMessageId(`m${(count += 1)}`),
    at: new Date(),
    sender: {
      id: remoteUserId(`fake/${id}`),
      name,
      ...(aliases.length > 0 && { aliases: aliases.map((alias) => remoteUserId(`fake/${alias}`)) }),
    },
    content: { kind: 'text', style: 'text', body },
  })
  await world.see(room, body)
}

const saidBy = (body: string) => world.find(room, body)[0]?.split(':')[0]
const ghosts = () => world.homeserver.members(room).filter((user) => user.startsWith('@_irc_'))

test('a person is one ghost under all of their ids', async () => {
  await say('49151', 'by number', ['lid7'])
  await say('lid7', 'by other id')
  await world.stack.restart()
  await say('lid7', 'after a restart', [], 'Wilma II')
  await say('49151', 'and again', [], 'Wilma II')
  expect(['by number', 'by other id', 'after a restart', 'and again'].map(saidBy)).toEqual(
    Array.from({ length: 4 }, () => '_irc_fake_49151'),
  )
  expect(world.homeserver.profile('@_irc_fake_49151:sim.local').displayname).toBe('Wilma II')
})

test('two ghosts that turn out to be one person become one, in the rooms too', async () => {
  await say('49151', 'first')
  await say('lid7', 'second')
  expect(ghosts()).toEqual(['@_irc_fake_49151:sim.local', '@_irc_fake_lid7:sim.local'])
  await say('lid7', 'it is me', ['49151'])
  expect(saidBy('it is me')).toBe('_irc_fake_49151')
  await world.homeserver.waitFor(() => ghosts().length === 1, 'the other to leave')
  await say('lid7', 'still me')
  expect(saidBy('still me')).toBe('_irc_fake_49151')
  // A mention of the one that is gone means the person.
  const html = '<a href="https://matrix.to/#/@_irc_fake_lid7:sim.local">Wilma</a>: hi'
  await world.alice.user.sendText(room, 'Wilma: hi', {
    format: 'org.matrix.custom.html',
    formatted_body: html,
    'm.mentions': { user_ids: ['@_irc_fake_lid7:sim.local'] },
  })
  await world.homeserver.waitFor(() => world.network.sent.length === 1, 'the mention')
  expect(JSON.stringify(world.network.sent[0]?.action)).toContain('fake/49151')
})
