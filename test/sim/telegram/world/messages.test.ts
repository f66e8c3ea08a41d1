import { expect, test } from 'vitest'
import { listOf, objectOf, pair, updatesIn } from './test-device.ts'

const send = (text: string, random_id = 7n) => ({ message: text, random_id })

test('a text reaches both sides under their own numbers', () => {
  const { tg, alice, bob, a, b } = pair()
  tg.say(bob, tg.user({ firstName: 'Carol' }), 'elsewhere')
  const answer = a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('  hello *there* ') })
  expect(updatesIn(answer).map(({ _ }) => _)).toEqual(['updateMessageID', 'updateNewMessage'])
  expect(tg.view(alice, bob).map(({ id, text, out }) => [id, text, out])).toEqual([
    [1, 'hello *there*', true],
  ])
  expect(tg.view(bob, alice).map(({ id, text, out }) => [id, text, out])).toEqual([
    [2, 'hello *there*', false],
  ])
  const update = b.updates.at(-1)
  const message = objectOf(update?.['message'])
  expect(update).toMatchObject({ _: 'updateNewMessage', pts: 3, pts_count: 1 })
  expect(message).toMatchObject({
    id: 2,
    message: 'hello *there*',
    peer_id: { _: 'peerUser', user_id: alice.id },
  })
  expect(listOf(b.pushes.at(-1)?.['users']).map((user) => user['first_name'])).toContain('Alice')
})

test.each([
  ['always', [true, true]],
  ['never', [false, false]],
  ['alternating', [false, true]],
] as const)('from_id in private chats: %s', (directFromId, named) => {
  const { tg, alice, bob, b } = pair({ directFromId })
  tg.say(alice, bob, 'one')
  tg.say(alice, bob, 'two')
  expect(b.updates.map((update) => objectOf(update['message'])['from_id'] !== undefined)).toEqual(named)
})

test('users and channels have the same ids, and are told apart', () => {
  const { tg, alice, bob, a } = pair()
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  const other = tg.supergroup({ title: 'H', members: [alice, bob] })
  expect([alice.id, bob.id]).toEqual([group.id, other.id])
  a.ask('messages.sendMessage', { peer: a.peer(other), ...send('to the group') })
  expect(tg.count(bob, other, ({ text }) => text === 'to the group')).toBe(1)
  expect(tg.view(bob, alice)).toEqual([])
})

test('a wrong access hash is refused, also that of another login', () => {
  const { world, bob, alice, a } = pair()
  const second = world.device(alice)
  expect(second.peer(bob)).not.toEqual(a.peer(bob))
  expect(() => second.ask('messages.sendMessage', { peer: a.peer(bob), ...send('x') })).toThrow(
    'PEER_ID_INVALID',
  )
})

test('another device of the sender gets the message pushed', () => {
  const { world, alice, bob, a } = pair()
  const second = world.device(alice)
  a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('x') })
  expect(second.updates.map(({ _ }) => _)).toEqual(['updateNewMessage'])
  expect(a.pushes).toEqual([])
})

test.each([
  ['nothing', '', 'MESSAGE_EMPTY'],
  ['spaces', '   ', 'MESSAGE_EMPTY'],
  ['4097 letters', 'x'.repeat(4097), 'MESSAGE_TOO_LONG'],
])('a text of %s is refused', (_, text, error) => {
  const { bob, a } = pair()
  expect(() => a.ask('messages.sendMessage', { peer: a.peer(bob), ...send(text) })).toThrow(error)
})

test('4096 code points are not too long, whatever they are', () => {
  const { tg, alice, bob, a } = pair()
  a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('😀'.repeat(4096)) })
  expect(tg.view(alice, bob)).toHaveLength(1)
})

test('entities move with what is trimmed, and must lie inside', () => {
  const { tg, alice, bob, a } = pair()
  const bold = (offset: number, length: number) => [{ _: 'messageEntityBold', offset, length }]
  a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('  ab  ', 1n), entities: bold(1, 3) })
  expect(tg.view(bob, alice)[0]?.entities).toEqual(bold(0, 2))
  const outside = { peer: a.peer(bob), ...send('ab', 2n), entities: bold(1, 3) }
  expect(() => a.ask('messages.sendMessage', outside)).toThrow('ENTITY_BOUNDS_INVALID')
})

test('links, mentions and hashtags are found; a mention by name becomes one by id', () => {
  const { tg, alice, bob, a } = pair()
  const entities = [{ _: 'inputMessageEntityMentionName', offset: 0, length: 3, user_id: a.user(bob) }]
  a.ask('messages.sendMessage', {
    peer: a.peer(bob),
    ...send('Bob https://a.example/x. @alice #tag'),
    entities,
  })
  expect(tg.view(bob, alice)[0]?.entities).toEqual([
    { _: 'messageEntityMentionName', offset: 0, length: 3, user_id: bob.id },
    { _: 'messageEntityUrl', offset: 4, length: 19 },
    { _: 'messageEntityMention', offset: 25, length: 6 },
    { _: 'messageEntityHashtag', offset: 32, length: 4 },
  ])
})

