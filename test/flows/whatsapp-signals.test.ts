import { proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { photo } from '../support/whatsapp-media.ts'
import { WhatsAppRooms } from '../support/whatsapp-rooms.ts'
import { WhatsAppWorld } from '../support/whatsapp-world.ts'
import { doublePuppet } from '../support/worlds.ts'

/** Who reads, types and is there, what is pinned, what disappears, who calls: on both sides. */
let world: WhatsAppWorld
let rooms: WhatsAppRooms

beforeAll(async () => {
  world = await WhatsAppWorld.start({
    ...doublePuppet,
    settings: { ...doublePuppet.settings, presence: true },
  })
  rooms = await WhatsAppRooms.enter(world, { by: 'pn' })
})

afterAll(() => world.end())

const alice = () => world.alice.user
const { READ, DELIVERY_ACK } = proto.WebMessageInfo.Status

test('what bob has read is read on Matrix, and what reached him is marked as delivered', async () => {
  for (const [where] of rooms.places) {
    const mine = await alice().sendText(where, 'have you read it?')
    const chat = where === rooms.group ? rooms.groupJid : undefined
    const { message } = await world.sees(
      ({ conversation, extendedTextMessage: text }, { key }) =>
        (conversation ?? text?.text) === 'have you read it?' &&
        (chat === undefined || key.remoteJid === chat),
      'her question',
    )
    await world.until(
      () => world.homeserver.readMark(where, '@viaductbot:sim.local') !== undefined,
      'the mark of the bridge',
    )
    await world.bob.socket.readMessages([message.key])
    await world.until(() => world.homeserver.readMark(where, world.ghost(world.bob)) === mine, 'his mark')
  }
})

test('what alice has read on Matrix is read on WhatsApp', async () => {
  const sent = await world.bobSays(rooms.directJid, { text: 'read this' })
  await world.bob.status(sent.key.id, DELIVERY_ACK)
  await alice().receipt(rooms.direct, (await world.message(rooms.direct, 'read this')).event_id)
  await world.bob.status(sent.key.id, READ)
  const three = []
  for (const text of ['one', 'two', 'three']) three.push(await world.bobSays(rooms.directJid, { text }))
  await alice().receipt(rooms.direct, (await world.message(rooms.direct, 'three')).event_id)
  // WhatsApp marks each message, Matrix the last one.
  for (const each of three) await world.bob.status(each.key.id, READ)
  const inGroup = await world.bobSays(rooms.groupJid, { text: 'read this, all' })
  await alice().receipt(rooms.group, (await world.message(rooms.group, 'read this, all')).event_id)
  expect([world.her.pn, world.her.lid]).toContain(await world.bob.readBy(inGroup.key.id))
})

test('what she has read on her phone is read on Matrix as by herself', async () => {
  for (const [where, chat] of rooms.places) {
    const text = `read on the phone in ${chat}`
    await world.bobSays(chat, { text })
    const { event_id } = await world.message(where, text)
    const got = await world.her.heardText(text)
    await world.her.socket.readMessages([got.key])
    await world.until(() => world.homeserver.readMark(where, alice().userId) === event_id, 'her mark')
  }
})

test('typing, both ways', async () => {
  const bob = world.ghost(world.bob)
  for (const [where, chat] of rooms.places) {
    await world.bob.socket.sendPresenceUpdate('composing', chat)
    await world.until(() => world.homeserver.typing(where).includes(bob), 'bob to type')
    await world.bob.socket.sendPresenceUpdate('paused', chat)
    await world.until(() => !world.homeserver.typing(where).includes(bob), 'bob to stop')
    const types = (type: string) =>
      world.bob.client
        .all('presence.update')
        .filter(({ presences }) => Object.values(presences).some((each) => each.lastKnownPresence === type))
        .length
    const [typed, stopped] = [types('composing'), types('available')]
    await alice().typing(where, true)
    await world.until(() => types('composing') > typed, 'alice to type')
    await alice().typing(where, false)
    await world.until(() => types('available') > stopped, 'alice to stop')
  }
})

test('presence of a contact', async () => {
  const bob = world.ghost(world.bob)
  await world.bob.socket.sendPresenceUpdate('available')
  await world.until(() => world.homeserver.presence(bob)?.['presence'] === 'online', 'bob to be there')
  await world.bob.socket.sendPresenceUpdate('unavailable')
  await world.until(() => world.homeserver.presence(bob)?.['presence'] !== 'online', 'bob to be gone')
})

test('pins, both ways', async () => {
  const pinned = (where: string) =>
    (world.homeserver.state(where, 'm.room.pinned_events')?.['pinned'] ?? []) as string[]
  const { PIN_FOR_ALL, UNPIN_FOR_ALL } = proto.Message.PinInChatMessage.Type
  for (const [where, chat] of rooms.places) {
    const sent = await world.bobSays(chat, { text: 'important' })
    const { event_id } = await world.message(where, 'important')
    await world.bobSays(chat, { pin: sent.key, type: PIN_FOR_ALL, time: 86_400 })
    await world.until(() => pinned(where).includes(event_id), 'the pin')
    await world.bobSays(chat, { pin: sent.key, type: UNPIN_FOR_ALL })
    await world.until(() => !pinned(where).includes(event_id), 'the pin to go')
  }
  const sent = await world.bobSays(rooms.directJid, { text: 'pin me' })
  const { event_id } = await world.message(rooms.direct, 'pin me')
  await alice().state(rooms.direct, 'm.room.pinned_events', '', { pinned: [event_id] })
  const isAbout = (type: proto.Message.PinInChatMessage.Type) => (content: proto.IMessage) =>
    content.pinInChatMessage?.key?.id === sent.key.id && content.pinInChatMessage?.type === type
  await world.sees(isAbout(PIN_FOR_ALL), 'her pin')
  await alice().state(rooms.direct, 'm.room.pinned_events', '', { pinned: [] })
  await world.sees(isAbout(UNPIN_FOR_ALL), 'no pin')
})

test('messages that disappear: the room says so, and what is written on Matrix disappears too', async () => {
  await world.bobSays(rooms.directJid, { disappearingMessagesInChat: 7 * 86_400 })
  await world.see(rooms.direct, 'Bob set messages to disappear after 7 days')
  await world.bobSays(rooms.directJid, { text: 'soon gone' }, { ephemeralExpiration: 7 * 86_400 })
  const { event_id } = await world.message(rooms.direct, 'soon gone')
  await world.see(rooms.direct, 'disappear on the network after 7 days. In this room they stay.')
  await alice().sendText(rooms.direct, 'gone as well')
  const { content } = await world.text('gone as well')
  expect(content.extendedTextMessage?.contextInfo?.expiration).toBe(7 * 86_400)
  await world.bobSays(rooms.directJid, { disappearingMessagesInChat: false })
  await world.see(rooms.direct, 'Bob set messages not to disappear')
  await alice().sendText(rooms.direct, 'here to stay')
  expect((await world.text('here to stay')).content.extendedTextMessage?.contextInfo?.expiration ?? 0).toBe(0)
  expect(world.homeserver.timeline(rooms.direct).some((e) => e.event_id === event_id)).toBe(true)
  await world.bob.socket.groupToggleEphemeral(rooms.groupJid, 86_400)
  await world.see(rooms.group, 'Bob set messages to disappear after 1 day')
  await alice().sendText(rooms.group, 'gone in the group')
  const inGroup = await world.text('gone in the group')
  expect(inGroup.content.extendedTextMessage?.contextInfo?.expiration).toBe(86_400)
})

test('a timer set by a command on Matrix', async () => {
  await alice().sendText(rooms.direct, '!viaduct disappear 24h')
  await world.sees(
    ({ protocolMessage }) => protocolMessage?.ephemeralExpiration === 86_400,
    'the timer on WhatsApp',
  )
  await alice().sendText(rooms.direct, 'with a timer')
  expect((await world.text('with a timer')).content.extendedTextMessage?.contextInfo?.expiration).toBe(86_400)
  await alice().sendText(rooms.direct, '!viaduct disappear off')
  await alice().sendText(rooms.group, '!viaduct disappear 7d')
  await world.until(
    () => world.wa.world.groups.find(rooms.groupJid)?.ephemeral === 7 * 86_400,
    'the timer of the group',
  )
  await alice().sendText(rooms.group, '!viaduct disappear 3h')
  await world.see(rooms.group, 'WhatsApp knows')
})

test('what may be seen once only is left to the phone', async () => {
  await world.bobSays(rooms.directJid, { ...photo('secret'), viewOnce: true })
  await world.see(rooms.direct, 'once')
})

test('calls: that somebody calls, and that nobody answered', async () => {
  const { bob, her, wa } = world
  const call = wa.world.calls.ring(bob.account, her.account)
  await world.see(rooms.direct, 'A voice call comes in. Open WhatsApp to answer it.')
  wa.world.calls.end(call, 'timeout')
  await world.see(rooms.direct, 'A missed voice call. Open WhatsApp to call back.')
  const second = wa.world.calls.ring(bob.account, her.account, true)
  await world.see(rooms.direct, 'A video call comes in. Open WhatsApp to answer it.')
  wa.world.calls.end(second, 'terminate')
})

test('a status update is told of in a room of its own', async () => {
  const { bob, her } = world
  await bob.socket.sendMessage(
    'status@broadcast',
    { text: 'look at my day' },
    { statusJidList: [her.pn], broadcast: true },
  )
  const notice = await world.event(await world.roomNamed('Status updates'), 'A new status update')
  expect(notice.sender).toBe(world.ghost(bob))
})
