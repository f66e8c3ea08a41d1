import { expect, test } from 'vitest'
import type { TlObject } from '../contract.ts'
import { listOf, pair } from './test-device.ts'
import type { TestDevice } from './test-device.ts'

const dialogs = (device: TestDevice, args: Record<string, unknown> = {}) =>
  device.ask('messages.getDialogs', {
    offset_date: 0,
    offset_id: 0,
    offset_peer: { _: 'inputPeerEmpty' },
    limit: 100,
    hash: 0n,
    ...(args as Record<string, TlObject>),
  })

const peersOf = (answer: TlObject) => listOf(answer['dialogs']).map(({ peer }) => peer)

test('chats by their newest message, in pages', () => {
  const { tg, wire, alice, bob, a } = pair()
  const others = Array.from({ length: 5 }, (_, i) => tg.user({ firstName: `U${i}` }))
  for (const other of others) {
    wire.time++
    tg.say(other, alice, 'hi')
  }
  tg.say(alice, tg.supergroup({ title: 'G', members: [alice, bob] }), 'newest')
  const first = dialogs(a, { limit: 2 })
  expect(first).toMatchObject({ _: 'messages.dialogsSlice', count: 6 })
  expect(listOf(first['dialogs'])[0]).toMatchObject({ pts: 3, top_message: 2 })
  const next = dialogs(a, {
    limit: 10,
    offset_date: wire.time,
    offset_id: 1,
    offset_peer: a.peer(others[4] ?? bob),
  })
  expect(peersOf(next)).toEqual(
    others
      .slice(0, 4)
      .toReversed()
      .map(({ id }) => ({ _: 'peerUser', user_id: id })),
  )
  expect(dialogs(a)._).toBe('messages.dialogs')
})

test('pinned, archived, muted, marked unread', () => {
  const { tg, wire, alice, bob, a, world } = pair()
  const second = world.device(alice)
  const carol = tg.user({ firstName: 'Carol' })
  tg.say(bob, alice, 'old')
  wire.time++
  tg.say(carol, alice, 'new')
  const peer = { _: 'inputDialogPeer', peer: a.peer(bob) }
  a.call('messages.toggleDialogPin', { pinned: true, peer })
  expect(peersOf(dialogs(a))[0]).toEqual({ _: 'peerUser', user_id: bob.id })
  a.call('messages.markDialogUnread', { unread: true, peer })
  const settings = { _: 'inputPeerNotifySettings', mute_until: 2_000_000_000, silent: true }
  a.call('account.updateNotifySettings', { peer: { _: 'inputNotifyPeer', peer: a.peer(bob) }, settings })
  expect(listOf(dialogs(a)['dialogs'])[0]).toMatchObject({
    pinned: true,
    unread_mark: true,
    notify_settings: { mute_until: 2_000_000_000, silent: true },
  })
  a.ask('folders.editPeerFolders', {
    folder_peers: [{ _: 'inputFolderPeer', peer: a.peer(bob), folder_id: 1 }],
  })
  expect(peersOf(dialogs(a, { folder_id: 0 }))).toEqual([{ _: 'peerUser', user_id: carol.id }])
  expect(listOf(dialogs(a, { folder_id: 1 })['dialogs'])[0]).toMatchObject({ folder_id: 1 })
  expect(second.updates.map(({ _ }) => _).slice(-4)).toEqual([
    'updateDialogPinned',
    'updateDialogUnreadMark',
    'updateNotifySettings',
    'updateFolderPeers',
  ])
})

test('everyone is seen under the name of the viewer’s own address book', () => {
  const { tg, alice, bob, a, b } = pair()
  const carol = tg.user({ firstName: 'Carol' })
  tg.contact(alice, bob, { firstName: 'Plumber', lastName: 'downtown' })
  const seenBy = (device: TestDevice, who = bob) =>
    device.askAll('users.getUsers', { id: [device.user(who)] })[0]
  expect(seenBy(a)).toMatchObject({
    first_name: 'Plumber',
    last_name: 'downtown',
    contact: true,
    phone: '200',
  })
  expect(seenBy(b, bob)).toMatchObject({ first_name: 'Bob', self: true })
  expect(seenBy(b, alice)?.['phone']).toBeUndefined()
  expect(a.ask('contacts.getContacts', { hash: 0n })['contacts']).toMatchObject([
    { user_id: bob.id, mutual: false },
  ])
  a.ask('contacts.addContact', { id: a.user(carol), first_name: 'C', last_name: '', phone: '' })
  a.ask('contacts.deleteContacts', { id: [a.user(bob)] })
  expect([...alice.contacts.keys()]).toEqual([carol])
})

