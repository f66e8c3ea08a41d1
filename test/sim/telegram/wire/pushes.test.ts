import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TlObject } from '../contract.ts'
import { waitUntil } from '../../irc/wait.ts'
import { mtcute } from '../clients/mtcute.ts'
import { RawClient } from './raw-client.ts'
import { StubWorld } from './stub-world.ts'
import { SERVER_KEY } from './test-key.ts'
import type { WireOptions } from './wire.ts'
import { TelegramWire } from './wire.ts'

let wire: TelegramWire
let world: StubWorld
let secret: Buffer
let clients: RawClient[]

async function begin(options: WireOptions = {}): Promise<void> {
  wire = await TelegramWire.start(
    { serverKey: SERVER_KEY, ...options },
    (made) => (world = new StubWorld(made)),
  )
  world.account(1n)
  secret = wire.preauth(1n)
  clients = []
}

async function end(): Promise<void> {
  for (const client of clients) client.close()
  await wire.stop()
}

beforeEach(() => begin())
afterEach(end)

const typing = (userId: bigint): TlObject => ({
  _: 'updateShort',
  update: { _: 'updateUserTyping', user_id: userId, action: { _: 'sendMessageTypingAction' } },
  date: 1,
})

/** Pushes to the one device of account 1. */
function push(...userIds: bigint[]): void {
  const [device] = wire.authorizations(1n)
  if (device === undefined) throw new Error('nobody is logged in')
  for (const userId of userIds) wire.push(device, typing(userId))
}

/** A client on the key that has learned its salt. */
async function connected(): Promise<RawClient> {
  const client = new RawClient(wire.port, secret)
  clients.push(client)
  await client.connect()
  client.send(client.service({ _: 'ping', ping_id: 1n }))
  const bad = await client.find(({ object }) => object._ === 'bad_server_salt')
  client.salt = bad.object['new_server_salt'] as bigint
  return client
}

async function called(client: RawClient, request: TlObject): Promise<void> {
  const call = client.call(request)
  client.send(call)
  await client.answer(call)
}

const STATE = { _: 'updates.getState' }

const received = (client: RawClient) =>
  client.got.flatMap(({ object }) =>
    object._ === 'updateShort' ? [(object['update'] as TlObject)['user_id']] : [],
  )

/** Everything that was pushed before has arrived, if it was to arrive. */
async function settled(client: RawClient): Promise<void> {
  await called(client, STATE)
}

describe('which session gets the updates', () => {
  test('the last one that asked for anything but files and wanted updates', async () => {
    const first = await connected()
    const second = await connected()
    await called(first, STATE)
    push(1n)
    await called(second, {
      _: 'upload.getFile',
      location: { _: 'inputTakeoutFileLocation' },
      offset: 0n,
      limit: 1024,
    })
    await called(second, { _: 'invokeWithoutUpdates', query: { _: 'help.getNearestDc' } })
    push(2n)
    await called(second, STATE)
    push(3n)
    await called(second, STATE)
    expect([received(first), received(second)]).toEqual([[1n, 2n], [3n]])
  })

  test('none before there was one, and none after it was forgotten', async () => {
    const client = await connected()
    const [device] = wire.authorizations(1n)
    if (device === undefined) throw new Error('nobody is logged in')
    expect(wire.online(device)).toBe(false)
    push(1n)
    await called(client, STATE)
    expect(wire.online(device)).toBe(true)
    wire.forgetSessions(1n)
    expect(wire.online(device)).toBe(false)
    push(2n)
    await settled(client)
    push(3n)
    await settled(client)
    expect(received(client)).toEqual([3n])
    expect(world.events).toEqual(['1 in', '1 online', '1 offline', '1 online'])
  })
})

describe('a push', () => {
  test('is lost without a connection, and what was sent before comes again', async () => {
    const client = await connected()
    await called(client, STATE)
    push(1n)
    await settled(client)
    client.close()
    await waitUntil(() => wire.framings.length === 0, 'the end of the connection')
    push(2n)
    client.got.length = 0
    await client.connect()
    await settled(client)
    expect(received(client)).toEqual([1n])
  })

  test('waits for the connection if the switch is on', async () => {
    await end()
    await begin({ queuePushes: true })
    const client = await connected()
    await called(client, STATE)
    client.close()
    await waitUntil(() => wire.framings.length === 0, 'the end of the connection')
    push(1n, 2n)
    await client.connect()
    await settled(client)
    expect(received(client)).toEqual([1n, 2n])
  })

  test('may be dropped, doubled and held back', async () => {
    const client = await connected()
    await called(client, STATE)
    wire.faults.dropPush(2, 1n)
    push(1n, 2n, 3n)
    wire.faults.duplicatePush()
    push(4n)
    wire.faults.reorderPush(1n)
    push(5n, 6n, 7n)
    wire.faults.dropPush(1, 99n)
    push(8n)
    await settled(client)
    expect(received(client)).toEqual([3n, 4n, 4n, 6n, 5n, 7n, 8n])
    const doubled = client.got.filter(
      ({ object }) => (object['update'] as TlObject | undefined)?.['user_id'] === 4n,
    )
    expect(new Set(doubled.map(({ messageId }) => messageId)).size).toBe(1)
  })

  test('that has no bytes is an error, and is noted', async () => {
    const client = await connected()
    await called(client, STATE)
    const [device] = wire.authorizations(1n)
    if (device === undefined) throw new Error('nobody is logged in')
    expect(() => wire.push(device, { _: 'updateShort', date: 1 })).toThrow(/updateShort.update wants Update/)
    expect(wire.journal.problems).toHaveLength(1)
  })

  test('reaches mtcute once, even doubled', async () => {
    const client = await mtcute(wire, { login: { authKey: secret, userId: 1n } })
    const got: string[] = []
    client.onServerUpdate.add((update) => got.push(update._))
    await client.connect()
    await client.call({ _: 'updates.getState' })
    wire.faults.duplicatePush()
    push(1n)
    const [device] = wire.authorizations(1n)
    if (device !== undefined) wire.push(device, { _: 'updatesTooLong' })
    await waitUntil(() => got.includes('updatesTooLong'), 'the push')
    expect(got).toEqual(['updateShort', 'updatesTooLong'])
    await client.destroy()
  })
})
