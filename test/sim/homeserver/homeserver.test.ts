import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SimHomeserver } from './index.ts'
import { TestClient } from './test-parties.ts'
import { ALICE, BOT, GHOST, TestWorld, text } from './test-world.ts'
import type { Content } from './types.ts'

let world: TestWorld
let homeserver: SimHomeserver
let client: TestClient

beforeEach(async () => {
  world = await TestWorld.start()
  ;({ homeserver, client } = world)
})

afterEach(() => world.close())

describe('identities', () => {
  test('an appservice registers its users once, and only its own', async () => {
    await world.register(GHOST)
    const again = { type: 'm.login.application_service', username: '_irc_bob', inhibit_login: true }
    expect(await client.post('/register', again)).toMatchObject({
      status: 400,
      body: { errcode: 'M_USER_IN_USE' },
    })
    const foreign = { ...again, username: 'alice' }
    expect(await client.post('/register', foreign)).toMatchObject({ body: { errcode: 'M_EXCLUSIVE' } })
    const person = { username: '_irc_dave', auth: { type: 'm.login.dummy' } }
    const nobody = new TestClient(homeserver.url, '')
    expect(await nobody.post('/register', person)).toMatchObject({ body: { errcode: 'M_EXCLUSIVE' } })
  })

  test('it may act only as users that it owns and has registered', async () => {
    await homeserver.user('alice')
    const masquerade = await client.as(ALICE).get('/joined_rooms')
    expect(masquerade).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
    expect(masquerade.body['error']).toContain('cannot masquerade')
    const unregistered = await client.as(GHOST).get('/joined_rooms')
    expect(unregistered.status).toBe(403)
    expect(unregistered.body['error']).toContain('has not registered this user')
    expect((await client.get('/account/whoami')).body['user_id']).toBe('@_as_sender:sim.local')
    expect((await client.get('/account/whoami?device_id=BRIDGE')).status).toBe(500)
    expect((await client.get('/sync')).status).toBe(500)
    const wrong = await new TestClient(homeserver.url, 'nonsense').get('/account/whoami')
    expect(wrong).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } })
  })

  test('a registration without url may act as everybody and gets no transactions', async () => {
    const change = { id: 'puppets', url: null, asToken: 'puppet-token', userRegexes: ['@.*:sim\\.local'] }
    homeserver.addAppservice(world.appservice.registration(change))
    await homeserver.user('alice')
    const puppet = new TestClient(homeserver.url, 'puppet-token')
    expect((await puppet.as(ALICE).get('/account/whoami')).body['user_id']).toBe(ALICE)
    expect(await puppet.as(ALICE).post('/_matrix/client/v1/appservice/puppets/ping')).toMatchObject({
      status: 400,
      body: { errcode: 'M_URL_NOT_SET' },
    })
  })

  test('with delegated authentication there is no login', async () => {
    const delegated = await SimHomeserver.start({ mas: true, appservices: [world.appservice.registration()] })
    const there = new TestClient(delegated.url, 'as-token')
    expect((await there.get('/login')).status).toBe(404)
    const body = { type: 'm.login.application_service', username: '_irc_bob' }
    const refused = await there.post('/register', body)
    expect(refused.body['errcode']).toBe('IO.ELEMENT.MSC4190.M_APPSERVICE_LOGIN_UNSUPPORTED')
    expect((await there.post('/register', { ...body, inhibit_login: true })).status).toBe(200)
    await delegated.close()
  })

  test('people log in with a password', async () => {
    await homeserver.user('alice')
    const nobody = new TestClient(homeserver.url, '')
    const login = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: 'alice' },
      password: 'alice',
    }
    const { body } = await nobody.post('/login', login)
    const alice = new TestClient(homeserver.url, String(body['access_token']))
    expect((await alice.get('/account/whoami')).body).toMatchObject({
      user_id: ALICE,
      device_id: body['device_id'],
    })
    expect((await nobody.post('/login', { ...login, password: 'wrong' })).status).toBe(403)
  })
})

describe('media', () => {
  test('an id is filled once; downloads need a token', async () => {
    await world.register(BOT)
    const bot = client.as(BOT)
    const { body } = await bot.post('/_matrix/media/v1/create')
    const place = String(body['content_uri']).slice('mxc://'.length)
    const download = `/_matrix/client/v1/media/download/${place}`
    expect((await bot.get(download)).body['errcode']).toBe('M_NOT_YET_UPLOADED')
    const upload = () =>
      bot.raw('PUT', `/_matrix/media/v3/upload/${place}?filename=a.bin`, new Uint8Array([1, 0, 2]))
    expect((await upload()).status).toBe(200)
    const second = await upload()
    expect(second.status).toBe(409)
    expect(await second.json()).toMatchObject({ errcode: 'M_CANNOT_OVERWRITE_MEDIA' })
    const file = await bot.raw('GET', download)
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(new Uint8Array([1, 0, 2]))
    expect(file.headers.get('content-disposition')).toContain('a.bin')
    expect((await fetch(homeserver.url + download)).status).toBe(401)
    expect((await bot.get(`/_matrix/media/v3/download/${place}`)).status).toBe(404)
  })
})

