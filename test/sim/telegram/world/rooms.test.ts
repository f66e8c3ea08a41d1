import { expect, test } from 'vitest'
import { listOf, objectOf, pair, updatesIn } from './test-device.ts'

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function start() {
  const world = pair()
  return { ...world, carol: world.tg.user({ firstName: 'Carol' }) }
}

const actions = (seen: readonly { action: unknown }[]) =>
  seen.flatMap(({ action }) => (action === undefined ? [] : [action]))

test('a basic group: made, joined, left, with numbers of each member’s own', () => {
  const { tg, alice, bob, carol, a, b } = start()
  tg.say(bob, carol, 'elsewhere')
  const made = a.ask('messages.createChat', { users: [a.user(bob)], title: 'Group' })
  const group = [...tg.realm.groups.values()][0]
  if (group === undefined) throw new Error('no group')
  expect(listOf(objectOf(made['updates'])['chats'])).toMatchObject([{ id: group.id, title: 'Group' }])
  a.ask('messages.addChatUser', { chat_id: group.id, user_id: a.user(carol), fwd_limit: 0 })
  tg.say(carol, group, 'hi')
  b.ask('messages.deleteChatUser', { chat_id: group.id, user_id: b.user(bob) })
  expect(tg.view(alice, group).map(({ id }) => id)).toEqual([1, 2, 3, 4])
  expect(tg.view(bob, group).map(({ id }) => id)).toEqual([2, 3, 4, 5])
  expect(tg.view(carol, group).map(({ text, action }) => action?._ ?? text)).toEqual([
    'messageActionChatAddUser',
    'hi',
    'messageActionChatDeleteUser',
  ])
  expect(b.pushes.at(-1)?.['updates']).toMatchObject([{ _: 'updateNewMessage' }])
  expect(() => b.ask('messages.sendMessage', { peer: b.peer(group), message: 'x', random_id: 1n })).toThrow(
    '403 CHAT_WRITE_FORBIDDEN',
  )
  const full = objectOf(a.ask('messages.getFullChat', { chat_id: group.id })['full_chat'])
  expect(listOf(objectOf(full['participants'])['participants']).map(({ _ }) => _)).toEqual([
    'chatParticipantCreator',
    'chatParticipant',
  ])
})

test('changes of members are counted and told', () => {
  const { tg, alice, bob, carol, b } = start()
  const group = tg.group({ title: 'G', members: [alice, bob] })
  const { version } = group
  tg.add(alice, group, carol)
  tg.kick(alice, group, carol)
  const told = b.updates.filter(({ _ }) => _.startsWith('updateChatParticipant'))
  expect(told.map((update) => [update._, update['version']])).toEqual([
    ['updateChatParticipantAdd', version + 1],
    ['updateChatParticipantDelete', version + 2],
  ])
})

test('title, picture, description and timer of groups and channels', () => {
  const { tg, alice, bob, a, b } = start()
  const rooms = [
    tg.group({ title: 'G', members: [alice, bob] }),
    tg.supergroup({ title: 'S', members: [alice, bob] }),
  ]
  for (const room of rooms) {
    tg.rename(alice, room, 'New')
    tg.picture(alice, room, Buffer.from('picture'))
    tg.setTtl(alice, room, 86_400)
    a.call('messages.editChatAbout', { peer: a.peer(room), about: 'What it is' })
    expect(actions(tg.view(bob, room)).slice(1)).toMatchObject([
      { _: 'messageActionChatEditTitle', title: 'New' },
      { _: 'messageActionChatEditPhoto', photo: { _: 'photo' } },
      { _: 'messageActionSetMessagesTTL', period: 86_400 },
    ])
    tg.say(bob, room, 'gone tomorrow')
    expect(tg.view(alice, room).at(-1)?.tl['ttl_period']).toBe(86_400)
    const full =
      room.kind === 'group'
        ? b.ask('messages.getFullChat', { chat_id: room.id })
        : b.ask('channels.getFullChannel', { channel: b.channel(room) })
    expect(full['full_chat']).toMatchObject({ about: 'What it is', chat_photo: { _: 'photo' } })
    expect(listOf(full['chats'])[0]).toMatchObject({ title: 'New', photo: { _: 'chatPhoto' } })
    expect(() => tg.rename(alice, room, 'New')).toThrow('CHAT_NOT_MODIFIED')
  }
})

