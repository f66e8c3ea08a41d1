import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeWorld } from '../support/worlds.ts'

let world: FakeWorld
let room: string

beforeEach(async () => {
  world = await FakeWorld.start()
  room = await world.join('#town')
  await world.quiet()
})

afterEach(() => world.close())

const say = (text: string) => world.alice.user.sendText(room, text)

async function sayStranded(...texts: string[]): Promise<void> {
  const { faults } = world.homeserver
  for (const text of texts) {
    faults.strandTransactions = 1
    await say(text)
    await world.homeserver.waitFor(() => faults.strandTransactions === 0, 'it to be left behind')
  }
}

test('what the homeserver left behind after a failure goes before what came next', async () => {
  await say('out 0')
  await sayStranded('out 1', 'out 2')
  await say('out 3')
  await world.homeserver.waitFor(() => world.sent().length >= 4, 'all four')
  expect(world.sent()).toEqual(['out 0', 'out 1', 'out 2', 'out 3'])
})

test('with nothing after it, it is found when the homeserver has settled', async () => {
  await say('out 0')
  await sayStranded('out 1')
  await world.homeserver.waitFor(() => world.sent().length === 1, 'the first')
  await world.clock.jumpUntil(() => world.sent().length >= 2, 5_000, 'the one that was left behind')
  expect(world.sent()).toEqual(['out 0', 'out 1'])
})

test('it is not sent twice when the homeserver hands it over after all', async () => {
  await sayStranded('out 0')
  await say('out 1')
  await world.homeserver.waitFor(() => world.sent().length >= 2, 'both')
  // As a row of its database it comes back with a retry.
  world.homeserver.faults.loseOnHold = false
  await world.homeserver.kill()
  await world.homeserver.restart()
  await say('out 2')
  await world.homeserver.waitFor(() => world.homeserver.isDrained('viaduct'), 'the homeserver to be done')
  await world.clock.jumpUntil(() => world.sent().length >= 3, 1_000, 'the last one')
  expect(world.sent()).toEqual(['out 0', 'out 1', 'out 2'])
})