test('short forms of pushes and replies', () => {
  const { tg, alice, bob, a, b } = pair({ shortPushes: true, shortReplies: true })
  const answer = a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('hi') })
  expect(answer).toMatchObject({ _: 'updateShortSentMessage', id: 1, pts: 2, pts_count: 1 })
  expect(b.pushes[0]).toMatchObject({ _: 'updateShortMessage', user_id: alice.id, message: 'hi', id: 1 })
  const group = tg.group({ title: 'G', members: [alice, bob] })
  tg.say(alice, group, 'all')
  expect(b.pushes.at(-1)).toMatchObject({ _: 'updateShortChatMessage', chat_id: group.id, from_id: alice.id })
})

test('a repeated random_id returns the first message, in that chat only', () => {
  const { tg, alice, bob, a } = pair()
  const carol = tg.user({ firstName: 'Carol' })
  const first = a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('one') })
  const again = a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('two') })
  expect(updatesIn(again)[0]).toEqual(updatesIn(first)[0])
  expect(updatesIn(again)[1]).toMatchObject({
    _: 'updateNewMessage',
    pts_count: 0,
    message: { message: 'one' },
  })
  a.ask('messages.sendMessage', { peer: a.peer(carol), ...send('one') })
  expect([tg.view(alice, bob).length, tg.view(alice, carol).length]).toEqual([1, 1])
})

test('a repeated random_id may also be answered as still in progress', () => {
  const { tg, alice, bob, a } = pair({ duplicate: 'inProgress' })
  const repeat = () => a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('one') })
  repeat()
  expect(repeat).toThrow('500 RANDOM_ID_DUPLICATE')
  expect(repeat).toThrow('500 RANDOM_ID_DUPLICATE')
  tg.switches.duplicate = 'inProgressOnce'
  expect(updatesIn(repeat())[0]).toMatchObject({ _: 'updateMessageID', id: 1, random_id: 7n })
  expect(tg.view(alice, bob)).toHaveLength(1)
  expect(() => a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('x', 0n) })).toThrow(
    'RANDOM_ID_EMPTY',
  )
})

test('an edit is seen by both, an unchanged one is refused, a late one too', () => {
  const { tg, wire, alice, bob, a, b } = pair()
  a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('one') })
  const edit = (message: string) => a.ask('messages.editMessage', { peer: a.peer(bob), id: 1, message })
  expect(updatesIn(edit('two'))[0]).toMatchObject({ _: 'updateEditMessage', pts: 3, pts_count: 1 })
  expect(tg.view(bob, alice).map(({ text, edited }) => [text, edited])).toEqual([['two', true]])
  expect(b.updates.at(-1)).toMatchObject({ _: 'updateEditMessage', message: { message: 'two' } })
  expect(() => edit('two')).toThrow('MESSAGE_NOT_MODIFIED')
  expect(() => b.ask('messages.editMessage', { peer: b.peer(alice), id: 1, message: 'x' })).toThrow(
    '403 MESSAGE_AUTHOR_REQUIRED',
  )
  wire.time += 172_801
  expect(() => edit('three')).toThrow('MESSAGE_EDIT_TIME_EXPIRED')
})

test('a message is removed for oneself or for both, one event per number', () => {
  const { tg, alice, bob, a, b } = pair()
  for (const text of ['1', '2', '3']) tg.say(alice, bob, text)
  expect(a.ask('messages.deleteMessages', { id: [1] })).toMatchObject({ pts_count: 1 })
  expect([tg.view(alice, bob).length, tg.view(bob, alice).length]).toEqual([2, 3])
  expect(b.ask('messages.deleteMessages', { id: [2, 3], revoke: true })).toMatchObject({ pts_count: 2 })
  expect([tg.view(alice, bob).length, tg.view(bob, alice).length]).toEqual([0, 1])
  expect(a.updates.at(-1)).toMatchObject({ _: 'updateDeleteMessages', messages: [2, 3], pts_count: 2 })
})

