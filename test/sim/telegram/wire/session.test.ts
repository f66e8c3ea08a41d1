import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TlObject } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import type { Got } from './raw-client.ts'
import { RawClient } from './raw-client.ts'
import { NEWEST } from './layers.ts'
import { StubWorld } from './stub-world.ts'
import { ByteWriter } from './tl-bytes.ts'
import { encodeObject } from './tl-encode.ts'
import { TelegramWire } from './wire.ts'
import { SERVER_KEY } from './test-key.ts'

const NEAREST = { _: 'help.getNearestDc' }
const STATE = { _: 'updates.getState' }

let wire: TelegramWire
let world: StubWorld
let client: RawClient

beforeEach(async () => {
  wire = await TelegramWire.start({ serverKey: SERVER_KEY }, (made) => (world = new StubWorld(made)))
  world.account(1n)
  client = new RawClient(wire.port, wire.preauth(1n))
  await client.connect()
})

afterEach(async () => {
  client.close()
  await wire.stop()
})

const named = (name: string) => (got: Got) => got.object._ === name
const count = (name: string) => client.got.filter(named(name)).length

/** Learns the salt as clients do, and leaves nothing behind. */
async function ready(): Promise<void> {
  client.send(client.call(NEAREST))
  const { object } = await client.find(named('bad_server_salt'))
  client.salt = object['new_server_salt'] as bigint
  const first = client.call(NEAREST)
  client.send(first)
  await client.answer(first)
  acknowledge(client.got.filter(({ seqno }) => seqno % 2 === 1).map(({ messageId }) => messageId))
  client.got.length = 0
}

async function reconnect(): Promise<void> {
  client.close()
  await client.connect()
}

const acknowledge = (ids: bigint[]): bigint => client.send(client.service({ _: 'msgs_ack', msg_ids: ids }))

async function stateOf(ids: bigint[]): Promise<number[]> {
  const request = client.service({ _: 'msgs_state_req', msg_ids: ids }, true)
  client.send(request)
  const { object } = await client.find(
    (got) => got.object._ === 'msgs_state_info' && got.object['req_msg_id'] === request.messageId,
  )
  return [...(object['info'] as Buffer)]
}