test('a basic group becomes a supergroup: new numbers, the old chat is closed', () => {
  const { tg, alice, bob, a, b } = start()
  const group = tg.group({ title: 'G', members: [alice, bob] })
  tg.say(bob, group, 'before')
  const answer = a.ask('messages.migrateChat', { chat_id: group.id })
  const channel = group.migratedTo
  if (channel === undefined) throw new Error('not migrated')
  expect(
    listOf(answer['chats'])
      .map(({ _ }) => _)
      .toSorted(),
  ).toEqual(['channel', 'chat'])
  expect(actions(tg.view(bob, group)).at(-1)).toEqual({
    _: 'messageActionChatMigrateTo',
    channel_id: channel.id,
  })
  expect(actions(tg.view(bob, channel))).toEqual([
    { _: 'messageActionChannelMigrateFrom', title: 'G', chat_id: group.id },
  ])
  tg.say(bob, channel, 'after')
  expect(tg.view(alice, channel).map(({ id }) => id)).toEqual([1, 2])
  expect(() => tg.say(bob, group, 'x')).toThrow('PEER_ID_INVALID')
  const full = objectOf(b.ask('channels.getFullChannel', { channel: b.channel(channel) })['full_chat'])
  expect(full).toMatchObject({ migrated_from_chat_id: group.id, migrated_from_max_id: 3 })
  const chats = listOf(b.ask('messages.getChats', { id: [group.id] })['chats'])
  expect(chats).toMatchObject([{ deactivated: true, migrated_to: { channel_id: channel.id } }])
})

test('a broadcast channel: posts without a name, members don’t write and don’t see each other', () => {
  const { tg, alice, bob, a, b } = start()
  const news = tg.channel({ title: 'News', members: [alice, bob], username: 'thenews' })
  a.ask('messages.sendMessage', { peer: a.peer(news), message: 'today', random_id: 1n })
  const message = objectOf(b.updates.at(-1)?.['message'])
  expect(message).toMatchObject({ message: 'today', post: true, views: 1 })
  expect(message['from_id']).toBeUndefined()
  expect(() => b.ask('messages.sendMessage', { peer: b.peer(news), message: 'x', random_id: 1n })).toThrow(
    '403 CHAT_WRITE_FORBIDDEN',
  )
  const people = {
    channel: b.channel(news),
    filter: { _: 'channelParticipantsRecent' },
    offset: 0,
    limit: 10,
    hash: 0n,
  }
  expect(() => b.ask('channels.getParticipants', people)).toThrow('CHAT_ADMIN_REQUIRED')
  expect(a.ask('channels.getParticipants', { ...people, channel: a.channel(news) })).toMatchObject({
    count: 2,
  })
  expect(b.ask('contacts.resolveUsername', { username: 'TheNews' })['peer']).toEqual({
    _: 'peerChannel',
    channel_id: news.id,
  })
})

