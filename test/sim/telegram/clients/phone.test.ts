import { randomBytes } from 'node:crypto'
import { Api } from 'telegram'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SimTelegram } from '../index.ts'
import type { Account, Channel, Group } from '../world/index.ts'
import { Phone } from './phone.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

let telegram: SimTelegram
let phone: Phone
let bob: Account
let alice: Account
let group: Group
let channel: Channel
let forum: Channel

const marked = (room: Group | Channel) => (room.kind === 'group' ? -room.id : -1_000_000_000_000n - room.id)

beforeAll(async () => {
  telegram = await SimTelegram.start()
  const { world } = telegram
  alice = world.user({ firstName: 'Alice', username: 'alice', phone: '15550001' })
  bob = world.user({ firstName: 'Bob', username: 'bob', phone: '15550002' })
  group = world.group({ title: 'Group', members: [alice, bob] })
  channel = world.supergroup({ title: 'Supergroup', members: [alice, bob] })
  forum = world.forum({ title: 'Forum', members: [alice, bob] })
  phone = await Phone.connect(telegram, bob)
})

afterAll(async () => {
  await phone.close()
  await telegram.stop()
})

beforeEach(() => {
  expect(telegram.problems).toEqual([])
})

/** How the phone names a chat, and what it is for Alice. */
const chats = (): [bigint | string, Account | Group | Channel][] => [
  ['alice', bob],
  [marked(group), group],
  [marked(channel), channel],
]

describe.each([
  ['a private chat', 0],
  ['a group', 1],
  ['a supergroup', 2],
])('%s', (_, i) => {
  const seen = () => telegram.world.view(alice, room())
  const last = () => seen().at(-1)
  const chat = () => chats()[i]?.[0] ?? ''
  const room = () => chats()[i]?.[1] ?? bob

  test('texts, replies, edits and removals', async () => {
    const id = await phone.sendText(chat(), 'hello')
    expect(last()?.text).toBe('hello')
    expect(last()?.author === bob).toBe(true)
    const first = last()?.id
    await phone.sendText(chat(), 'again', { replyTo: id, silent: true })
    expect(last()).toMatchObject({ text: 'again', replyTo: first, silent: true })
    await phone.edit(chat(), id, 'hello!')
    expect(seen().find((one) => one.id === first)).toMatchObject({ text: 'hello!', edited: true })
    expect(await phone.texts(chat(), 2)).toEqual(['hello!', 'again'])
    await phone.remove(chat(), id)
    expect(seen().find((one) => one.id === first)).toBeUndefined()
    expect(await phone.texts(chat(), 1)).toEqual(['again'])
  })

  test('a random id makes one message', async () => {
    const before = seen().length
    const ids = [
      await phone.sendText(chat(), 'once', { randomId: 99n }),
      await phone.sendText(chat(), 'once', { randomId: 99n }),
    ]
    expect(new Set(ids).size).toBe(1)
    expect(seen().length).toBe(before + 1)
  })

  test('reactions and marks', async () => {
    const id = await phone.sendText(chat(), 'react')
    await phone.react(chat(), id, '👍')
    expect(last()?.reactions).toMatchObject([{ reaction: '👍', count: 1 }])
    await phone.react(chat(), id)
    expect(last()?.reactions).toEqual([])
    await phone.typing(chat())
    await phone.pin(chat(), id)
    expect(seen().some(({ text, pinned }) => text === 'react' && pinned)).toBe(true)
    telegram.world.say(alice, room(), 'read me')
    await phone.read(chat())
    expect(last()).toMatchObject({ text: 'read me', read: true })
  })

  test('polls and quizzes', async () => {
    const id = await phone.sendPoll(chat(), { question: 'Which?', answers: ['a', 'b'], right: 1 })
    await phone.vote(chat(), id, 1)
    expect(last()?.poll).toMatchObject({ question: 'Which?', quiz: true, voters: 1 })
    expect(last()?.poll?.answers).toMatchObject([
      { voters: 0, correct: false },
      { voters: 1, correct: true },
    ])
    await phone.closePoll(chat(), id)
    expect(last()?.poll?.closed).toBe(true)
  })

  test('pictures, files and albums, both ways', async () => {
    await phone.sendFile(chat(), PNG, { name: 'p.png', caption: 'look' })
    expect(last()).toMatchObject({ text: 'look', media: { kind: 'photo' } })
    const bytes = randomBytes(700_000)
    const id = await phone.sendFile(chat(), bytes, { name: 'file.bin', asDocument: true })
    expect(last()).toMatchObject({ media: { kind: 'document' } })
    expect((await phone.download(chat(), id)).equals(bytes)).toBe(true)
    await phone.sendAlbum(
      chat(),
      [
        ['a.png', PNG],
        ['b.png', PNG],
      ],
      'both',
    )
    const album = seen().slice(-2)
    expect(album.map(({ text }) => text)).toEqual(['both', ''])
    expect(album[0]?.groupedId).toBeDefined()
    expect(album[0]?.groupedId).toBe(album[1]?.groupedId)
  })
})

test('topics, forwards and errors', async () => {
  const topic = telegram.world.createTopic(alice, forum, 'Cats')
  const number = topic.channelId
  await phone.sendText(marked(forum), 'meow', { topic: number })
  expect(telegram.world.view(alice, forum).at(-1)).toMatchObject({ text: 'meow', topic: number })
  const id = await phone.sendText('alice', 'to be forwarded')
  await phone.forward('alice', marked(group), id)
  const forwarded = telegram.world.view(alice, group).at(-1)
  expect(forwarded?.text).toBe('to be forwarded')
  // Not compared in depth: people and rooms hold one another.
  expect(forwarded?.forwardedFrom === bob).toBe(true)
  await expect(phone.sendText('alice', '')).rejects.toMatchObject({ errorMessage: 'MESSAGE_EMPTY' })
  expect(await phone.invoke(new Api.help.GetNearestDc())).toMatchObject({ thisDc: 2 })
})
