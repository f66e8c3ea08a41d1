import { expect, test } from 'vitest'
import { pair } from './test-device.ts'

test.each([
  ['send_messages', 'USER_BANNED_IN_CHANNEL', 'x'],
  ['send_plain', '403 CHAT_SEND_PLAIN_FORBIDDEN', 'x'],
  ['send_photos', '403 CHAT_SEND_PHOTOS_FORBIDDEN', undefined],
  ['send_media', '403 CHAT_SEND_MEDIA_FORBIDDEN', undefined],
] as const)('a member without %s gets %s', (ban, error, text) => {
  const { tg, alice, bob } = pair()
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  tg.restrict(alice, group, bob, ban)
  const media = tg.media.photo(Buffer.from('picture'))
  expect(() => tg.say(bob, group, text === undefined ? { media } : text)).toThrow(error)
  tg.restrict(alice, group, bob)
  tg.say(bob, group, text === undefined ? { media } : text)
})

test('what nobody may do, administrators may', () => {
  const { tg, alice, bob, a, b } = pair()
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  const rights = { _: 'chatBannedRights', send_messages: true, change_info: true, until_date: 0 }
  a.ask('messages.editChatDefaultBannedRights', { peer: a.peer(group), banned_rights: rights })
  const say = () => b.ask('messages.sendMessage', { peer: b.peer(group), message: 'x', random_id: 1n })
  expect(say).toThrow('403 CHAT_WRITE_FORBIDDEN')
  expect(() => tg.rename(bob, group, 'New')).toThrow('CHAT_ADMIN_REQUIRED')
  const admin_rights = { _: 'chatAdminRights', change_info: true }
  a.ask('channels.editAdmin', {
    channel: a.channel(group),
    user_id: a.user(bob),
    admin_rights,
    rank: 'helper',
  })
  say()
  tg.rename(bob, group, 'New')
  expect(() => tg.kick(bob, group, alice)).toThrow('CHAT_ADMIN_REQUIRED')
  const own = b.ask('channels.getParticipant', {
    channel: b.channel(group),
    participant: { _: 'inputPeerSelf' },
  })
  expect(own['participant']).toMatchObject({ _: 'channelParticipantAdmin', rank: 'helper', self: true })
})

test('slow mode lets a member write once in a while', () => {
  const { tg, wire, alice, bob } = pair()
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  tg.slowmode(group, 30)
  tg.say(bob, group, 'one')
  wire.time += 10
  expect(() => tg.say(bob, group, 'two')).toThrow('420 SLOWMODE_WAIT_20')
  tg.say(alice, group, 'mine')
  wire.time += 20
  tg.say(bob, group, 'two')
})

test('messages of others are removed by administrators only', () => {
  const { tg, alice, bob, a, b } = pair()
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  const [hers, his] = [tg.say(alice, group, 'hers'), tg.say(bob, group, 'his')]
  const remove = (id: number) => ({ channel: b.channel(group), id: [id] })
  expect(() => b.ask('channels.deleteMessages', remove(hers.channelId))).toThrow(
    '403 MESSAGE_DELETE_FORBIDDEN',
  )
  expect(a.ask('channels.deleteMessages', { channel: a.channel(group), id: [his.channelId] })).toMatchObject({
    pts_count: 1,
  })
  expect(b.updates.at(-1)).toMatchObject({
    _: 'updateDeleteChannelMessages',
    messages: [his.channelId],
    pts_count: 1,
  })
})

test('in a basic group members remove messages of others for themselves only', () => {
  const { tg, alice, bob, b } = pair()
  const group = tg.group({ title: 'G', members: [alice, bob] })
  const [hers, his] = [tg.say(alice, group, 'hers'), tg.say(bob, group, 'his')]
  b.ask('messages.deleteMessages', { id: [hers, his].map((post) => post.idFor(bob)), revoke: true })
  const left = (of: typeof alice) =>
    tg
      .view(of, group)
      .slice(1)
      .map(({ text }) => text)
  expect([left(alice), left(bob)]).toEqual([['hers'], []])
  tg.remove(alice, tg.say(bob, group, 'rude'))
  expect(left(bob)).toEqual([])
})
