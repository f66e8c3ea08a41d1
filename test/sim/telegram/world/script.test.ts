import { expect, test } from 'vitest'
import { ScriptedContact } from './scripted-contact.ts'
import { objectOf, pair, updatesIn } from './test-device.ts'
import type { WorldEvent } from './world-event.ts'

test('a scripted contact reads, types and answers', async () => {
  const { tg, alice, bob, a } = pair()
  const contact = new ScriptedContact(tg, bob, { thinkMs: 1, typeMs: 1 })
  contact.on(async (post) => {
    await contact.react(post, '👍')
    await contact.say(alice, { text: 'sure', replyTo: post })
  })
  a.ask('messages.sendMessage', { peer: a.peer(bob), message: 'lunch?', random_id: 1n })
  await expect.poll(() => tg.view(alice, bob).map(({ text }) => text)).toEqual(['lunch?', 'sure'])
  expect(tg.view(alice, bob)[0]?.reactions).toEqual([{ reaction: '👍', count: 1, mine: false }])
  expect(a.updates.map(({ _ }) => _)).toEqual([
    'updateMessageReactions',
    'updateUserStatus',
    'updateReadHistoryOutbox',
    'updateUserTyping',
    'updateNewMessage',
  ])
  contact.stop()
  expect(await contact.say(alice, 'too late')).toBeUndefined()
  expect(tg.view(alice, bob)).toHaveLength(2)
})

test('whoever listens is told of everything, after it happened', () => {
  const { tg, alice, bob } = pair()
  const events: WorldEvent[] = []
  const stop = tg.onEvent((event) => events.push(event))
  const post = tg.say(bob, alice, { media: tg.media.poll(bob, { question: 'Q?', answers: ['a', 'b'] }) })
  tg.vote(alice, post, 1)
  tg.react(alice, post, '👍')
  tg.typing(bob, alice)
  tg.read(alice, bob)
  tg.online(bob)
  const text = tg.say(bob, alice, 'text')
  tg.edit(bob, text, 'changed')
  tg.remove(bob, text)
  tg.rename(alice, tg.group({ title: 'G', members: [alice, bob] }), 'H')
  stop()
  tg.say(bob, alice, 'not told')
  expect(events.map(({ kind }) => kind)).toEqual([
    'posted',
    'voted',
    'reacted',
    'typing',
    'read',
    'presence',
    'posted',
    'edited',
    'removed',
    'posted',
    'posted',
    'room',
  ])
})

test('messages disappear when their time is over, for everyone', () => {
  const { wire, tg, alice, bob, a } = pair()
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  for (const chat of [bob, group]) {
    tg.setTtl(alice, chat, 60)
    tg.say(alice, chat, 'secret')
  }
  tg.tick()
  expect(tg.count(bob, alice, ({ text }) => text === 'secret')).toBe(1)
  wire.time += 60
  tg.tick()
  for (const chat of [alice, group]) expect(tg.count(bob, chat, ({ text }) => text === 'secret')).toBe(0)
  const told = new Set(a.updates.map(({ _ }) => _))
  expect([told.has('updateDeleteMessages'), told.has('updateDeleteChannelMessages')]).toEqual([true, true])
})

test('a poll ends when its time is over, and everyone is told once', () => {
  const { wire, tg, alice, bob, a } = pair()
  const media = tg.media.poll(bob, { question: 'Q?', answers: ['a', 'b'], closePeriod: 60 })
  const post = tg.say(bob, alice, { media })
  wire.time += 60
  expect(() => tg.vote(alice, post, 0)).toThrow('MESSAGE_POLL_CLOSED')
  a.pushes.length = 0
  tg.tick()
  tg.tick()
  expect(a.updates.map(({ _ }) => _)).toEqual(['updateMessagePoll', 'updateEditMessage'])
  expect(objectOf(a.updates[0]?.['poll'])['closed']).toBe(true)
})

test('answers are added to a poll that is open for them', () => {
  const { tg, alice, bob, a, b } = pair()
  const text = (value: string) => ({ _: 'textWithEntities', text: value, entities: [] })
  const answers = ['a', 'b'].map((value) => ({ _: 'inputPollAnswer', text: text(value) }))
  const poll = { _: 'poll', id: 0n, hash: 0n, question: text('Q?'), answers, open_answers: true }
  a.ask('messages.sendMedia', {
    peer: a.peer(bob),
    media: { _: 'inputMediaPoll', poll },
    message: '',
    random_id: 1n,
  })
  const answer = { _: 'inputPollAnswer', text: text('c') }
  const added = b.ask('messages.addPollAnswer', { peer: b.peer(alice), msg_id: 1, answer })
  expect(updatesIn(added).map(({ _ }) => _)).toEqual([
    'updateEditMessage',
    'updateMessagePoll',
    'updateNewMessage',
  ])
  expect(tg.view(alice, bob)[0]?.poll?.answers.map((one) => one.text)).toEqual(['a', 'b', 'c'])
  expect(tg.view(alice, bob)[1]?.action).toMatchObject({ _: 'messageActionPollAppendAnswer' })
  a.ask('messages.deletePollAnswer', { peer: a.peer(bob), msg_id: 1, option: Buffer.from('0') })
  expect(tg.view(bob, alice)[0]?.poll?.answers.map((one) => one.text)).toEqual(['b', 'c'])
})

test('what is protected is not forwarded; when a message was read can be asked for', () => {
  const { tg, alice, bob, a, b } = pair()
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  const post = tg.say(bob, group, 'secret')
  a.ask('messages.toggleNoForwards', { peer: a.peer(group), enabled: true })
  const forward = { from_peer: b.peer(group), to_peer: b.peer(alice), id: [post.channelId], random_id: [1n] }
  expect(() => b.ask('messages.forwardMessages', forward)).toThrow('CHAT_FORWARDS_RESTRICTED')
  const direct = tg.say(alice, bob, 'hello')
  const when = () => a.ask('messages.getOutboxReadDate', { peer: a.peer(bob), msg_id: direct.idFor(alice) })
  expect(when).toThrow('MESSAGE_NOT_READ_YET')
  tg.read(bob, alice)
  expect(when()).toMatchObject({ date: 1_700_000_000 })
})

test('bots may not do everything that people may', () => {
  const { world, tg, alice } = pair()
  const bot = tg.user({ firstName: 'Robot', username: 'robot', botToken: '1:token' })
  const device = world.device(bot)
  tg.say(alice, bot, '/start')
  device.ask('messages.sendMessage', { peer: device.peer(alice), message: 'hello', random_id: 1n })
  expect(tg.view(alice, bot).map(({ text }) => text)).toEqual(['/start', 'hello'])
  expect(device.askAll('users.getUsers', { id: [{ _: 'inputUserSelf' }] })).toMatchObject([
    { bot: true, self: true },
  ])
  expect(() => device.call('contacts.getContacts', { hash: 0n })).toThrow('BOT_METHOD_INVALID')
})
