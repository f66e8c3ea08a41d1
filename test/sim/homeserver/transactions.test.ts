import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SimUser } from './index.ts'
import { SimHomeserver } from './index.ts'
import { TestAppservice, TestClient } from './test-parties.ts'

const BOT = '@bridgebot:sim.local'
const GHOST = '@_irc_bob:sim.local'
const PING = '/_matrix/client/v1/appservice/bridge/ping'

let homeserver: SimHomeserver
let appservice: TestAppservice
let bot: TestClient
let alice: SimUser
let roomId: string

/** A room of alice with the bot in it, and nothing under way. */
async function begin(retry = { baseMs: 5, maxMs: 20 }): Promise<void> {
  appservice = await TestAppservice.start()
  homeserver = await SimHomeserver.start({ appservices: [appservice.registration()], retry })
  const client = new TestClient(homeserver.url, 'as-token')
  bot = client.as(BOT)
  await client.post('/register', {
    type: 'm.login.application_service',
    username: 'bridgebot',
    inhibit_login: true,
  })
  alice = await homeserver.user('alice')
  roomId = await alice.createRoom({ invite: [BOT] })
  await bot.post(`/join/${roomId}`)
  await drained()
  appservice.transactions.length = 0
}

const drained = () => homeserver.waitFor(() => homeserver.isDrained('bridge'), 'transactions delivered')
const received = (count: number) =>
  homeserver.waitFor(() => appservice.bodies().length >= count, `${count} messages at the appservice`)
const arrived = (count: number) =>
  homeserver.waitFor(() => appservice.transactions.length >= count, `${count} transactions`)

async function say(...bodies: string[]): Promise<void> {
  for (const body of bodies) await alice.sendText(roomId, body)
}

beforeEach(() => begin())

afterEach(async () => {
  await homeserver.close()
  appservice.close()
})

describe('delivery', () => {
  test('in order, one at a time, with the token and without transaction ids of senders', async () => {
    const expected = Array.from({ length: 250 }, (_, n) => `${n}`)
    await say(...expected)
    await drained()
    expect(appservice.bodies()).toEqual(expected)
    // The first goes at once; the others wait behind it and leave by the hundred.
    expect(appservice.transactions.map(({ events }) => events.length)).toEqual([1, 100, 100, 49])
    expect(appservice.transactions[0]?.token).toBe('Bearer hs-token')
    expect(appservice.transactions[0]?.events[0]?.unsigned.transaction_id).toBeUndefined()
    const ids = appservice.transactions.map(({ id }) => Number(id))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  })

  test('only events that interest the appservice', async () => {
    const elsewhere = await alice.createRoom()
    await alice.sendText(elsewhere, 'private')
    await say('shared')
    await drained()
    expect(appservice.bodies()).toEqual(['shared'])
  })

  test('ephemeral events go along, but never in a retry', async () => {
    await alice.typing(roomId, true)
    await homeserver.waitFor(
      () => appservice.transactions.some(({ ephemeral }) => ephemeral.length > 0),
      'typing',
    )
    expect(appservice.transactions[0]).toMatchObject({
      events: [],
      ephemeral: [{ type: 'm.typing', room_id: roomId, content: { user_ids: [alice.userId] } }],
    })
    await drained()
    appservice.transactions.length = 0
    // The first message occupies the queue, so that the second shares a transaction with the typing.
    homeserver.faults.holdTransactions = true
    await say('one')
    await alice.typing(roomId, false)
    appservice.answer = 500
    homeserver.faults.holdTransactions = false
    await arrived(2)
    appservice.answer = 200
    await drained()
    const [first, ...retries] = appservice.transactions
    expect(first?.ephemeral).toHaveLength(1)
    expect(retries.length).toBeGreaterThan(0)
    for (const retry of retries) expect(retry).toMatchObject({ id: first?.id, ephemeral: [] })
  })

  test('what is refused is retried with the same id, in order, until it is taken', async () => {
    appservice.answer = 503
    await say('a')
    await arrived(1)
    await say('b', 'c')
    await arrived(4)
    expect(new Set(appservice.bodies())).toEqual(new Set(['a']))
    expect(new Set(appservice.transactions.map(({ id }) => id)).size).toBe(1)
    appservice.transactions.length = 0
    appservice.answer = 200
    await drained()
    expect(appservice.bodies()).toEqual(['a', 'b', 'c'])
  })

  test('an invite has the state of the room with it', async () => {
    const direct = await alice.directRoomWith(GHOST)
    await drained()
    const events = appservice.transactions.flatMap((transaction) => transaction.events)
    const invite = events.find((event) => event.room_id === direct && event.state_key === GHOST)
    expect(invite?.content).toMatchObject({ membership: 'invite', is_direct: true })
    expect(invite?.unsigned.invite_room_state).toContainEqual(
      expect.objectContaining({ type: 'm.room.create' }),
    )
    expect(homeserver.accountData(alice.userId, 'm.direct')).toEqual({ [GHOST]: [direct] })
  })
})

