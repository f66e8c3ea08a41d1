import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Account, Channel } from '../sim/telegram/world/index.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/** What a group is and who is in it, on both sides. */
let world: TelegramWorld
let group: Channel
let carol: Account
let room: string

beforeAll(async () => {
  world = await TelegramWorld.start({ settings: { spaces: ['telegram'] } })
  const { tg, bob, her } = world
  carol = tg.user({ firstName: 'Carol', phone: '4915312345678', username: 'carol' })
  group = tg.supergroup({ title: 'Tea room', members: [her, bob], about: 'All about tea' })
  room = await world.enter(bob, group)
})

afterAll(async () => {
  await world.proveDelivered()
  await world.close()
})

const state = (type: string, where = room) => world.homeserver.state(where, type)
const isIn = (who: Account, where = room) => world.homeserver.members(where).includes(world.ghost(who))
const alice = () => world.alice.user

test('its name, description and picture, from Telegram', async () => {
  const { tg, bob } = world
  await world.until(() => state('m.room.topic')?.['topic'] === 'All about tea', 'the description')
  expect(state('m.room.name')?.['name']).toBe('Tea room')
  tg.promote(world.her, group, bob, 'change_info', 'invite_users', 'ban_users')
  tg.rename(bob, group, 'Coffee room')
  await world.until(() => state('m.room.name')?.['name'] === 'Coffee room', 'the new name')
  tg.picture(bob, group, Buffer.from('a picture'))
  await world.until(() => typeof state('m.room.avatar')?.['url'] === 'string', 'the picture')
  const url = String(state('m.room.avatar')?.['url'])
  expect(Buffer.from(await alice().download(url)).toString()).toBe('a picture')
  tg.picture(bob, group, undefined)
  await world.until(() => state('m.room.avatar')?.['url'] === undefined, 'no picture')
})

test('its name, description and picture, from Matrix', async () => {
  await world.until(() => (world.power(room, alice().userId) ?? 0) >= 50, 'her power')
  await alice().state(room, 'm.room.name', '', { name: 'Cocoa room' })
  await world.until(() => group.title === 'Cocoa room', 'the name on Telegram')
  await alice().state(room, 'm.room.topic', '', { topic: 'With cream' })
  await world.until(() => group.about === 'With cream', 'the description on Telegram')
  const url = await alice().upload(Buffer.from('cocoa'), 'image/jpeg', 'c.jpg')
  await alice().state(room, 'm.room.avatar', '', { url })
  await world.until(
    () => Buffer.from(group.photo?.bytes ?? []).toString() === 'cocoa',
    'the picture on Telegram',
  )
})

test('a new description is told to nobody: it is seen when the bridge looks again', async () => {
  await world.stack.restart(() => world.tg.describe(world.her, group, 'No more tea'))
  await world.until(() => state('m.room.topic')?.['topic'] === 'No more tea', 'the new description')
})

test('a new description is seen with the next thing that the network says in the group', async () => {
  const { tg, bob, her } = world
  await world.quiet()
  tg.describe(her, group, 'Told by chance')
  tg.add(bob, group, carol)
  await world.clock.jumpUntil(
    () => state('m.room.topic')?.['topic'] === 'Told by chance',
    1_000,
    'the description that came along',
  )
  tg.leave(carol, group)
  await world.until(() => !isIn(carol), 'carol to go')
})

test('members come and go on Telegram', async () => {
  const { tg, bob, her } = world
  expect(isIn(bob)).toBe(true)
  tg.add(bob, group, carol)
  await world.until(() => isIn(carol), 'carol to come')
  tg.leave(carol, group)
  await world.until(() => !isIn(carol), 'carol to go')
  tg.join(carol, group, tg.invite(her, group))
  await world.until(() => isIn(carol), 'carol to come by a link')
  tg.kick(her, group, carol)
  await world.until(() => !isIn(carol), 'carol to be removed')
  tg.unban(her, group, carol)
})

test('invited, removed and banned from Matrix', async () => {
  await alice().invite(room, world.ghost(carol))
  await world.until(() => group.members.has(carol), 'carol to be in the group')
  await world.until(() => isIn(carol), 'her ghost to come')
  await alice().kick(room, world.ghost(carol), 'enough')
  await world.until(() => !group.members.has(carol), 'carol to be out of the group')
  await alice().ban(room, world.ghost(carol))
  await world.until(() => group.removed.has(carol), 'carol to be banned')
  await alice().unban(room, world.ghost(carol))
  await world.until(() => !group.removed.has(carol), 'carol to be allowed again')
})

test('roles are levels, both ways', async () => {
  const { tg, bob, her } = world
  await world.until(() => (world.power(room, world.ghost(bob)) ?? 0) >= 50, 'bob to be an administrator')
  // Telegram tells this to bob alone: it is seen when the bridge looks again.
  await world.stack.restart(() => tg.promote(her, group, bob))
  await world.until(() => (world.power(room, world.ghost(bob)) ?? 0) < 50, 'bob to be one no more')
  const levels = world.homeserver.state(room, 'm.room.power_levels') ?? {}
  await alice().state(room, 'm.room.power_levels', '', {
    ...levels,
    users: { ...(levels['users'] as object), [world.ghost(bob)]: 50 },
  })
  await world.until(
    () => group.members.get(bob)?.powers !== undefined,
    'bob to be an administrator on Telegram',
  )
})