test('people are found by number, by username and by name', () => {
  const { tg, alice, bob, a } = pair()
  expect(a.ask('contacts.resolvePhone', { phone: '+200' })['peer']).toMatchObject({ user_id: bob.id })
  expect(a.ask('contacts.resolveUsername', { username: 'BOBBY' })['peer']).toMatchObject({ user_id: bob.id })
  expect(() => a.ask('contacts.resolveUsername', { username: 'nobody' })).toThrow('USERNAME_NOT_OCCUPIED')
  tg.contact(alice, bob, { firstName: 'Plumber' })
  expect(a.ask('contacts.search', { q: 'plum', limit: 5 })['my_results']).toMatchObject([{ user_id: bob.id }])
  const contacts = [{ _: 'inputPhoneContact', client_id: 4n, phone: '200', first_name: 'B', last_name: '' }]
  expect(a.ask('contacts.importContacts', { contacts })['imported']).toMatchObject([
    { user_id: bob.id, client_id: 4n },
  ])
})

test('blocking, and what the blocked one gets', () => {
  const { tg, alice, bob, a } = pair()
  a.call('contacts.block', { id: a.peer(bob) })
  expect(() => tg.say(bob, alice, 'x')).toThrow('USER_IS_BLOCKED')
  expect(a.ask('contacts.getBlocked', { offset: 0, limit: 10 })['blocked']).toMatchObject([
    { peer_id: { user_id: bob.id } },
  ])
  a.call('contacts.unblock', { id: a.peer(bob) })
  tg.say(bob, alice, 'x')
})

test('full objects of people: bio, pictures, common groups', () => {
  const { tg, alice, bob, a } = pair()
  bob.about = 'builds'
  tg.setPhoto(bob, Buffer.from('face'))
  tg.group({ title: 'G', members: [alice, bob] })
  const full = a.ask('users.getFullUser', { id: a.user(bob) })
  expect(full['full_user']).toMatchObject({
    about: 'builds',
    common_chats_count: 1,
    profile_photo: { _: 'photo' },
  })
  const photo = bob.photo?.id ?? 0n
  const location = { _: 'inputPeerPhotoFileLocation', big: true, peer: a.peer(bob), photo_id: photo }
  const file = a.ask('upload.getFile', { location, offset: 0n, limit: 4096 })
  expect(Buffer.from(file['bytes'] as Uint8Array).toString()).toBe('face')
})

test('changed names and pictures are told to acquaintances', () => {
  const { tg, alice, bob, a } = pair()
  tg.say(alice, bob, 'hi')
  tg.renameUser(bob, 'Robert')
  tg.setPhoto(bob, Buffer.from('face'))
  expect(a.updates.slice(-2)).toMatchObject([
    { _: 'updateUserName', user_id: bob.id, first_name: 'Robert' },
    { _: 'updateUser', user_id: bob.id },
  ])
})

test('strangers may be pushed without what addresses them, and are reached through a message', () => {
  const { tg, alice, bob, a } = pair({ minUsers: true })
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  const post = tg.say(bob, group, 'hi')
  const [user] = listOf(a.pushes.at(-1)?.['users'])
  expect(user).toMatchObject({ min: true, first_name: 'Bob' })
  expect(user?.['access_hash']).toBeUndefined()
  const peer = { _: 'inputPeerUserFromMessage', peer: a.peer(group), msg_id: post.channelId, user_id: bob.id }
  a.ask('messages.sendMessage', { peer, message: 'hello', random_id: 1n })
  expect(tg.view(bob, alice).map(({ text }) => text)).toEqual(['hello'])
})

test('a login code comes from the service', () => {
  const { tg, alice, bob, a } = pair()
  const record = tg.accounts.byPhone('100')
  if (record === undefined) throw new Error('no account')
  const code = tg.accounts.issueCode(record)
  expect(tg.view(alice, tg.serviceAccount)[0]?.text).toContain(code)
  expect(objectId(a.updates.at(-1))).toEqual({ _: 'peerUser', user_id: 777_000n })
  expect(tg.accounts.user(alice.id, bob.id)).toMatchObject({ first_name: 'Bob' })
})

const objectId = (update: TlObject | undefined) => (update?.['message'] as TlObject | undefined)?.['peer_id']
