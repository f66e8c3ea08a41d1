import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SimHomeserver } from './index.ts'
import { TestAppservice, TestClient } from './test-parties.ts'
import type { Content } from './types.ts'

const ALICE = '@alice:sim.local'
const BOT = '@bridgebot:sim.local'
const GHOST = '@_irc_bob:sim.local'
const OTHER_GHOST = '@_irc_carol:sim.local'

let homeserver: SimHomeserver
let appservice: TestAppservice
let client: TestClient

beforeEach(async () => {
  appservice = await TestAppservice.start()
  homeserver = await SimHomeserver.start({ appservices: [appservice.registration()] })
  client = new TestClient(homeserver.url, 'as-token')
})

afterEach(async () => {
  await homeserver.close()
  appservice.close()
})

async function register(...userIds: string[]): Promise<void> {
  for (const userId of userIds) {
    const username = userId.slice(1, userId.indexOf(':'))
    const body = { type: 'm.login.application_service', username, inhibit_login: true }
    expect(await client.post('/register', body)).toMatchObject({ status: 200, body: { user_id: userId } })
  }
}

/** A room of the bot with the ghosts in it. */
async function portal(config: Content = {}, ...ghosts: string[]): Promise<string> {
  const { body } = await client.as(BOT).post('/createRoom', { preset: 'public_chat', ...config })
  const roomId = String(body['room_id'])
  for (const ghost of ghosts) await client.as(ghost).post(`/join/${roomId}`)
  return roomId
}

function bodiesIn(roomId: string): unknown[] {
  const messages = homeserver.timeline(roomId).filter(({ type }) => type === 'm.room.message')
  return messages.map(({ content }) => content['body'])
}

const text = (body: string): Content => ({ msgtype: 'm.text', body })