describe('sync', () => {
  test('waits for news and gives increments', async () => {
    const alice = await homeserver.user('alice')
    const bob = await homeserver.user('bob')
    const roomId = await alice.createRoom({ invite: [bob.userId], name: 'Lobby' })
    const reader = new TestClient(homeserver.url, bob.accessToken)
    const first = await reader.get('/sync')
    expect(first.body).toMatchObject({ rooms: { invite: { [roomId]: { invite_state: {} } }, join: {} } })
    await bob.join(roomId)
    const joined = await reader.get(`/sync?since=${String(first.body['next_batch'])}`)
    const seen = JSON.stringify(joined.body)
    expect(seen).toContain('Lobby')
    const since = String(joined.body['next_batch'])
    const waiting = reader.get(`/sync?since=${since}&timeout=60000`)
    await homeserver.waitFor(() => homeserver.isSyncing(bob.userId), 'the request to wait')
    const eventId = await alice.sendText(roomId, 'hello')
    const { body } = await waiting
    const events = [{ event_id: eventId, content: { body: 'hello' } }]
    expect(body).toMatchObject({ rooms: { join: { [roomId]: { timeline: { events, limited: false } } } } })
    await alice.typing(roomId, true)
    await alice.receipt(roomId, eventId)
    const after = await reader.get(`/sync?since=${String(body['next_batch'])}&timeout=60000`)
    const ephemeral = [{ type: 'm.typing', content: { user_ids: [ALICE] } }, { type: 'm.receipt' }]
    expect(after.body).toMatchObject({ rooms: { join: { [roomId]: { ephemeral: { events: ephemeral } } } } })
    const empty = await reader.get(`/sync?since=${String(after.body['next_batch'])}&timeout=1`)
    expect(empty.body).toMatchObject({ rooms: { join: {}, invite: {}, leave: {} } })
  })

  test('a long gap is limited, with the state in between', async () => {
    const alice = await homeserver.user('alice')
    const roomId = await alice.createRoom()
    const reader = new TestClient(homeserver.url, alice.accessToken)
    const since = String((await reader.get('/sync')).body['next_batch'])
    await alice.state(roomId, 'm.room.topic', '', { topic: 'new' })
    for (let n = 0; n < 15; n++) await alice.sendText(roomId, `${n}`)
    const { body } = await reader.get(`/sync?since=${since}`)
    const state = { events: [{ type: 'm.room.topic', content: { topic: 'new' } }] }
    expect(body).toMatchObject({ rooms: { join: { [roomId]: { timeline: { limited: true }, state } } } })
  })
})

describe('paging', () => {
  test('goes through a room backwards and forwards without gaps or repeats', async () => {
    const alice = await homeserver.user('alice')
    const roomId = await alice.createRoom()
    for (let n = 0; n < 20; n++) await alice.sendText(roomId, `${n}`)
    const reader = new TestClient(homeserver.url, alice.accessToken)
    const ids = homeserver.timeline(roomId).map((event) => event.event_id)
    for (const dir of ['b', 'f']) {
      const seen: unknown[] = []
      let from = ''
      for (;;) {
        const { body } = await reader.get(`/rooms/${roomId}/messages?dir=${dir}&limit=7${from}`)
        seen.push(...(body['chunk'] as Content[]).map((event) => event['event_id']))
        if (body['end'] === undefined) break
        from = `&from=${body['end'] as string}`
      }
      expect(seen).toEqual(dir === 'f' ? ids : ids.toReversed())
    }
  })
})

describe('faults', () => {
  test('answers, resets before and after, hanging, a proxy without a homeserver', async () => {
    await world.register(BOT)
    const roomId = await world.portal()
    const { faults } = homeserver
    const bot = client.as(BOT)
    const send = (body: string) => bot.put(`/rooms/${roomId}/send/m.room.message/${body}`, text(body))
    faults.respond(
      { method: 'PUT', path: /\/send\//, times: 1 },
      { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED' } },
    )
    expect((await send('limited')).status).toBe(429)
    expect((await send('passed')).status).toBe(200)
    faults.respond({ path: /\/send\//, times: 1 }, { reset: 'before' })
    await expect(send('before')).rejects.toThrow()
    faults.respond({ path: /\/send\//, times: 1 }, { reset: 'after' })
    await expect(send('after')).rejects.toThrow()
    expect(world.bodiesIn(roomId)).toEqual(['passed', 'after'])
    const up = faults.downUntil()
    const down = await bot.raw('GET', '/joined_rooms')
    expect([down.status, down.headers.get('content-type')]).toEqual([502, 'text/html'])
    up()
    const free = faults.respond({ path: /joined_rooms/ }, { hang: true })
    const hanging = bot.get('/joined_rooms')
    hanging.catch(() => undefined)
    expect((await bot.get('/account/whoami')).status).toBe(200)
    free()
    expect((await bot.get('/joined_rooms')).status).toBe(200)
    await homeserver.kill()
    await expect(hanging).rejects.toThrow()
    await homeserver.restart()
  })
})
