import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PhoneDesk } from '../sim/whatsapp/world/phone.ts'
import { WhatsAppRooms } from '../support/whatsapp-rooms.ts'
import { WhatsAppWorld } from '../support/whatsapp-world.ts'
import { doublePuppet } from '../support/worlds.ts'

/** What the owner of the account does on their phone with conversations, and what they do with them on Matrix. */
let world: WhatsAppWorld
let rooms: WhatsAppRooms
let desk: PhoneDesk

beforeAll(async () => {
  world = await WhatsAppWorld.start(doublePuppet)
  desk = world.wa.world.desk(world.her.account.phone)
  rooms = await WhatsAppRooms.enter(world, { by: 'pn' })
})

afterAll(() => world.end())

const alice = () => world.alice.user
const data = (type: string, where = rooms.direct, { user } = world.alice) =>
  world.homeserver.accountData(user.userId, type, where)
const tags = (where = rooms.direct, person = world.alice) =>
  Object.keys((data('m.tag', where, person)?.['tags'] ?? {}) as object)
const isMuted = (where = rooms.direct, person = world.alice) =>
  data('sim.push_rule', where, person)?.['actions'] !== undefined

test('muted on the phone is muted on Matrix, for as long as it was to last', async () => {
  desk.mute(world.bob.pn, -1)
  await world.until(() => isMuted(), 'it to be silent')
  desk.mute(world.bob.pn, undefined)
  await world.until(() => !isMuted(), 'it to be heard')
  desk.mute(rooms.groupJid, world.clock.now().getTime() + 8 * 3_600_000)
  await world.until(() => isMuted(rooms.group), 'the group to be silent')
  await world.quiet()
  world.clock.jump(9 * 3_600_000)
  await world.until(() => !isMuted(rooms.group), 'the group to be heard again when the time is over')
})

test('archived, locked, pinned and unread on the phone is so on Matrix', async () => {
  for (const chat of [world.bob.pn, world.bob.lid]) {
    desk.archive(chat, true)
    await world.until(() => tags().includes('m.lowpriority'), 'it to be archived')
    desk.archive(chat, false)
    await world.until(() => !tags().includes('m.lowpriority'), 'it to be back')
  }
  desk.pin(world.bob.pn, true)
  await world.until(() => tags().includes('m.favourite'), 'it to be a favourite')
  desk.pin(world.bob.pn, false)
  await world.until(() => !tags().includes('m.favourite'), 'it to be none')
  desk.lock(world.bob.pn, true)
  await world.until(() => tags().includes('m.lowpriority'), 'it to be locked away')
  desk.lock(world.bob.pn, false)
  await world.until(() => !tags().includes('m.lowpriority'), 'it to be unlocked')
  desk.markRead(world.bob.pn, false)
  await world.until(() => data('m.marked_unread')?.['unread'] === true, 'it to be unread')
  desk.markRead(world.bob.pn, true)
  await world.until(() => data('m.marked_unread')?.['unread'] === false, 'it to be read')
})

test('a conversation that was put away before its first message is so from its beginning', async () => {
  const carol = await world.carol()
  desk.archive(carol.pn, true)
  desk.mute(carol.pn, -1)
  await world.until(() => desk.value('mute', carol.pn)?.muteAction?.muted === true, 'it to be muted')
  const hers = await world.enter(carol, world.her.pn)
  await world.until(() => isMuted(hers) && tags(hers).includes('m.lowpriority'), 'it to be put away')
})

test('what was put away before the account was linked is so here, and goes on from there', async () => {
  const { bob, wa, stack } = world
  const hers = await world.whatsapp.person('4915412345678', 'Dora')
  const dora = await stack.person('dora')
  const phone = wa.world.desk(hers.account.phone)
  wa.world.switches.givesSnapshots = true
  phone.contact(bob.account, { fullName: 'Dr. Builder' })
  phone.mute(bob.pn, -1)
  phone.pin(bob.pn, true)
  phone.lock(bob.pn, true)
  phone.history.push({ content: { conversations: [{ id: bob.pn, name: 'Dr. Builder' }] } })
  await world.logIn(dora, hers)
  await bob.socket.sendMessage(hers.pn, { text: 'hello Dora' })
  const hisRoom = await world.roomWith('hello Dora', dora)
  const has = () => tags(hisRoom, dora).toSorted().join()
  await world.until(() => has() === 'm.favourite,m.lowpriority', 'it to be pinned and locked away')
  await world.until(() => isMuted(hisRoom, dora), 'it to be silent')
  await world.until(() => world.nameOf(hisRoom) === 'Dr. Builder', 'her name for him')
  phone.lock(bob.pn, false)
  await world.until(() => has() === 'm.favourite', 'it to be unlocked')
  wa.world.switches.givesSnapshots = false
})

