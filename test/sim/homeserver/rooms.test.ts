import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SimHomeserver } from './index.ts'
import type { TestClient } from './test-parties.ts'
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

describe('rooms', () => {
  test('an alias makes createRoom safe to repeat', async () => {
    await world.register(BOT)
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
    await world.register(BOT)
    homeserver.faults.crashAfterAlias()
    await expect(client.as(BOT).post('/createRoom', { room_alias_name: '_irc_x' })).rejects.toThrow()
    const alias = `/directory/room/${encodeURIComponent('#_irc_x:sim.local')}`
    const { body } = await client.as(BOT).get(alias)
    expect((await client.as(BOT).post(`/join/${String(body['room_id'])}`)).status).toBe(404)
    expect((await client.as(BOT).call('DELETE', alias)).status).toBe(200)
    expect((await client.as(BOT).post('/createRoom', { room_alias_name: '_irc_x' })).status).toBe(200)
  })

  test('v12 creators have power that is not in the levels', async () => {
    await world.register(BOT, GHOST)
    const override = { power_level_content_override: { users: { [BOT]: 100 }, state_default: 200 } }
    const refused = await client.as(BOT).post('/createRoom', { room_version: '12', ...override })
    expect(refused.status).toBe(400)
    expect(refused.body['error']).toContain('must not appear')
    const roomId = await world.portal({ room_version: '12' }, GHOST)
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
    await world.register(BOT)
    const refused = await client.as(BOT).post('/createRoom', { power_level_content_override: { users: {} } })
    expect(refused).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } })
  })

  test('membership: repeats are harmless, strangers stay out', async () => {
    await world.register(BOT, GHOST)
    const roomId = await world.portal({ preset: 'private_chat' })
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
    await world.register(BOT, GHOST)
    const roomId = await world.portal({}, GHOST)
    const member = `/rooms/${roomId}/state/m.room.member/${GHOST}`
    await client.as(GHOST).put(member, { membership: 'join', displayname: 'Bob here' })
    expect(homeserver.state(roomId, 'm.room.member', GHOST)).toMatchObject({ displayname: 'Bob here' })
    await client.as(GHOST).put(`/profile/${GHOST}/displayname`, { displayname: 'Bob' })
    expect(homeserver.state(roomId, 'm.room.member', GHOST)).toMatchObject({ displayname: 'Bob' })
    expect(homeserver.profile(GHOST)).toEqual({ displayname: 'Bob' })
  })
})
