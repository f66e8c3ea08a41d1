import { proto } from '@whiskeysockets/baileys'
import type { WAMessage } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WhatsAppWorld } from '../support/whatsapp-world.ts'
import { doublePuppet } from '../support/worlds.ts'

/** Who reads, types and is there, what is pinned, what disappears, who calls: on both sides. */
let world: WhatsAppWorld
let direct: string
let group: string
let room: string

beforeAll(async () => {
  world = await WhatsAppWorld.start({
    ...doublePuppet,
    settings: { ...doublePuppet.settings, presence: true },
  })
  const { bob, her } = world
  direct = await world.enter(bob, her.pn)
  group = (await bob.socket.groupCreate('Tea room', [her.pn])).id
  room = await world.enter(bob, group)
})

afterAll(async () => {
  await world.proveDelivered()
  await world.close()
})

const alice = () => world.alice.user
/** The two places in which something is tried: the room, and the chat as Bob's app calls it. */
const places = (): [room: string, chat: string][] => [
  [direct, world.her.pn],
  [room, group],
]
const keyed = (message: WAMessage | undefined) => {
  if (message === undefined) throw new Error('nothing was sent')
  return message.key
}
const { READ, DELIVERY_ACK } = proto.WebMessageInfo.Status

test('what bob has read is read on Matrix, and what reached him is marked as delivered', async () => {
  for (const [where] of places()) {
    const mine = await alice().sendText(where, 'have you read it?')
    const chat = where === room ? group : undefined
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
  const sent = await world.bob.socket.sendMessage(world.her.pn, { text: 'read this' })
  await world.bob.status(sent?.key.id, DELIVERY_ACK)
  await alice().receipt(direct, (await world.message(direct, 'read this')).event_id)
  await world.bob.status(sent?.key.id, READ)
  const three = []
  for (const text of ['one', 'two', 'three'])
    three.push(await world.bob.socket.sendMessage(world.her.pn, { text }))
  await alice().receipt(direct, (await world.message(direct, 'three')).event_id)
  // WhatsApp marks each message, Matrix the last one.
  for (const each of three) await world.bob.status(each?.key.id, READ)
  const inGroup = await world.bob.socket.sendMessage(group, { text: 'read this, all' })
  await alice().receipt(room, (await world.message(room, 'read this, all')).event_id)
  expect([world.her.pn, world.her.lid]).toContain(await world.bob.readBy(inGroup?.key.id))
})

test('what she has read on her phone is read on Matrix as by herself', async () => {
  for (const [where, chat] of places()) {
    const text = `read on the phone in ${chat}`
    await world.bob.socket.sendMessage(chat, { text })
    const { event_id } = await world.message(where, text)
    const got = await world.her.heardText(text)
    await world.her.socket.readMessages([got.key])
    await world.until(() => world.homeserver.readMark(where, alice().userId) === event_id, 'her mark')
  }
})

test('typing, both ways', async () => {
  const bob = world.ghost(world.bob)
  for (const [where, chat] of places()) {
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
  for (const [where, chat] of places()) {
    const sent = keyed(await world.bob.socket.sendMessage(chat, { text: 'important' }))
    const { event_id } = await world.message(where, 'important')
    await world.bob.socket.sendMessage(chat, { pin: sent, type: PIN_FOR_ALL, time: 86_400 })
    await world.until(() => pinned(where).includes(event_id), 'the pin')
    await world.bob.socket.sendMessage(chat, { pin: sent, type: UNPIN_FOR_ALL })
    await world.until(() => !pinned(where).includes(event_id), 'the pin to go')
  }
  const sent = keyed(await world.bob.socket.sendMessage(world.her.pn, { text: 'pin me' }))
  const { event_id } = await world.message(direct, 'pin me')
  await alice().state(direct, 'm.room.pinned_events', '', { pinned: [event_id] })
  const isAbout = (type: proto.Message.PinInChatMessage.Type) => (content: proto.IMessage) =>
    content.pinInChatMessage?.key?.id === sent.id && content.pinInChatMessage?.type === type
  await world.sees(isAbout(PIN_FOR_ALL), 'her pin')
  await alice().state(direct, 'm.room.pinned_events', '', { pinned: [] })
  await world.sees(isAbout(UNPIN_FOR_ALL), 'no pin')
})

test('messages that disappear: the room says so, and what is written on Matrix disappears too', async () => {
  const { bob, her } = world
  await bob.socket.sendMessage(her.pn, { disappearingMessagesInChat: 7 * 86_400 })
  await world.see(direct, 'Bob set messages to disappear after 7 days')
  await bob.socket.sendMessage(her.pn, { text: 'soon gone' }, { ephemeralExpiration: 7 * 86_400 })
  const { event_id } = await world.message(direct, 'soon gone')
  await world.see(direct, 'disappear on the network after 7 days. In this room they stay.')
  await alice().sendText(direct, 'gone as well')
  const { content } = await world.text('gone as well')
  expect(content.extendedTextMessage?.contextInfo?.expiration).toBe(7 * 86_400)
  await bob.socket.sendMessage(her.pn, { disappearingMessagesInChat: false })
  await world.see(direct, 'Bob set messages not to disappear')
  await alice().sendText(direct, 'here to stay')
  expect((await world.text('here to stay')).content.extendedTextMessage?.contextInfo?.expiration ?? 0).toBe(0)
  expect(world.homeserver.timeline(direct).some((e) => e.event_id === event_id)).toBe(true)
  await bob.socket.groupToggleEphemeral(group, 86_400)
  await world.see(room, 'Bob set messages to disappear after 1 day')
  await alice().sendText(room, 'gone in the group')
  const inGroup = await world.text('gone in the group')
  expect(inGroup.content.extendedTextMessage?.contextInfo?.expiration).toBe(86_400)
})

test('a timer set by a command on Matrix', async () => {
  await alice().sendText(direct, '!viaduct disappear 24h')
  await world.sees(
    ({ protocolMessage }) => protocolMessage?.ephemeralExpiration === 86_400,
    'the timer on WhatsApp',
  )
  await alice().sendText(direct, 'with a timer')
  expect((await world.text('with a timer')).content.extendedTextMessage?.contextInfo?.expiration).toBe(86_400)
  await alice().sendText(direct, '!viaduct disappear off')
  await alice().sendText(room, '!viaduct disappear 7d')
  await world.until(
    () => world.wa.world.groups.find(group)?.ephemeral === 7 * 86_400,
    'the timer of the group',
  )
  await alice().sendText(room, '!viaduct disappear 3h')
  await world.see(room, 'WhatsApp knows')
})

test('what may be seen once only is left to the phone', async () => {
  const { bob, her } = world
  await bob.socket.sendMessage(her.pn, { image: Buffer.from('secret'), viewOnce: true, jpegThumbnail: '' })
  await world.see(direct, 'once')
})

test('calls: that somebody calls, and that nobody answered', async () => {
  const { bob, her, wa } = world
  const call = wa.world.calls.ring(bob.account, her.account)
  await world.see(direct, 'A voice call comes in. Open WhatsApp to answer it.')
  wa.world.calls.end(call, 'timeout')
  await world.see(direct, 'A missed voice call. Open WhatsApp to call back.')
  const second = wa.world.calls.ring(bob.account, her.account, true)
  await world.see(direct, 'A video call comes in. Open WhatsApp to answer it.')
  wa.world.calls.end(second, 'terminate')
})

test('a status update is told of in a room of its own', async () => {
  const { bob, her } = world
  await bob.socket.sendMessage(
    'status@broadcast',
    { text: 'look at my day' },
    { statusJidList: [her.pn], broadcast: true },
  )
  const find = () =>
    world.homeserver
      .roomIds()
      .find((id) => world.homeserver.state(id, 'm.room.name')?.['name'] === 'Status updates')
  await world.until(() => find() !== undefined, 'the room of status updates')
  const notice = await world.event(find() ?? '', 'A new status update')
  expect(notice.sender).toBe(world.ghost(bob))
})
