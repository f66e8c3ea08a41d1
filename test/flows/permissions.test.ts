import { afterEach, expect, test } from 'vitest'
import type { PermissionLevel } from '../../src/bridge/permissions.ts'
import type { SimUser } from '../sim/homeserver/index.ts'
import { FakeWorld } from '../support/worlds.ts'

const BOT = '@viaductbot:sim.local'

let world: FakeWorld

const begin = async (permissions: Record<string, PermissionLevel>) => {
  world = await FakeWorld.start({ settings: { permissions } })
}

afterEach(() => world.close())

/** Somebody's own room with the bot, whether it comes or not. */
async function meet(name: string): Promise<{ user: SimUser; room: string }> {
  const user = await world.homeserver.user(name)
  return { user, room: await user.directRoomWith(BOT) }
}

const member = (room: string, user: string) =>
  world.homeserver.state(room, 'm.room.member', user) as { membership?: string; reason?: string } | undefined

/** Somebody in the room of a channel, whatever they may. */
async function bringIn(room: string, name: string): Promise<SimUser> {
  const user = await world.homeserver.user(name)
  const bot = await world.homeserver.user('viaductbot')
  await bot.invite(room, user.userId)
  await user.join(room)
  return user
}

test('who is blocked, by name, by server or by nobody naming them, gets no answer but a reason', async () => {
  await begin({ '@alice:sim.local': 'user', '@mallory:sim.local': 'block' })
  for (const name of ['mallory', 'stranger']) {
    const { room } = await meet(name)
    await world.homeserver.waitFor(() => member(room, BOT)?.membership === 'leave', 'the bot to go')
    expect(member(room, BOT)?.reason).toBe('You may not use this bridge.')
  }
  const room = await world.join('#town')
  const stranger = await bringIn(room, 'stranger')
  await stranger.sendText(room, 'hello?')
  await world.see(room, 'Not delivered: You may not use this bridge.')
  await stranger.sendText(room, '!viaduct login irc')
  await world.see(room, '❌ You may not use this bridge.')
  expect(world.sent()).toEqual([])
})

test('a ghost that somebody blocked invites does not come', async () => {
  await begin({ '*': 'user', '@mallory:sim.local': 'block' })
  const room = await world.join('#town')
  await world.network.say(world.network.channel('#town'), 'bob', 'hi')
  await world.see(room, '_irc_fake_bob: hi')
  const ghost = '@_irc_fake_bob:sim.local'
  const mallory = await world.homeserver.user('mallory')
  const refused = await mallory.directRoomWith(ghost)
  await world.homeserver.waitFor(() => member(refused, ghost)?.membership === 'leave', 'the refusal')
  const allowed = await world.alice.user.directRoomWith(ghost)
  await world.homeserver.waitFor(() => member(allowed, ghost)?.membership === 'join', 'bob to come')
})

test('who may only be relayed is, and cannot log in', async () => {
  await begin({ 'sim.local': 'user', '@dave:sim.local': 'relay', '@admin:sim.local': 'admin' })
  const room = await world.join('#town')
  const [dave, admin] = [await bringIn(room, 'dave'), await bringIn(room, 'admin')]
  await dave.sendText(room, '!viaduct login irc')
  await world.see(room, '❌ You are not permitted to do this.')
  await dave.sendText(room, 'not yet')
  await world.see(room, 'You are not logged in')
  await admin.sendText(room, '!viaduct set-relay on')
  await world.see(room, 'People without a login can speak here now.')
  await dave.sendText(room, 'by the relay')
  await world.homeserver.waitFor(() => world.sent().includes('by the relay'), 'the relayed text')
  const [by] = world.network.sent.map((request) => request.by)
  expect(by).toEqual({ user: dave.userId, name: 'dave' })
  // Help lists only what one may do.
  await dave.sendText(room, '!viaduct help')
  const help = await world.see(room, 'What I can do')
  expect(help).toContain('retry')
  expect(help).not.toContain('set-relay')
  expect(help).not.toContain('login')
})

test('a login whose owner was demoted speaks no more', async () => {
  const permissions: Record<string, PermissionLevel> = { '*': 'user' }
  await begin(permissions)
  const room = await world.join('#town')
  await world.alice.user.sendText(room, 'before')
  await world.homeserver.waitFor(() => world.sent().includes('before'), 'the text')
  permissions['@alice:sim.local'] = 'relay'
  await world.stack.restart()
  await world.alice.user.sendText(room, 'after')
  await world.see(room, 'Not delivered: You are not logged in')
  permissions['@alice:sim.local'] = 'block'
  await world.alice.user.sendText(room, 'later')
  await world.see(room, 'Not delivered: You may not use this bridge.')
  expect(world.sent()).toEqual(['before'])
})

test('what an admin may, a user may not', async () => {
  await begin({ '*': 'user', '@admin:sim.local': 'admin' })
  const room = await world.join('#town')
  await world.alice.user.sendText(room, '!viaduct set-relay on')
  await world.see(room, '❌ You are not permitted to do this.')
  const admin = await bringIn(room, 'admin')
  await admin.sendText(room, '!viaduct set-relay on')
  await world.see(room, 'People without a login can speak here now.')
})