test('members come by name, by link and by themselves; who was put out does not come back', () => {
  const { tg, alice, bob, carol, a, b } = start()
  const group = tg.supergroup({ title: 'G', members: [alice] })
  a.ask('channels.inviteToChannel', { channel: a.channel(group), users: [a.user(carol)] })
  const exported = a.ask('messages.exportChatInvite', { peer: a.peer(group), usage_limit: 2 })
  const hash = textOf(exported['link']).split('+')[1] ?? ''
  expect(b.ask('messages.checkChatInvite', { hash })).toMatchObject({
    _: 'chatInvite',
    title: 'G',
    megagroup: true,
  })
  expect(b.ask('messages.importChatInvite', { hash })._).toBe('messages.chatInviteJoinResultOk')
  expect(b.ask('messages.checkChatInvite', { hash })._).toBe('chatInviteAlready')
  expect(actions(tg.view(alice, group)).map((action) => objectOf(action as never)._)).toEqual([
    'messageActionChannelCreate',
    'messageActionChatAddUser',
    'messageActionChatJoinedByLink',
  ])
  const banned = { _: 'chatBannedRights', view_messages: true, until_date: 0 }
  a.ask('channels.editBanned', { channel: a.channel(group), participant: a.peer(bob), banned_rights: banned })
  expect(group.members.has(bob)).toBe(false)
  expect(() => b.ask('messages.importChatInvite', { hash })).toThrow('CHANNEL_PRIVATE')
  const kicked = a.ask('channels.getParticipant', { channel: a.channel(group), participant: a.peer(bob) })
  expect(kicked['participant']).toMatchObject({ _: 'channelParticipantBanned', kicked_by: alice.id })
  tg.unban(alice, group, bob)
  b.ask('messages.importChatInvite', { hash })
  tg.leave(bob, group)
  expect(() => b.ask('messages.importChatInvite', { hash })).toThrow('INVITE_HASH_EXPIRED')
  expect(() =>
    a.ask('channels.getParticipant', { channel: a.channel(group), participant: a.peer(bob) }),
  ).toThrow('USER_NOT_PARTICIPANT')
})

test('people whom only contacts may add are named as missing', () => {
  const { tg, alice, bob, carol, a } = start()
  bob.groupsByContactsOnly = true
  const made = a.ask('messages.createChat', { users: [a.user(bob), a.user(carol)], title: 'G' })
  expect(made['missing_invitees']).toMatchObject([{ user_id: bob.id }])
  const group = tg.supergroup({ title: 'S', members: [alice] })
  const invite = () => a.ask('channels.inviteToChannel', { channel: a.channel(group), users: [a.user(bob)] })
  expect(invite()['missing_invitees']).toMatchObject([{ user_id: bob.id }])
  tg.contact(bob, alice)
  expect(invite()['missing_invitees']).toEqual([])
})

test('pins of both kinds of boxes, for one side and for all', () => {
  const { tg, alice, bob, a, b } = start()
  const direct = tg.say(alice, bob, 'direct')
  a.ask('messages.updatePinnedMessage', { peer: a.peer(bob), id: 1, pm_oneside: true })
  expect([tg.view(alice, bob)[0]?.pinned, tg.view(bob, alice)[0]?.pinned]).toEqual([true, false])
  tg.pin(bob, direct)
  expect(b.pushes.at(-1)?._).toBe('updates')
  expect(a.updates.slice(-2)).toMatchObject([
    { _: 'updatePinnedMessages', pinned: true, messages: [1] },
    {
      _: 'updateNewMessage',
      message: { action: { _: 'messageActionPinMessage' }, reply_to: { reply_to_msg_id: 1 } },
    },
  ])
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  const post = tg.say(bob, group, 'rule')
  const answer = a.ask('messages.updatePinnedMessage', {
    peer: a.peer(group),
    id: post.channelId,
    silent: true,
  })
  expect(updatesIn(answer)[0]).toMatchObject({
    _: 'updatePinnedChannelMessages',
    pinned: true,
    messages: [2],
  })
  expect(b.ask('channels.getFullChannel', { channel: b.channel(group) })['full_chat']).toMatchObject({
    pinned_msg_id: 2,
  })
  expect(a.ask('messages.unpinAllMessages', { peer: a.peer(group) })).toMatchObject({ pts_count: 1 })
  expect(tg.view(bob, group)[1]?.pinned).toBe(false)
})

test('reading a supergroup: no pts, marks for each author, and who read it', () => {
  const { tg, alice, bob, a, b } = start()
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  const post = tg.say(alice, group, 'read me')
  const { pts } = group.box
  expect(b.call('channels.readHistory', { channel: b.channel(group), max_id: post.channelId })).toBe(true)
  expect(a.updates.at(-1)).toEqual({
    _: 'updateReadChannelOutbox',
    channel_id: group.id,
    max_id: post.channelId,
  })
  expect(group.box.pts).toBe(pts)
  expect(
    a.askAll('messages.getMessageReadParticipants', { peer: a.peer(group), msg_id: post.channelId }),
  ).toMatchObject([{ user_id: bob.id }])
})
