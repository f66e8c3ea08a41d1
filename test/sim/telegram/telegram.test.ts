import type { Message } from '@mtcute/core'
import type { TelegramClient } from '@mtcute/core/client.js'
import { MemoryStorage } from '@mtcute/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { waitUntil } from '../irc/wait.ts'
import { mtcute } from './clients/mtcute.ts'
import { SimTelegram } from './index.ts'
import type { Account, Channel } from './world/index.ts'
import { SERVER_KEY } from './wire/test-key.ts'

let telegram: SimTelegram
let alice: Account
let bob: Account
let room: Channel
let storage: MemoryStorage
let clients: TelegramClient[]

beforeEach(async () => {
  telegram = await SimTelegram.start({ serverKey: SERVER_KEY })
  alice = telegram.world.user({ firstName: 'Alice', username: 'alice', phone: '15550001' })
  bob = telegram.world.user({ firstName: 'Bob', username: 'bob', phone: '15550002' })
  room = telegram.world.supergroup({ title: 'Room', members: [alice, bob] })
  storage = new MemoryStorage()
  clients = []
})

afterEach(async () => {
  for (const client of clients) await client.destroy()
  await telegram.stop()
  expect(telegram.problems).toEqual([])
})

/** Alice's client, with what it received so far. */
async function aliceConnects(): Promise<{ client: TelegramClient; got: Message[] }> {
  const login = clients.length === 0 ? { login: { authKey: telegram.preauth(alice), userId: alice.id } } : {}
  const client = await mtcute(telegram, { storage, ...login })
  clients.push(client)
  const got: Message[] = []
  client.onNewMessage.add((message) => got.push(message))
  let updating = true
  client.onConnectionState.add((state) => {
    if (state === 'connected') updating = false
  })
  await client.start({})
  // What comes before the first difference of a new login is lost to mtcute.
  await waitUntil(() => !updating, 'the first difference')
  // So that it knows the room.
  for await (const dialog of client.iterDialogs()) expect(dialog.peer).toBeDefined()
  return { client, got }
}

const texts = (got: readonly Message[]) => got.map(({ text }) => text)

describe('what is missed is fetched', () => {
  test.each([1, 2, 1000])('in slices of %i, in order', async (slice) => {
    telegram.world.switches.differenceSlice = slice
    telegram.world.switches.channelDifferenceSlice = slice
    const first = await aliceConnects()
    telegram.world.say(bob, alice, 'seen')
    telegram.world.say(bob, room, 'seen there')
    await waitUntil(() => first.got.length === 2, 'what comes while it is there')
    await first.client.disconnect()
    const expected = Array.from({ length: 20 }, (_, i) => String(i))
    for (const text of expected) {
      telegram.world.say(bob, alice, `private ${text}`)
      telegram.world.say(bob, room, `room ${text}`)
    }
    const second = await aliceConnects()
    await waitUntil(() => second.got.length >= 40, 'everything')
    const of = (kind: string) => texts(second.got).filter((text) => text.startsWith(kind))
    expect(of('private')).toEqual(expected.map((text) => `private ${text}`))
    expect(of('room')).toEqual(expected.map((text) => `room ${text}`))
  })

  test('when pushes are lost, doubled and out of order', async () => {
    const { got } = await aliceConnects()
    telegram.world.say(bob, alice, 'warm')
    await waitUntil(() => got.length === 1, 'the first')
    const { faults } = telegram.wire
    faults.dropPush(1, alice.id)
    telegram.world.say(bob, alice, '1')
    faults.duplicatePush(1, alice.id)
    telegram.world.say(bob, alice, '2')
    faults.reorderPush(alice.id)
    for (const text of ['3', '4', '5']) telegram.world.say(bob, alice, text)
    await waitUntil(() => got.length >= 6, 'everything')
    expect(texts(got)).toEqual(['warm', '1', '2', '3', '4', '5'])
  })
})

describe('a send whose answer is lost with session and connection', () => {
  test.each(['replay', 'inProgressOnce'] as const)(
    'is one message when a repeat is answered by %s',
    async (duplicate) => {
      telegram.world.switches.duplicate = duplicate
      const { client } = await aliceConnects()
      await client.resolvePeer('bob')
      telegram.wire.faults.kill({ when: 'after', call: 1, method: 'messages.sendMessage', forget: true })
      const sent = await client.sendText('bob', 'once')
      expect(sent.text).toBe('once')
      expect(telegram.world.view(bob, alice).map(({ text }) => text)).toEqual(['once'])
      expect(telegram.calls({ method: 'messages.sendMessage' }).length).toBeGreaterThan(1)
    },
  )

  test('comes over the next connection if the session was kept', async () => {
    const { client } = await aliceConnects()
    await client.resolvePeer('bob')
    telegram.wire.faults.kill({ when: 'after', call: 1, method: 'messages.sendMessage' })
    await client.sendText('bob', 'once')
    expect(telegram.calls({ method: 'messages.sendMessage' })).toHaveLength(1)
  })
})

test('a login code is written to the other device', async () => {
  const { got } = await aliceConnects()
  const phone = await mtcute(telegram)
  clients.push(phone)
  await phone.connect()
  const sent = await phone.sendCode({ phone: '+15550001' })
  if (!('phoneCodeHash' in sent)) throw new Error('logged in without a code')
  await waitUntil(() => got.length > 0, 'the code')
  const phoneCode = /\d{5}/.exec(got[0]?.text ?? '')?.[0] ?? ''
  const self = await phone.signIn({ phone: '+15550001', phoneCodeHash: sent.phoneCodeHash, phoneCode })
  expect(self.id).toBe(Number(alice.id))
})