test('reading moves both boxes once, by the numbers of each side', () => {
  const { tg, alice, bob, a, b } = pair()
  tg.say(bob, tg.user({ firstName: 'Carol' }), 'elsewhere')
  tg.say(alice, bob, 'one')
  const read = () => b.ask('messages.readHistory', { peer: b.peer(alice), max_id: 2 })
  expect(read()).toMatchObject({ pts_count: 1 })
  expect(read()).toMatchObject({ pts_count: 0 })
  expect(a.updates.at(-1)).toMatchObject({
    _: 'updateReadHistoryOutbox',
    max_id: 1,
    peer: { user_id: bob.id },
  })
  expect(tg.view(alice, bob)[0]?.read).toBe(true)
  const [dialog] = listOf(
    b.ask('messages.getPeerDialogs', { peers: [{ _: 'inputDialogPeer', peer: b.peer(alice) }] })['dialogs'],
  )
  expect(dialog).toMatchObject({ read_inbox_max_id: 2, unread_count: 0, top_message: 2 })
})

test('typing and presence are told and not kept', () => {
  const { tg, alice, bob, a, b } = pair()
  tg.contact(bob, alice)
  const pts = bob.box.pts
  a.call('messages.setTyping', { peer: a.peer(bob), action: { _: 'sendMessageTypingAction' } })
  a.call('account.updateStatus', { offline: false })
  expect(b.pushes).toMatchObject([
    { _: 'updateShort', update: { _: 'updateUserTyping', user_id: alice.id } },
    { _: 'updateShort', update: { _: 'updateUserStatus', status: { _: 'userStatusOnline' } } },
  ])
  expect(bob.box.pts).toBe(pts)
})

test('a reply quotes, and names the message by the number of each side', () => {
  const { tg, alice, bob, a, b } = pair()
  tg.say(bob, tg.user({ firstName: 'Carol' }), 'elsewhere')
  const post = tg.say(bob, alice, 'the whole thing')
  const reply_to = {
    _: 'inputReplyToMessage',
    reply_to_msg_id: post.idFor(alice),
    quote_text: 'whole',
    quote_offset: 4,
  }
  a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('yes'), reply_to })
  expect(tg.view(bob, alice).at(-1)).toMatchObject({ replyTo: 2, quote: 'whole' })
  expect(objectOf(b.updates.at(-1)?.['message'])['reply_to']).toMatchObject({
    reply_to_msg_id: 2,
    quote: true,
  })
})

test('forwards name the first author, also of channels', () => {
  const { tg, alice, bob, a } = pair()
  const news = tg.channel({ title: 'News', members: [bob, alice] })
  const post = tg.say(bob, news, 'read this')
  const forward = (id: number[], random_id: bigint[]) =>
    a.ask('messages.forwardMessages', { from_peer: a.peer(news), to_peer: a.peer(bob), id, random_id })
  forward([post.channelId], [1n])
  forward([post.channelId], [1n])
  expect(tg.view(bob, alice).map(({ text, forwardedFrom }) => [text, forwardedFrom])).toEqual([
    ['read this', news],
  ])
  expect(tg.view(bob, alice)[0]?.tl['fwd_from']).toMatchObject({ channel_post: post.channelId })
})

test('history in pages, by number and by offset', () => {
  const { tg, alice, bob, a } = pair()
  for (let i = 1; i <= 10; i++) tg.say(i % 2 === 0 ? alice : bob, i % 2 === 0 ? bob : alice, `m${i}`)
  const page = (args: Record<string, number>) =>
    listOf(
      a.ask('messages.getHistory', {
        peer: a.peer(bob),
        offset_id: 0,
        offset_date: 0,
        add_offset: 0,
        limit: 3,
        max_id: 0,
        min_id: 0,
        hash: 0n,
        ...args,
      })['messages'],
    ).map((message) => message['id'])
  expect(page({})).toEqual([10, 9, 8])
  expect(page({ offset_id: 8 })).toEqual([7, 6, 5])
  expect(page({ offset_id: 5, add_offset: -2 })).toEqual([6, 5, 4])
  expect(page({ limit: 100, min_id: 8 })).toEqual([10, 9])
  const answer = a.ask('messages.getMessages', { id: [3, 99].map((id) => ({ _: 'inputMessageID', id })) })
  expect(listOf(answer['messages']).map(({ _ }) => _)).toEqual(['message', 'messageEmpty'])
})

test('a refused method, a flood wait for two calls, a deleted account', () => {
  const { tg, alice, bob, a } = pair()
  const say = () =>
    a.ask('messages.sendMessage', { peer: a.peer(bob), ...send('x', BigInt(tg.view(alice, bob).length + 1)) })
  tg.flood('messages.sendMessage', 30, { times: 2 })
  expect(say).toThrow('420 FLOOD_WAIT_30')
  expect(say).toThrow('420 FLOOD_WAIT_30')
  say()
  tg.deactivate(bob)
  expect(say).toThrow('INPUT_USER_DEACTIVATED')
  tg.deactivate(alice, 'banned')
  expect(say).toThrow('401 USER_DEACTIVATED_BAN')
  expect(() => pair().a.call('help.getSupport')).toThrow('METHOD_INVALID')
})