describe('a session', () => {
  test('begins with a word about it, after the salt is right', async () => {
    client.send(client.call(NEAREST))
    const bad = await client.find(named('bad_server_salt'))
    expect(bad.object).toMatchObject({ error_code: 48, bad_msg_seqno: 1 })
    expect(count('new_session_created')).toBe(0)
    client.salt = bad.object['new_server_salt'] as bigint
    const call = client.call(NEAREST)
    client.send(call)
    await client.answer(call)
    const created = await client.find(named('new_session_created'))
    expect(created.object).toMatchObject({ first_msg_id: call.messageId, server_salt: client.salt })
    expect(created.messageId % 4n).toBe(3n)
    expect(created.seqno % 2).toBe(1)
  })

  test('acknowledges content and nothing else', async () => {
    await ready()
    const call = client.call(NEAREST)
    const ping = client.service({ _: 'ping', ping_id: 5n })
    client.send(call, ping)
    expect((await client.find(named('pong'))).object).toMatchObject({ msg_id: ping.messageId, ping_id: 5n })
    await client.answer(call)
    const acks = client.got.filter(named('msgs_ack')).flatMap(({ object }) => object['msg_ids'])
    expect(acks).toEqual([call.messageId])
  })

  test('answers what comes compressed', async () => {
    await ready()
    const out = new ByteWriter()
    out.int(0x3072cfa1)
    out.bytes(gzipSync(encodeObject(NEWEST, NEAREST)))
    const call = client.message(out.result())
    client.send(call)
    expect(await client.answer(call)).toMatchObject({ _: 'nearestDc' })
  })

  test('message ids of the server increase, answers and others apart', async () => {
    await ready()
    const calls = [client.call(NEAREST), client.call(NEAREST), client.call(STATE)]
    client.send(...calls)
    for (const call of calls) await client.answer(call)
    const answers = client.got.filter(named('rpc_result'))
    expect(answers.map(({ messageId }) => messageId % 4n)).toEqual([1n, 1n, 1n])
    expect(answers.map(({ seqno }) => seqno % 2)).toEqual([1, 1, 1])
    const ids = answers.map(({ messageId }) => messageId)
    expect([...ids].sort((a, b) => (a < b ? -1 : 1))).toEqual(ids)
  })

  test('sends an answer again after a reconnect, with its id, until it is acknowledged', async () => {
    await ready()
    const call = client.call(STATE)
    client.send(call)
    await client.answer(call)
    const [first] = client.got.filter(named('rpc_result'))
    client.got.length = 0
    await reconnect()
    client.send(client.service({ _: 'ping', ping_id: 1n }))
    expect((await client.find(named('rpc_result'))).messageId).toBe(first?.messageId)
    acknowledge([first?.messageId ?? 0n])
    client.got.length = 0
    await reconnect()
    client.send(client.service({ _: 'ping', ping_id: 2n }))
    await client.find(named('pong'))
    expect(count('rpc_result')).toBe(0)
    expect(wire.journal.calls({ method: 'updates.getState' })).toHaveLength(1)
  })

  test('executes a message once, however often it comes', async () => {
    await ready()
    const call = client.call(STATE)
    client.send(call)
    await client.answer(call)
    client.got.length = 0
    client.send(call)
    await client.answer(call)
    expect(wire.journal.calls({ method: 'updates.getState' })).toHaveLength(1)
  })

  test('tells the truth about messages', async () => {
    await ready()
    let finish: (value: TlObject) => void = () => undefined
    world.methods['updates.getState'] = () =>
      new Promise((resolve) => {
        finish = resolve
      })
    const running = client.call(STATE)
    const answered = client.call(NEAREST)
    client.send(running, answered)
    await client.answer(answered)
    const never = client.nextId()
    expect(
      (await stateOf([running.messageId, answered.messageId, never, 8n])).map((state) => state & 7),
    ).toEqual([4, 4, 2, 1])
    expect((await stateOf([running.messageId, answered.messageId])).map((state) => state & 64)).toEqual([
      0, 64,
    ])
    finish({ _: 'updates.state', pts: 1, qts: 0, date: 1, seq: 0, unread_count: 0 })
    await client.answer(running)
    expect((await stateOf([running.messageId]))[0]).toBe(4 + 64)
  })

  test('sends a lost answer when it is asked for its state', async () => {
    await ready()
    wire.faults.dropReply('updates.getState')
    const call = client.call(STATE)
    client.send(call)
    await client.until(() =>
      wire.journal.calls({ method: 'updates.getState' })[0]?.outcome === 'lost' ? true : undefined,
    )
    expect(count('rpc_result')).toBe(0)
    await stateOf([call.messageId])
    expect(await client.answer(call)).toMatchObject({ _: 'updates.state' })
  })

  test('resends a message on request', async () => {
    await ready()
    const call = client.call(NEAREST)
    client.send(call)
    await client.answer(call)
    const { messageId } = await client.find(named('rpc_result'))
    client.got.length = 0
    client.send(client.service({ _: 'msg_resend_req', msg_ids: [messageId] }, true))
    expect((await client.find(named('rpc_result'))).messageId).toBe(messageId)
  })

  test('may be forgotten: the next packet makes a new one, and nothing comes again', async () => {
    await ready()
    const call = client.call(STATE)
    client.send(call)
    await client.answer(call)
    wire.forgetSessions(1n)
    client.got.length = 0
    client.send(client.service({ _: 'ping', ping_id: 1n }))
    await client.find(named('new_session_created'))
    await client.find(named('pong'))
    expect(count('rpc_result')).toBe(0)
    expect((await stateOf([call.messageId]))[0]).toBe(1)
  })

  test('may be destroyed by another one', async () => {
    await ready()
    const { sessionId } = client
    client.sessionId = randomBytes(8).readBigInt64LE(0)
    for (const expected of ['destroy_session_ok', 'destroy_session_none']) {
      const request = client.service({ _: 'destroy_session', session_id: sessionId }, true)
      client.send(request)
      expect(await client.answer(request)).toMatchObject({ _: expected, session_id: sessionId })
    }
  })
})

