import { expect, test } from 'vitest'
import type { TlObject } from '../contract.ts'
import { listOf, objectOf, pair } from './test-device.ts'
import type { TestDevice } from './test-device.ts'

const difference = (device: TestDevice, pts: number) =>
  device.ask('updates.getDifference', { pts, date: 0, qts: 0 })

const channelDifference = (device: TestDevice, channel: { id: bigint }, pts: number, limit = 100) =>
  device.ask('updates.getChannelDifference', {
    channel: device.channel(channel),
    filter: { _: 'channelMessagesFilterEmpty' },
    pts,
    limit,
  })

const texts = (answer: TlObject) => listOf(answer['new_messages']).map(({ message }) => message)
const others = (answer: TlObject) => listOf(answer['other_updates']).map(({ _ }) => _)

test('the difference holds what happened, once, in order, and ends where the state is', () => {
  const { tg, alice, bob, a } = pair()
  for (const text of ['1', '2', '3']) tg.say(bob, alice, text)
  tg.read(bob, alice)
  tg.read(alice, bob)
  const answer = difference(a, 1)
  expect(answer._).toBe('updates.difference')
  expect(texts(answer)).toEqual(['1', '2', '3'])
  expect(others(answer)).toEqual(['updateReadHistoryInbox'])
  const state = objectOf(answer['state'])
  expect(state).toMatchObject({ pts: alice.box.pts })
  expect(a.ask('updates.getState')).toMatchObject({ pts: alice.box.pts })
  expect(difference(a, alice.box.pts)).toMatchObject({ _: 'updates.differenceEmpty' })
  expect(listOf(answer['users']).map(({ id }) => id)).toContain(bob.id)
})

test('slices of two, each from where the last one ended', () => {
  const { tg, alice, bob, a } = pair({ differenceSlice: 2 })
  for (let i = 1; i <= 5; i++) tg.say(bob, alice, `${i}`)
  const seen: unknown[] = []
  let pts = 1
  for (let rounds = 0; rounds < 5; rounds++) {
    const answer = difference(a, pts)
    seen.push(...texts(answer))
    if (answer._ === 'updates.difference') break
    expect(answer._).toBe('updates.differenceSlice')
    pts = Number(objectOf(answer['intermediate_state'])['pts'])
  }
  expect(seen).toEqual(['1', '2', '3', '4', '5'])
})

test('a slice ends behind the number of an own message, not before it', () => {
  const { alice, bob, a } = pair({ differenceSlice: 1 })
  for (const random_id of [8n, 9n]) {
    a.ask('messages.sendMessage', { peer: a.peer(bob), message: 'x', random_id })
  }
  const numbers: unknown[] = []
  for (let pts = 1; pts < alice.box.pts; pts++) {
    numbers.push(...listOf(difference(a, pts)['other_updates']).map(({ id, random_id }) => [id, random_id]))
  }
  expect(numbers).toEqual([
    [1, 8n],
    [2, 9n],
  ])
})

test('messages come as they are by now, and removed ones not at all', () => {
  const { tg, alice, bob, a } = pair()
  const [one, two] = [tg.say(bob, alice, 'one'), tg.say(bob, alice, 'two')]
  tg.edit(bob, one, 'changed')
  tg.remove(bob, two)
  const answer = difference(a, 1)
  expect(texts(answer)).toEqual(['changed'])
  expect(others(answer)).toEqual(['updateEditMessage', 'updateDeleteMessages'])
})

test.each([true, false])('the number of an own message comes again through the difference: %s', (again) => {
  const { bob, a } = pair({ messageIdInDifference: again })
  a.ask('messages.sendMessage', { peer: a.peer(bob), message: 'x', random_id: 9n })
  const answer = difference(a, 1)
  expect(texts(answer)).toEqual(['x'])
  expect(listOf(answer['other_updates'])).toEqual(
    again ? [{ _: 'updateMessageID', id: 1, random_id: 9n }] : [],
  )
})

test('who is too far behind is told so', () => {
  const { tg, alice, bob, a } = pair({ accountBoxSize: 3 })
  for (let i = 1; i <= 5; i++) tg.say(bob, alice, `${i}`)
  expect(difference(a, 1)).toEqual({ _: 'updates.differenceTooLong', pts: 6 })
  expect(texts(difference(a, 3))).toEqual(['3', '4', '5'])
  tg.forgetEvents(alice)
  expect(difference(a, 3)._).toBe('updates.differenceTooLong')
})

test.each([
  [0, 'PERSISTENT_TIMESTAMP_EMPTY'],
  [99, 'PERSISTENT_TIMESTAMP_INVALID'],
])('a pts of %i is refused', (pts, error) => {
  expect(() => difference(pair().a, pts)).toThrow(error)
})

