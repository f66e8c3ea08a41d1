import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PhoneDesk } from '../sim/whatsapp/world/phone.ts'
import { WhatsAppWorld } from '../support/whatsapp-world.ts'
import { doublePuppet } from '../support/worlds.ts'

/** What the owner of the account does on their phone with conversations, and what they do with them on Matrix. */
let world: WhatsAppWorld
let desk: PhoneDesk
let direct: string
let group: string
let room: string

beforeAll(async () => {
  world = await WhatsAppWorld.start(doublePuppet)
  const { wa, bob, her } = world
  desk = wa.world.desk(her.account.phone)
  direct = await world.enter(bob, her.pn)
  const made = await bob.socket.groupCreate('Tea room', [her.pn])
  group = made.id
  room = await world.enter(bob, group)
})

afterAll(async () => {
  await world.proveDelivered()
  await world.close()
})

const alice = () => world.alice.user
const data = (type: string, where = direct) => world.homeserver.accountData(alice().userId, type, where)
const tags = (where = direct) => Object.keys((data('m.tag', where)?.['tags'] ?? {}) as object)
const isMuted = (where = direct) => data('sim.push_rule', where)?.['actions'] !== undefined

test('muted on the phone is muted on Matrix, for as long as it was to last', async () => {
  desk.mute(world.bob.pn, -1)
  await world.until(() => isMuted(), 'it to be silent')
  desk.mute(world.bob.pn, undefined)
  await world.until(() => !isMuted(), 'it to be heard')
  desk.mute(group, world.clock.now().getTime() + 8 * 3_600_000)
  await world.until(() => isMuted(room), 'the group to be silent')
  await world.quiet()
  world.clock.jump(9 * 3_600_000)
  await world.until(() => !isMuted(room), 'the group to be heard again when the time is over')
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
  const carol = await world.whatsapp.person('4915312345678', 'Carol')
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
  const of = (type: string) => world.homeserver.accountData(dora.user.userId, type, hisRoom)
  const has = () =>
    Object.keys((of('m.tag')?.['tags'] ?? {}) as object)
      .toSorted()
      .join()
  await world.until(() => has() === 'm.favourite,m.lowpriority', 'it to be pinned and locked away')
  await world.until(() => of('sim.push_rule')?.['actions'] !== undefined, 'it to be silent')
  await world.until(
    () => world.homeserver.state(hisRoom, 'm.room.name')?.['name'] === 'Dr. Builder',
    'her name for him',
  )
  phone.lock(bob.pn, false)
  await world.until(() => has() === 'm.favourite', 'it to be unlocked')
  wa.world.switches.givesSnapshots = false
})

test('what was done on the phone while the bridge was away', async () => {
  await world.quiet()
  await world.stack.restart(() => {
    desk.archive(group, true)
    desk.pin(world.bob.pn, true)
  })
  await world.until(() => tags(room).includes('m.lowpriority'), 'the group to be archived')
  await world.until(() => tags().includes('m.favourite'), 'him to be a favourite')
})

test('put away by commands on Matrix, it is so on WhatsApp', async () => {
  const action = (what: string, chat: string) => desk.value(what, chat)
  const both = (what: string) => action(what, world.bob.lid) ?? action(what, world.bob.pn)
  const say = (words: string, where = direct) => alice().sendText(where, `!viaduct chat ${words}`)
  await say('mute')
  await world.until(() => both('mute')?.muteAction?.muted === true, 'it to be silent')
  await say('unmute')
  await world.until(() => both('mute')?.muteAction?.muted === false, 'it to be heard')
  await say('archive', room)
  await world.until(() => action('archive', group)?.archiveChatAction?.archived === true, 'it to be archived')
  await say('unarchive', room)
  await world.until(() => action('archive', group)?.archiveChatAction?.archived === false, 'it to be back')
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
  const theirs = await world.bob.socket.sendMessage(world.her.pn, { text: 'forget this' })
  const { event_id } = await world.message(direct, 'forget this')
  desk.deleteForMe(world.bob.pn, theirs?.key.id ?? '', false)
  await world.redacted(direct, event_id)
  const mine = await alice().sendText(direct, 'and what I said')
  const { message } = await world.text('and what I said')
  await world.quiet()
  desk.deleteForMe(world.bob.lid, message.key.id ?? '', true)
  await world.redacted(direct, mine)
  // Bob has it still.
  expect(
    world.bob.client
      .all('messages.update')
      .flat()
      .filter(({ update }) => update.message === null),
  ).toEqual([])
  const inGroup = await world.bob.socket.sendMessage(group, { text: 'to all of you' })
  await world.message(room, 'to all of you')
  desk.deleteForMe(group, inGroup?.key.id ?? '', false)
  await world.alice.heard('You deleted a message in “Tea room” for yourself')
})

test('a chat that is cleared or deleted on the phone is told of', async () => {
  desk.clearChat(world.bob.pn)
  await world.see(direct, 'You cleared this chat on WhatsApp')
  desk.deleteChat(world.bob.pn)
  await world.see(direct, 'You deleted this chat on WhatsApp')
  desk.deleteChat(group)
  await world.alice.heard('You deleted “Tea room” on WhatsApp')
})

test('a star is a bookmark of hers and nobody else’s', async () => {
  const said = await world.bob.socket.sendMessage(world.her.pn, { text: 'a star' })
  await world.message(direct, 'a star')
  await world.quiet()
  const before = world.homeserver.timeline(direct).length
  desk.star(world.bob.pn, said?.key.id ?? '', false, true)
  await world.bob.socket.sendMessage(world.her.pn, { text: 'after the star' })
  await world.message(direct, 'after the star')
  expect(world.homeserver.timeline(direct).length).toBe(before + 1)
})