const idAt = (seconds: number) => BigInt(Math.floor(Date.now() / 1000) + seconds) << 32n

describe('complaints', () => {
  test.each<[string, () => bigint, number]>([
    ['too old', () => idAt(-400), 16],
    ['from the future', () => idAt(100), 17],
    ['no multiple of four', () => idAt(0) + 1n, 18],
  ])('a message id that is %s', async (_, id, code) => {
    await ready()
    const messageId = id()
    client.send(client.message(encodeObject(NEWEST, NEAREST), true, messageId))
    const { object } = await client.find(named('bad_msg_notification'))
    expect(object).toMatchObject({ bad_msg_id: messageId, error_code: code })
    expect(wire.journal.calls({ method: NEAREST._ })).toHaveLength(1)
  })

  test('the skew of the clock decides what is old', async () => {
    await ready()
    wire.clockSkew = 1000
    client.send(client.call(NEAREST))
    const bad = await client.find(named('bad_msg_notification'))
    expect(bad.object['error_code']).toBe(16)
    expect(Number(bad.messageId >> 32n) - Date.now() / 1000).toBeGreaterThan(990)
  })

  test('an unknown key is a transport error', async () => {
    const stranger = new RawClient(wire.port, randomBytes(256))
    await stranger.connect()
    stranger.send(stranger.call(NEAREST))
    expect(await stranger.until(() => stranger.errors[0])).toBe(-404)
    stranger.close()
  })

  test('a destroyed key is unknown', async () => {
    await ready()
    client.send(client.service({ _: 'destroy_auth_key' }, true))
    await client.until(() => client.got.find(({ object }) => object._ === 'rpc_result'))
    client.send(client.call(NEAREST))
    expect(await client.until(() => client.errors[0])).toBe(-404)
  })

  test('a packet that was changed ends the connection', async () => {
    await ready()
    const packet = client.key.seal(Buffer.alloc(64), 'from-client')
    packet[30] = (packet[30] ?? 0) ^ 1
    const length = Buffer.alloc(4)
    length.writeUInt32LE(packet.length)
    client.sendRaw(Buffer.concat([length, packet]))
    await client.until(() => (client.closed ? true : undefined))
    expect(wire.journal.problems).toEqual([])
  })

  test('a salt that was rotated is no good any more', async () => {
    await ready()
    wire.rotateSalts(1n)
    const call = client.call(NEAREST)
    client.send(call)
    const bad = await client.find(({ object }) => object['bad_msg_id'] === call.messageId)
    expect(bad.object).toMatchObject({ _: 'bad_server_salt', error_code: 48 })
    expect(bad.object['new_server_salt']).not.toBe(client.salt)
  })

  test('salts are given for the future', async () => {
    await ready()
    const request = client.service({ _: 'get_future_salts', num: 64 }, true)
    client.send(request)
    const { object } = await client.find(named('future_salts'))
    expect(object['req_msg_id']).toBe(request.messageId)
    expect(object['salts']).toEqual([expect.objectContaining({ salt: client.salt })])
  })
})