test('roles and descriptions that are told to nobody are seen after a while', async () => {
  const { tg, bob, her } = world
  await world.quiet()
  tg.describe(her, group, 'Long after')
  tg.promote(her, group, bob)
  await world.clock.jumpUntil(
    () =>
      state('m.room.topic')?.['topic'] === 'Long after' && (world.power(room, world.ghost(bob)) ?? 0) < 50,
    60_000,
    'the description and the role',
  )
})

test('of a large group the administrators are known, though not all members', async () => {
  const { tg, bob, her } = world
  const crowd = Array.from({ length: 205 }, (_, i) =>
    tg.user({ firstName: `No ${i}`, phone: `4916${10_000 + i}` }),
  )
  const large = tg.supergroup({ title: 'Crowd', members: [bob, her, ...crowd, carol] })
  const there = await world.enter(bob, large, 'so many')
  const level = (who: Account) => world.power(there, world.ghost(who)) ?? 0
  await world.until(() => level(bob) === 95, 'its owner to be known')
  tg.promote(bob, large, carol, 'ban_users')
  await world.clock.jumpUntil(() => level(carol) === 50, 60_000, 'her role')
  tg.promote(bob, large, carol)
  await world.clock.jumpUntil(() => level(carol) === 0, 60_000, 'the end of her role')
  expect(world.homeserver.members(there).length).toBeLessThan(20)
})

test('a basic group that becomes a supergroup keeps its room, and its messages are known', async () => {
  const { tg, bob, her } = world
  const small = tg.group({ title: 'Small', members: [bob, her] })
  const there = await world.enter(bob, small, 'we are few')
  const mine = await alice().sendText(there, 'before')
  await world.text(small, 'before')
  const large = tg.migrate(bob, small)
  const post = tg.say(bob, large, 'we are many')
  expect(await world.roomWith('we are many')).toBe(there)
  await alice().sendText(there, 'after')
  await world.text(large, 'after')
  tg.react(bob, post, '👍')
  const { event_id } = await world.message(there, 'we are many')
  await world.related(there, event_id, (e) => e.type === 'm.reaction', 'the thumb')
  await alice().reply(there, mine, 'about what I said')
  await world.sees(large, ({ text }) => text.includes('about what I said'), 'the answer')
})

test('topics of a forum are rooms in a space', async () => {
  const { tg, bob, her } = world
  const forum = tg.forum({ title: 'Forum', members: [bob, her] })
  const topic = tg.createTopic(bob, forum, 'Gardening')
  tg.say(bob, forum, { text: 'about roses', topic })
  tg.say(bob, forum, 'in general')
  const garden = await world.roomWith('about roses')
  const general = await world.roomWith('in general')
  expect(garden).not.toBe(general)
  const named = (where: string) => state('m.room.name', where)?.['name']
  await world.until(() => String(named(garden)).includes('Gardening'), 'its name')
  const spaces = () =>
    world.homeserver
      .roomIds()
      .filter(
        (id) =>
          state('m.space.child', id) !== undefined ||
          world.homeserver.state(id, 'm.space.child', garden) !== undefined,
      )
  await world.until(
    () => spaces().some((id) => world.homeserver.state(id, 'm.space.child', general) !== undefined),
    'both in a space',
  )
  await alice().sendText(garden, 'and tulips')
  const seen = await world.text(forum, 'and tulips')
  expect(seen.topic).toBe(topic.channelId)
  await alice().sendText(general, 'and all else')
  expect((await world.text(forum, 'and all else')).topic ?? 1).toBe(1)
  tg.editTopic(bob, forum, topic.channelId, { title: 'Flowers' })
  await world.until(() => String(named(garden)).includes('Flowers'), 'its new name')
})

test('messages that disappear there stay here, and people are told', async () => {
  const { tg, bob, her } = world
  const there = await world.enter(bob, her, 'for ever')
  tg.setTtl(bob, her, 86_400)
  await world.see(there, 'messages to disappear after')
  tg.say(bob, her, 'for a day')
  await world.message(there, 'for a day')
  await world.see(there, 'In this room they stay')
})

test('a channel: only who may writes in it', async () => {
  const { tg, bob, her } = world
  const channel = tg.channel({ title: 'News', members: [bob, her] })
  tg.say(bob, channel, 'extra, extra')
  const there = await world.roomWith('extra, extra')
  await world.until(() => state('m.room.power_levels', there)?.['events_default'] === 50, 'the rights')
  await expect(alice().sendText(there, 'may I?')).rejects.toThrow('permission')
})

test('who leaves the room leaves the group', async () => {
  const { tg, bob, her } = world
  const left = tg.supergroup({ title: 'To leave', members: [bob, her] })
  const there = await world.enter(bob, left, 'stay!')
  await alice().leave(there)
  await world.until(() => !left.members.has(her), 'her to leave')
})