describe('queries', () => {
  test('an unknown user is asked for before the invite is handed on', async () => {
    let deliveredBefore = -1
    appservice.onQuery = () => {
      deliveredBefore = appservice.transactions.length
      return Promise.resolve(false)
    }
    await alice.invite(roomId, GHOST)
    await arrived(1)
    expect(appservice.queries).toEqual([`users ${GHOST}`])
    expect(deliveredBefore).toBe(0)
  })

  test('an unknown alias is asked for, and the room may come from that', async () => {
    const alias = '#_irc_chan:sim.local'
    await expect(alice.join(alias)).rejects.toMatchObject({ errcode: 'M_NOT_FOUND' })
    appservice.onQuery = async () => {
      const answer = await bot.post('/createRoom', { preset: 'public_chat', room_alias_name: '_irc_chan' })
      return answer.status === 200
    }
    const joined = await alice.join(alias)
    expect(homeserver.members(joined)).toContain(alice.userId)
    expect(appservice.queries).toEqual([`rooms ${alias}`, `rooms ${alias}`])
  })
})

describe('death of the homeserver', () => {
  test('events behind a held transaction are lost; the held one comes after a later failure', async () => {
    appservice.answer = 'hold'
    await say('a')
    await arrived(1)
    await say('b', 'c')
    await homeserver.kill()
    appservice.transactions.length = 0
    appservice.answer = 200
    await homeserver.restart()
    await say('d')
    await received(1)
    expect(appservice.bodies()).toEqual(['d'])
    appservice.answer = 503
    await say('e')
    await arrived(2)
    appservice.answer = 200
    await drained()
    expect(appservice.bodies()).toEqual(['d', 'e', 'a', 'e'])
  })

  test('with loseOnHold off nothing is lost', async () => {
    homeserver.faults.loseOnHold = false
    appservice.answer = 'hold'
    await say('a')
    await arrived(1)
    await say('b', 'c')
    await homeserver.kill()
    appservice.transactions.length = 0
    appservice.answer = 200
    await homeserver.restart()
    await drained()
    expect(appservice.bodies()).toEqual(['a', 'b', 'c'])
  })

  test('refused transactions survive, but wait for the first event after the restart', async () => {
    appservice.answer = 503
    await say('a')
    await arrived(1)
    await say('b')
    await homeserver.kill()
    appservice.transactions.length = 0
    appservice.answer = 200
    await homeserver.restart()
    // With nothing to force, a ping just answers.
    expect((await bot.post(PING)).status).toBe(200)
    expect(appservice.transactions).toEqual([])
    await say('c')
    await drained()
    expect(appservice.bodies()).toEqual(['a', 'b', 'c'])
  })
})

describe('ping', () => {
  test('drains a backlog at once', async () => {
    await homeserver.close()
    appservice.close()
    await begin({ baseMs: 1_000_000, maxMs: 1_000_000 })
    appservice.answer = 503
    await say('a')
    await arrived(1)
    await homeserver.waitFor(() => !homeserver.isDrained('bridge'), 'backlog')
    appservice.answer = 200
    const pinged = await bot.post(PING, { transaction_id: 'p1' })
    expect(pinged).toMatchObject({ status: 200, body: { duration_ms: expect.any(Number) as number } })
    await drained()
    expect(appservice.bodies()).toEqual(['a', 'a'])
  })

  test('fails when the appservice is gone, and for another id', async () => {
    expect((await bot.post('/_matrix/client/v1/appservice/other/ping')).status).toBe(403)
    appservice.close()
    expect(await bot.post(PING)).toMatchObject({ status: 502, body: { errcode: 'M_CONNECTION_FAILED' } })
  })
})

describe('odd deliveries', () => {
  test('doubled, replayed, and with ids that start again', async () => {
    homeserver.faults.duplicateTransactions = true
    await say('a')
    await arrived(2)
    await drained()
    expect(appservice.bodies()).toEqual(['a', 'a'])
    homeserver.faults.duplicateTransactions = false
    await say('b')
    await drained()
    expect(await homeserver.faults.replayOldTransaction(-2)).toBe(true)
    expect(appservice.bodies()).toEqual(['a', 'a', 'b', 'a'])
    homeserver.faults.resetTransactionIds()
    await say('c')
    await drained()
    expect(appservice.transactions.at(-1)?.id).toBe('1')
  })
})