describe('calls', () => {
  test('an unknown method is 400, and so are broken requests and handlers', async () => {
    await ready()
    world.methods['updates.getState'] = () => {
      throw new TypeError('a bug')
    }
    const unknown = client.message(Buffer.from('efbeaddefefefefe', 'hex'))
    const broken = client.message(encodeObject(NEWEST, { _: 'messages.getChats', id: [] }).subarray(0, 8))
    const bug = client.call(STATE)
    const noSuch = client.call({ _: 'messages.getAllDrafts' })
    client.send(unknown, broken, bug, noSuch)
    for (const call of [unknown, broken, bug, noSuch])
      expect(await client.answer(call)).toMatchObject({ _: 'rpc_error', error_code: 400 })
    expect(wire.journal.problems.map((problem) => problem.split('\n')[0])).toEqual([
      expect.stringContaining('ends 4 bytes too early'),
      'TypeError: a bug',
    ])
  })

  test('large answers are compressed and arrive', async () => {
    await ready()
    const app = client.call({ _: 'help.getAppConfig', hash: 0 })
    client.send(app)
    expect(await client.answer(app)).toMatchObject({ _: 'help.appConfig' })
  })

  test('a call that must wait for another runs after it, and fails if that failed', async () => {
    await ready()
    const order: string[] = []
    let release: () => void = () => undefined
    world.methods['updates.getState'] = async () => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      order.push('first')
      return { _: 'updates.state', pts: 1, qts: 0, date: 1, seq: 0, unread_count: 0 }
    }
    world.methods['users.getUsers'] = () => {
      order.push('second')
      throw new RpcFault(400, 'USER_ID_INVALID')
    }
    const after = (id: bigint, query: TlObject) => client.call({ _: 'invokeAfterMsg', msg_id: id, query })
    const first = client.call(STATE)
    const second = after(first.messageId, { _: 'users.getUsers', id: [] })
    const third = after(second.messageId, NEAREST)
    client.send(first, second, third)
    await client.until(() => (wire.journal.entries.length > 3 ? true : undefined))
    expect(order).toEqual([])
    release()
    expect(await client.answer(third)).toMatchObject({ error_message: 'MSG_WAIT_FAILED' })
    expect(await client.answer(second)).toMatchObject({ error_message: 'USER_ID_INVALID' })
    expect(order).toEqual(['first', 'second'])
  })

  test('wrappers in any order are taken off and the layer is remembered', async () => {
    await ready()
    const init = {
      _: 'initConnection',
      api_id: 5,
      device_model: 'model',
      system_version: '1',
      app_version: '2',
      system_lang_code: 'en',
      lang_pack: '',
      lang_code: 'en',
      query: { _: 'invokeWithoutUpdates', query: NEAREST },
    }
    const call = client.call({ _: 'invokeWithLayer', layer: NEWEST.layer + 1, query: init })
    client.send(call)
    await client.find((got) => got.object['req_msg_id'] === call.messageId)
    expect(wire.journal.entries.at(-1)).toMatchObject({
      method: NEAREST._,
      layer: NEWEST.layer + 1,
      outcome: 'ok',
    })
    const list = client.call({ _: 'account.getAuthorizations' })
    client.send(list)
    expect(await client.answer(list)).toMatchObject({
      authorizations: [{ current: true, device_model: 'model', app_version: '2', api_id: 5 }],
    })
  })

  test('a device without a login may only ask for one', async () => {
    await ready()
    wire.revoke(1n, 'SESSION_REVOKED')
    const state = client.call(STATE)
    const nearest = client.call(NEAREST)
    client.send(state, nearest)
    expect(await client.answer(state)).toMatchObject({ error_code: 401, error_message: 'SESSION_REVOKED' })
    expect(await client.answer(nearest)).toMatchObject({ _: 'nearestDc' })
  })

  test.each([
    ['deactivated', 'USER_DEACTIVATED'],
    ['banned', 'USER_DEACTIVATED_BAN'],
  ] as const)('an account that is %s is told so', async (state, text) => {
    await ready()
    world.account(1n, { state })
    const call = client.call(STATE)
    client.send(call)
    expect(await client.answer(call)).toMatchObject({ error_code: 401, error_message: text })
  })
})