test('a channel has its own counter, the same for everyone', () => {
  const { tg, alice, bob, a, b } = pair()
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  const before = alice.box.pts
  const post = tg.say(bob, group, 'hello')
  expect(alice.box.pts).toBe(before)
  for (const device of [a, b]) {
    const last = device.updates.at(-1)
    expect(last).toMatchObject({
      _: 'updateNewChannelMessage',
      pts: 3,
      pts_count: 1,
      message: { id: post.channelId },
    })
  }
  const answer = channelDifference(a, group, 1)
  expect(answer).toMatchObject({ _: 'updates.channelDifference', final: true, pts: 3 })
  expect(listOf(answer['new_messages']).map(({ id }) => id)).toEqual([1, 2])
})

test('the difference of a channel in parts, by the limit of the client and of the server', () => {
  const { tg, alice, bob, a } = pair({ channelDifferenceSlice: 3 })
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  for (let i = 1; i <= 4; i++) tg.say(bob, group, `${i}`)
  const first = channelDifference(a, group, 2, 2)
  expect(first['final']).toBeFalsy()
  expect(texts(first)).toEqual(['1', '2'])
  const second = channelDifference(a, group, Number(first['pts']), 10)
  expect(second).toMatchObject({ final: true, pts: 6 })
  expect(texts(second)).toEqual(['3', '4'])
  expect(channelDifference(a, group, 6)).toMatchObject({
    _: 'updates.channelDifferenceEmpty',
    final: true,
    pts: 6,
  })
})

test('channels that moved while a login was away are named by the difference', () => {
  const { tg, alice, bob, a } = pair()
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  tg.say(bob, group, 'seen')
  a.online = false
  tg.say(bob, group, 'missed')
  expect(difference(a, 1)['other_updates']).toEqual([
    { _: 'updateChannelTooLong', channel_id: group.id, pts: group.box.pts },
  ])
  expect(texts(channelDifference(a, group, 3))).toEqual(['missed'])
  expect(difference(a, 1)._).toBe('updates.differenceEmpty')
  tg.say(bob, group, 'missed too')
  tg.switches.signalChannels = false
  expect(difference(a, 1)._).toBe('updates.differenceEmpty')
})

test('what was sent just before a login went away counts as not arrived', () => {
  const { wire, tg, alice, bob, a } = pair()
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  tg.say(bob, group, 'long ago')
  const { pts } = group.box
  wire.time += 100
  tg.say(bob, group, 'just now')
  expect(difference(a, 1)._).toBe('updates.differenceEmpty')
  tg.onlineChanged(a, false)
  expect(others(difference(a, 1))).toEqual(['updateChannelTooLong'])
  channelDifference(a, group, pts)
  channelDifference(a, group, group.box.pts)
  tg.onlineChanged(a, false)
  expect(difference(a, 1)._).toBe('updates.differenceEmpty')
})

test('a channel that is too long comes with its latest messages', () => {
  const { tg, alice, bob, a } = pair({ channelBoxSize: 2 })
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  for (let i = 1; i <= 5; i++) tg.say(bob, group, `${i}`)
  const answer = channelDifference(a, group, 2, 2)
  expect(answer).toMatchObject({ _: 'updates.channelDifferenceTooLong', final: true, dialog: { pts: 7 } })
  expect(listOf(answer['messages']).map(({ message }) => message)).toEqual(['5', '4'])
})

test('nobody outside reads a channel', () => {
  const { tg, alice, bob, a } = pair()
  const group = tg.supergroup({ title: 'G', members: [bob] })
  expect(() => channelDifference(a, group, 1)).toThrow('CHANNEL_PRIVATE')
  tg.enter(group, alice, bob)
  expect(channelDifference(a, group, 1)._).toBe('updates.channelDifference')
  tg.kick(bob, group, alice)
  expect(() => channelDifference(a, group, 1)).toThrow('CHANNEL_PRIVATE')
  expect(a.pushes.at(-1)).toMatchObject({
    updates: [{ _: 'updateChannel' }],
    chats: [{ _: 'channelForbidden' }],
  })
})

test('pushes for faults: too long, and an update of a test’s own', () => {
  const { tg, alice, a } = pair()
  const group = tg.supergroup({ title: 'G', members: [alice] })
  tg.pushTooLong(alice)
  tg.pushChannelTooLong(alice, group)
  expect(a.pushes.slice(-2)).toMatchObject([
    { _: 'updatesTooLong' },
    { updates: [{ _: 'updateChannelTooLong', pts: 2 }], chats: [{ id: group.id }] },
  ])
})