test('what was done on the phone while the bridge was away', async () => {
  await world.quiet()
  await world.stack.restart(() => {
    desk.archive(rooms.groupJid, true)
    desk.pin(world.bob.pn, true)
  })
  await world.until(() => tags(rooms.group).includes('m.lowpriority'), 'the group to be archived')
  await world.until(() => tags().includes('m.favourite'), 'him to be a favourite')
})

test('put away by commands on Matrix, it is so on WhatsApp', async () => {
  const action = (what: string, chat: string) => desk.value(what, chat)
  const both = (what: string) => action(what, world.bob.lid) ?? action(what, world.bob.pn)
  const say = (words: string, where = rooms.direct) => alice().sendText(where, `!viaduct chat ${words}`)
  await say('mute')
  await world.until(() => both('mute')?.muteAction?.muted === true, 'it to be silent')
  await say('unmute')
  await world.until(() => both('mute')?.muteAction?.muted === false, 'it to be heard')
  await say('archive', rooms.group)
  await world.until(
    () => action('archive', rooms.groupJid)?.archiveChatAction?.archived === true,
    'it to be archived',
  )
  await say('unarchive', rooms.group)
  await world.until(
    () => action('archive', rooms.groupJid)?.archiveChatAction?.archived === false,
    'it to be back',
  )
  await say('favourite')
  await world.until(() => both('pin_v1')?.pinAction?.pinned === true, 'it to be pinned')
  await say('unfavourite')
  await world.until(() => both('pin_v1')?.pinAction?.pinned === false, 'it to be pinned no more')
  await say('unread')
  await world.until(() => both('markChatAsRead')?.markChatAsReadAction?.read === false, 'it to be unread')
  await say('read')
  await world.until(() => both('markChatAsRead')?.markChatAsReadAction?.read === true, 'it to be read')
})

test('a message deleted for me is gone in the room of a direct chat, and told of in a group', async () => {
  const theirs = await world.bobSays(rooms.directJid, { text: 'forget this' })
  const { event_id } = await world.message(rooms.direct, 'forget this')
  desk.deleteForMe(world.bob.pn, theirs.key.id ?? '', false)
  await world.redacted(rooms.direct, event_id)
  const mine = await alice().sendText(rooms.direct, 'and what I said')
  const { message } = await world.text('and what I said')
  await world.quiet()
  desk.deleteForMe(world.bob.lid, message.key.id ?? '', true)
  await world.redacted(rooms.direct, mine)
  // Bob has it still.
  expect(
    world.bob.client
      .all('messages.update')
      .flat()
      .filter(({ update }) => update.message === null),
  ).toEqual([])
  const inGroup = await world.bobSays(rooms.groupJid, { text: 'to all of you' })
  await world.message(rooms.group, 'to all of you')
  desk.deleteForMe(rooms.groupJid, inGroup.key.id ?? '', false)
  await world.alice.heard('You deleted a message in “Tea room” for yourself')
})

test('a chat that is cleared or deleted on the phone is told of', async () => {
  desk.clearChat(world.bob.pn)
  await world.see(rooms.direct, 'You cleared this chat on WhatsApp')
  desk.deleteChat(world.bob.pn)
  await world.see(rooms.direct, 'You deleted this chat on WhatsApp')
  desk.deleteChat(rooms.groupJid)
  await world.alice.heard('You deleted “Tea room” on WhatsApp')
})

test('a star is a bookmark of hers and nobody else’s', async () => {
  const said = await world.bobSays(rooms.directJid, { text: 'a star' })
  await world.message(rooms.direct, 'a star')
  await world.quiet()
  const before = world.homeserver.timeline(rooms.direct).length
  desk.star(world.bob.pn, said.key.id ?? '', false, true)
  await world.bobSays(rooms.directJid, { text: 'after the star' })
  await world.message(rooms.direct, 'after the star')
  expect(world.homeserver.timeline(rooms.direct).length).toBe(before + 1)
})