describe('identities', () => {
  test('an appservice registers its users once, and only its own', async () => {
    await register(GHOST)
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
    homeserver.addAppservice(appservice.registration(change))
    await homeserver.user('alice')
    const puppet = new TestClient(homeserver.url, 'puppet-token')
    expect((await puppet.as(ALICE).get('/account/whoami')).body['user_id']).toBe(ALICE)
    expect(await puppet.as(ALICE).post('/_matrix/client/v1/appservice/puppets/ping')).toMatchObject({
      status: 400,
      body: { errcode: 'M_URL_NOT_SET' },
    })
  })

  test('with delegated authentication there is no login', async () => {
    const delegated = await SimHomeserver.start({ mas: true, appservices: [appservice.registration()] })
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

describe('sending twice', () => {
  const device = { device_id: 'BRIDGE' }

  test('the memory cache does not see the user: another ghost with the same id is swallowed', async () => {
    await register(BOT, GHOST, OTHER_GHOST)
    const roomId = await portal({}, GHOST, OTHER_GHOST)
    const path = `/rooms/${roomId}/send/m.room.message/t1`
    const first = await client.as(GHOST).put(path, text('one'))
    const second = await client.as(OTHER_GHOST).put(path, text('two'))
    expect(second.body).toEqual(first.body)
    expect(bodiesIn(roomId)).toEqual(['one'])
  })

  test('without a device a repeat after a restart is a new event, with one it is not', async () => {
    await register(BOT, GHOST)
    const roomId = await portal({}, GHOST)
    expect((await client.as(GHOST).put('/devices/BRIDGE')).status).toBe(201)
    expect((await client.as(GHOST).put('/devices/BRIDGE')).status).toBe(200)
    const send = (txnId: string, query: Record<string, string>) =>
      client.as(GHOST, query).put(`/rooms/${roomId}/send/m.room.message/${txnId}`, text(txnId))
    const [bare, kept] = [await send('bare', {}), await send('kept', device)]
    await homeserver.kill()
    await expect(client.get('/account/whoami')).rejects.toThrow()
    await homeserver.restart()
    expect((await send('bare', {})).body).not.toEqual(bare.body)
    expect((await send('kept', device)).body).toEqual(kept.body)
    expect(bodiesIn(roomId)).toEqual(['bare', 'kept', 'bare'])
  })

  test('deleting the device deletes its rows; an unknown device is refused', async () => {
    await register(BOT, GHOST)
    const roomId = await portal({}, GHOST)
    const ghost = client.as(GHOST, device)
    const path = `/rooms/${roomId}/send/m.room.message/t1`
    const unknown = await ghost.put(path, text('one'))
    expect(unknown).toMatchObject({ status: 400, body: { errcode: 'ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE' } })
    await client.as(GHOST).put('/devices/BRIDGE')
    const first = await ghost.put(path, text('one'))
    homeserver.deleteDevice(GHOST, 'BRIDGE')
    expect((await ghost.put(path, text('one'))).status).toBe(400)
    await client.as(GHOST).put('/devices/BRIDGE')
    homeserver.faults.expireHttpCache()
    expect((await ghost.put(path, text('one'))).body).not.toEqual(first.body)
  })

  test('only the same user and device reads the transaction id back', async () => {
    await register(BOT, GHOST)
    const roomId = await portal({}, GHOST)
    await client.as(GHOST).put('/devices/BRIDGE')
    const { body } = await client
      .as(GHOST, device)
      .put(`/rooms/${roomId}/send/m.room.message/t1`, text('one'))
    const read = async (reader: TestClient): Promise<unknown> => {
      const filter = encodeURIComponent(JSON.stringify({ senders: [GHOST], types: ['m.room.message'] }))
      const answer = await reader.get(`/rooms/${roomId}/messages?dir=b&limit=100&filter=${filter}`)
      return answer.body['chunk']
    }
    const unsigned = { transaction_id: 't1' }
    expect(await read(client.as(GHOST, device))).toMatchObject([{ event_id: body['event_id'], unsigned }])
    expect(await read(client.as(GHOST))).not.toMatchObject([{ unsigned }])
    expect(await read(client.as(BOT))).not.toMatchObject([{ unsigned }])
    const event = await client.as(GHOST, device).get(`/rooms/${roomId}/event/${String(body['event_id'])}`)
    expect(event.body).toMatchObject({ unsigned })
    expect(homeserver.timeline(roomId).at(-1)).toMatchObject({ unsigned })
  })

  test('redactions repeat on both routes; v10 has only one, and ts counts only on /send', async () => {
    await register(BOT)
    await client.as(BOT).put('/devices/BRIDGE')
    for (const version of ['10', '11']) {
      const roomId = await portal({ room_version: version })
      const bot = client.as(BOT, { ...device, ts: '1000' })
      const { body } = await bot.put(`/rooms/${roomId}/send/m.room.message/t1`, text('one'))
      const target = String(body['event_id'])
      const sent = await bot.put(`/rooms/${roomId}/send/m.room.redaction/t2`, { redacts: target })
      expect(sent.status).toBe(version === '10' ? 500 : 200)
      const first = await bot.put(`/rooms/${roomId}/redact/${target}/t3`)
      homeserver.faults.expireHttpCache()
      expect(await bot.put(`/rooms/${roomId}/redact/${target}/t3`)).toEqual(first)
      const events = homeserver.timeline(roomId)
      expect(events.find(({ event_id: id }) => id === target)).toMatchObject({
        content: {},
        origin_server_ts: 1000,
      })
      expect(events.at(-1)?.redacts).toBe(target)
      expect(events.at(-1)?.origin_server_ts).not.toBe(1000)
    }
  })

  test('a second identical reaction is refused until the first is redacted', async () => {
    const alice = await homeserver.user('alice')
    const roomId = await alice.createRoom()
    const target = await alice.sendText(roomId, 'hello')
    const reaction = await alice.react(roomId, target, '👍')
    await expect(alice.react(roomId, target, '👍')).rejects.toMatchObject({
      errcode: 'M_DUPLICATE_ANNOTATION',
    })
    await alice.redact(roomId, reaction)
    await alice.react(roomId, target, '👍')
  })

  test('the same state by the same sender is the same event', async () => {
    await register(BOT)
    const roomId = await portal()
    const put = (name: string) => client.as(BOT).put(`/rooms/${roomId}/state/m.room.name/`, { name })
    const first = await put('one')
    expect(await put('one')).toEqual(first)
    expect((await put('two')).body).not.toEqual(first.body)
    expect((await client.as(BOT).get(`/rooms/${roomId}/state/m.room.name`)).body).toEqual({ name: 'two' })
  })

  test('events have a size limit and whole numbers; NUL is fine', async () => {
    await register(BOT)
    const roomId = await portal()
    const send = (txnId: string, content: Content) =>
      client.as(BOT).put(`/rooms/${roomId}/send/m.room.message/${txnId}`, content)
    expect((await send('1', text('x'.repeat(64_000)))).status).toBe(200)
    expect(await send('2', text('x'.repeat(65_000)))).toMatchObject({
      status: 413,
      body: { errcode: 'M_TOO_LARGE' },
    })
    expect(await send('3', { n: 1.5 })).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } })
    expect((await send('4', text('a\u0000b'))).status).toBe(200)
    expect(bodiesIn(roomId).at(-1)).toBe('a\u0000b')
    const broken = await client.as(BOT).raw('PUT', `/rooms/${roomId}/send/m.room.message/5`, '{')
    expect(await broken.json()).toMatchObject({ errcode: 'M_NOT_JSON' })
  })
})

describe('rooms', () => {
  test('an alias makes createRoom safe to repeat', async () => {
    await register(BOT)
    const create = () => client.as(BOT).post('/createRoom', { room_alias_name: '_irc_x' })
    const first = await create()
    expect(await create()).toMatchObject({ status: 400, body: { errcode: 'M_ROOM_IN_USE' } })
    const found = await client.as(BOT).get(`/directory/room/${encodeURIComponent('#_irc_x:sim.local')}`)
    expect(found.body['room_id']).toBe(first.body['room_id'])
    const foreign = await client.as(BOT).post('/createRoom', { room_alias_name: 'lobby' })
    expect(foreign.body['errcode']).toBe('M_EXCLUSIVE')
  })

  test('of two that create at once, one fails on the database', async () => {
    const alice = await homeserver.user('alice')
    const config = { room_alias_name: 'lobby' }
    const [first, second] = await Promise.allSettled([alice.createRoom(config), alice.createRoom(config)])
    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({ status: 'rejected', reason: { status: 409, errcode: 'M_UNKNOWN' } })
    await expect(alice.createRoom(config)).rejects.toMatchObject({ errcode: 'M_ROOM_IN_USE' })
  })

  test('a crash can leave an alias without a room, which can be deleted', async () => {
    await register(BOT)
    homeserver.faults.crashAfterAlias()
    await expect(client.as(BOT).post('/createRoom', { room_alias_name: '_irc_x' })).rejects.toThrow()
    const alias = `/directory/room/${encodeURIComponent('#_irc_x:sim.local')}`
    const { body } = await client.as(BOT).get(alias)
    expect((await client.as(BOT).post(`/join/${String(body['room_id'])}`)).status).toBe(404)
    expect((await client.as(BOT).call('DELETE', alias)).status).toBe(200)
    expect((await client.as(BOT).post('/createRoom', { room_alias_name: '_irc_x' })).status).toBe(200)
  })

  test('v12 creators have power that is not in the levels', async () => {
    await register(BOT, GHOST)
    const override = { power_level_content_override: { users: { [BOT]: 100 }, state_default: 200 } }
    const refused = await client.as(BOT).post('/createRoom', { room_version: '12', ...override })
    expect(refused.status).toBe(400)
    expect(refused.body['error']).toContain('must not appear')
    const roomId = await portal({ room_version: '12' }, GHOST)
    expect(roomId).not.toContain(':')
    const levels = homeserver.state(roomId, 'm.room.power_levels') ?? {}
    expect(levels).toMatchObject({ users: {}, events: { 'm.room.tombstone': 150 } })
    const put = (content: Content, userId: string) =>
      client.as(userId).put(`/rooms/${roomId}/state/m.room.power_levels`, content)
    expect((await put({ ...levels, users: { [BOT]: 100 } }, BOT)).status).toBe(400)
    expect((await put({ ...levels, users: { [GHOST]: 100 }, state_default: 900 }, BOT)).status).toBe(200)
    expect((await client.as(BOT).put(`/rooms/${roomId}/state/m.x`, { y: 1 })).status).toBe(200)
    expect((await client.as(GHOST).put(`/rooms/${roomId}/state/m.x`, { y: 2 })).status).toBe(403)
    expect((await client.as(GHOST).post(`/rooms/${roomId}/kick`, { user_id: BOT })).status).toBe(403)
  })

  test('trusted private chats make the invited creators in v12 and admins before', async () => {
    const alice = await homeserver.user('alice')
    const trusted = { preset: 'trusted_private_chat', invite: [BOT] }
    const newer = await alice.createRoom({ ...trusted, room_version: '12' })
    expect(homeserver.state(newer, 'm.room.create')).toMatchObject({ additional_creators: [BOT] })
    const older = await alice.createRoom(trusted)
    expect(homeserver.state(older, 'm.room.power_levels')).toMatchObject({
      users: { [ALICE]: 100, [BOT]: 100 },
    })
  })

  test('v11 overrides must name the creator', async () => {
    await register(BOT)
    const refused = await client.as(BOT).post('/createRoom', { power_level_content_override: { users: {} } })
    expect(refused).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } })
  })

  test('membership: repeats are harmless, strangers stay out', async () => {
    await register(BOT, GHOST)
    const roomId = await portal({ preset: 'private_chat' })
    const room = `/rooms/${roomId}`
    expect((await client.as(GHOST).post(`${room}/join`)).status).toBe(403)
    expect((await client.as(GHOST).put(`${room}/send/m.room.message/1`, text('x'))).status).toBe(403)
    for (const _time of [1, 2]) {
      expect((await client.as(BOT).post(`${room}/invite`, { user_id: GHOST })).status).toBe(200)
    }
    for (const _time of [1, 2]) expect((await client.as(GHOST).post(`${room}/join`)).status).toBe(200)
    const again = await client.as(BOT).post(`${room}/invite`, { user_id: GHOST })
    expect(again).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
    expect(again.body['error']).toContain('already in the room')
    const events = homeserver.timeline(roomId).filter(({ state_key: key }) => key === GHOST)
    expect(events.map(({ content }) => content['membership'])).toEqual(['invite', 'join'])
    expect((await client.as(BOT).post(`${room}/ban`, { user_id: GHOST, reason: 'spam' })).status).toBe(200)
    expect(homeserver.state(roomId, 'm.room.member', GHOST)).toEqual({ membership: 'ban', reason: 'spam' })
    expect(homeserver.members(roomId)).toEqual([BOT])
  })

  test('a profile change reaches every room and wipes per-room names', async () => {
    await register(BOT, GHOST)
    const roomId = await portal({}, GHOST)
    const member = `/rooms/${roomId}/state/m.room.member/${GHOST}`
    await client.as(GHOST).put(member, { membership: 'join', displayname: 'Bob here' })
    expect(homeserver.state(roomId, 'm.room.member', GHOST)).toMatchObject({ displayname: 'Bob here' })
    await client.as(GHOST).put(`/profile/${GHOST}/displayname`, { displayname: 'Bob' })
    expect(homeserver.state(roomId, 'm.room.member', GHOST)).toMatchObject({ displayname: 'Bob' })
    expect(homeserver.profile(GHOST)).toEqual({ displayname: 'Bob' })
  })
})

describe('media', () => {
  test('an id is filled once; downloads need a token', async () => {
    await register(BOT)
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
    await register(BOT)
    const roomId = await portal()
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
    expect(bodiesIn(roomId)).toEqual(['passed', 'after'])
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
