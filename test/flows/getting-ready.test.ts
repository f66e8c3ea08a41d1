import { expect, test } from 'vitest'
import { FakeWorld } from '../support/worlds.ts'

test('what people say while the networks are getting ready waits until they are', async () => {
  const world = await FakeWorld.start()
  const room = await world.join('#town')
  const ready = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  world.network.starting = () => {
    begun.resolve()
    return ready.promise
  }
  const restarted = world.stack.restart()
  await begun.promise
  await world.alice.user.sendText(room, 'out 0')
  await world.homeserver.waitFor(() => world.homeserver.isDrained('viaduct'), 'the bridge to have it')
  ready.resolve()
  await restarted
  await world.homeserver.waitFor(() => world.sent().length > 0, 'it to be sent')
  await world.quiet()
  expect(world.sent()).toEqual(['out 0'])
  expect(world.find(room, 'Not delivered')).toEqual([])
  await world.close()
})
