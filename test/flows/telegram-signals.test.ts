import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from 'telegram'
import type { Phone } from '../sim/telegram/clients/phone.ts'
import type { Channel } from '../sim/telegram/world/index.ts'
import { TelegramWorld } from '../support/telegram-world.ts'
import { doublePuppet } from '../support/worlds.ts'

/** Who reads, types and is there, what is pinned, and how a chat is put away, on both sides. */
let world: TelegramWorld
let phone: Phone
let group: Channel
let room: string
let direct: string

beforeAll(async () => {
  world = await TelegramWorld.start({
    ...doublePuppet,
    settings: { ...doublePuppet.settings, presence: true },
  })
  const { tg, bob, her } = world
  group = tg.supergroup({ title: 'Tea room', members: [bob, her] })
  room = await world.enter(bob, group)
  direct = await world.enter(bob, her)
  phone = await world.phone(bob)
})

afterAll(async () => {
  await world.proveDelivered()
  await phone.close()
  await world.close()
})

const alice = () => world.alice.user

test('what bob has read is read on Matrix', async () => {
  const mine = await alice().sendText(direct, 'have you read it?')
  await world.text(world.her, 'have you read it?')
  await phone.read(world.peer(world.her))
  await world.until(() => world.homeserver.readMark(direct, world.ghost(world.bob)) === mine, 'his mark')
})

test('what alice has read on Matrix is read on Telegram, in a direct chat and in a group', async () => {
  for (const [where, chat] of [
    [direct, world.her],
    [room, group],
  ] as const) {
    const id = await phone.sendText(world.peer(chat), 'read this')
    const { event_id } = await world.message(where, 'read this')
    await alice().receipt(where, event_id)
    const there = chat === world.her ? world.bob : group
    await world.until(
      () => world.tg.view(world.her, there).some(({ text, read }) => text === 'read this' && read),
      'her mark on Telegram',
    )
    expect(id).toBeGreaterThan(0)
  }
})

test('what she has read on her phone is read on Matrix as by herself', async () => {
  await phone.sendText(world.peer(world.her), 'read on the phone')
  const { event_id } = await world.message(direct, 'read on the phone')
  world.tg.read(world.her, world.bob)
  await world.until(() => world.homeserver.readMark(direct, alice().userId) === event_id, 'her mark')
})

test('typing, both ways', async () => {
  for (const [where, chat] of [
    [direct, world.her],
    [room, group],
  ] as const) {
    const bob = world.ghost(world.bob)
    await phone.typing(world.peer(chat))
    await world.until(() => world.homeserver.typing(where).includes(bob), 'bob to type')
    world.tg.stopTyping(world.bob, chat)
    await world.until(() => !world.homeserver.typing(where).includes(bob), 'bob to stop')
    const typed = world.wire.journal.calls({ method: 'messages.setTyping', userId: world.her.id }).length
    await alice().typing(where, true)
    await world.until(
      () => world.wire.journal.calls({ method: 'messages.setTyping', userId: world.her.id }).length > typed,
      'alice to type',
    )
    await alice().typing(where, false)
  }
})

test('presence of a contact', async () => {
  const bob = world.ghost(world.bob)
  world.tg.online(world.bob)
  await world.until(() => world.homeserver.presence(bob)?.['presence'] === 'online', 'bob to be there')
  world.tg.online(world.bob, false)
  await world.until(() => world.homeserver.presence(bob)?.['presence'] !== 'online', 'bob to be gone')
})

test('pins, both ways', async () => {
  const pinned = (where: string) =>
    (world.homeserver.state(where, 'm.room.pinned_events')?.['pinned'] ?? []) as string[]
  world.tg.promote(world.bob, group, world.her, 'pin_messages')
  const id = await phone.sendText(world.peer(group), 'important')
  const { event_id } = await world.message(room, 'important')
  await phone.pin(world.peer(group), id)
  await world.until(() => pinned(room).includes(event_id), 'the pin')
  await phone.pin(world.peer(group), id, false)
  await world.until(() => !pinned(room).includes(event_id), 'the pin to go')
  await phone.sendText(world.peer(world.her), 'pin me')
  const said = await world.message(direct, 'pin me')
  await alice().state(direct, 'm.room.pinned_events', '', { pinned: [said.event_id] })
  await world.sees(world.her, ({ text, pinned: is }) => text === 'pin me' && is, 'her pin')
  await alice().state(direct, 'm.room.pinned_events', '', { pinned: [] })
  await world.sees(world.her, ({ text, pinned: is }) => text === 'pin me' && !is, 'no pin')
})

test('muted, archived, unread and favourite on her phone is so for her on Matrix', async () => {
  const herPhone = await world.phone(world.her)
  const peer = await herPhone.peer(world.peer(world.bob))
  const dialog = new Api.InputDialogPeer({ peer })
  const data = (type: string) => world.homeserver.accountData(alice().userId, type, direct)
  const tags = () => Object.keys((data('m.tag')?.['tags'] ?? {}) as object)
  await herPhone.invoke(
    new Api.folders.EditPeerFolders({ folderPeers: [new Api.InputFolderPeer({ peer, folderId: 1 })] }),
  )
  await world.until(() => tags().includes('m.lowpriority'), 'it to be archived')
  await herPhone.invoke(new Api.messages.ToggleDialogPin({ peer: dialog, pinned: true }))
  await world.until(() => tags().includes('m.favourite'), 'it to be a favourite')
  await herPhone.invoke(new Api.messages.MarkDialogUnread({ peer: dialog, unread: true }))
  await world.until(() => data('m.marked_unread')?.['unread'] === true, 'it to be unread')
  const mute = (muteUntil: number) =>
    herPhone.invoke(
      new Api.account.UpdateNotifySettings({
        peer: new Api.InputNotifyPeer({ peer }),
        settings: new Api.InputPeerNotifySettings({ muteUntil }),
      }),
    )
  const isMuted = () => data('sim.push_rule')?.['actions'] !== undefined
  await mute(2 ** 31 - 1)
  await world.until(isMuted, 'it to be silent')
  await mute(0)
  await world.until(() => !isMuted(), 'it to be heard')
  await herPhone.close()
})

test('muted and archived by a command on Matrix is so on Telegram', async () => {
  const dialog = () => world.her.dialogs.get(world.tg.room(world.her, world.bob))
  await alice().sendText(direct, '!viaduct chat mute')
  await world.until(() => (dialog()?.muteUntil ?? 0) > 0, 'it to be silent')
  await alice().sendText(direct, '!viaduct chat unarchive')
  await world.until(() => dialog()?.folder === 0, 'it to be out of the archive')
})
