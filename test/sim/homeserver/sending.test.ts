import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SimHomeserver } from './index.ts'
import type { TestClient } from './test-parties.ts'
import { BOT, GHOST, OTHER_GHOST, TestWorld, text } from './test-world.ts'
import type { Content } from './types.ts'

let world: TestWorld
let homeserver: SimHomeserver
let client: TestClient

beforeEach(async () => {
  world = await TestWorld.start()
  ;({ homeserver, client } = world)
})

afterEach(() => world.close())

describe('sending twice', () => {
  const device = { device_id: 'BRIDGE' }

  test('the memory cache does not see the user: another ghost with the same id is swallowed', async () => {
    await world.register(BOT, GHOST, OTHER_GHOST)
    const roomId = await world.portal({}, GHOST, OTHER_GHOST)
    const path = `/rooms/${roomId}/send/m.room.message/t1`
    const first = await client.as(GHOST).put(path, text('one'))
    const second = await client.as(OTHER_GHOST).put(path, text('two'))
    expect(second.body).toEqual(first.body)
    expect(world.bodiesIn(roomId)).toEqual(['one'])
  })

  test('without a device a repeat after a restart is a new event, with one it is not', async () => {
    await world.register(BOT, GHOST)
    const roomId = await world.portal({}, GHOST)
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
    expect(world.bodiesIn(roomId)).toEqual(['bare', 'kept', 'bare'])
  })

  test('deleting the device deletes its rows; an unknown device is refused', async () => {
    await world.register(BOT, GHOST)
    const roomId = await world.portal({}, GHOST)
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
    await world.register(BOT, GHOST)
    const roomId = await world.portal({}, GHOST)
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
    await world.register(BOT)
    await client.as(BOT).put('/devices/BRIDGE')
    for (const version of ['10', '11']) {
      const roomId = await world.portal({ room_version: version })
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
    await world.register(BOT)
    const roomId = await world.portal()
    const put = (name: string) => client.as(BOT).put(`/rooms/${roomId}/state/m.room.name/`, { name })
    const first = await put('one')
    expect(await put('one')).toEqual(first)
    expect((await put('two')).body).not.toEqual(first.body)
    expect((await client.as(BOT).get(`/rooms/${roomId}/state/m.room.name`)).body).toEqual({ name: 'two' })
  })

  test('events have a size limit and whole numbers; NUL is fine', async () => {
    await world.register(BOT)
    const roomId = await world.portal()
    const send = (txnId: string, content: Content) =>
      client.as(BOT).put(`/rooms/${roomId}/send/m.room.message/${txnId}`, content)
    expect((await send('1', text('x'.repeat(64_000)))).status).toBe(200)
    expect(await send('2', text('x'.repeat(65_000)))).toMatchObject({
      status: 413,
      body: { errcode: 'M_TOO_LARGE' },
    })
    expect(await send('3', { n: 1.5 })).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } })
    expect((await send('4', text('a\u0000b'))).status).toBe(200)
    expect(world.bodiesIn(roomId).at(-1)).toBe('a\u0000b')
    const broken = await client.as(BOT).raw('PUT', `/rooms/${roomId}/send/m.room.message/5`, '{')
    expect(await broken.json()).toMatchObject({ errcode: 'M_NOT_JSON' })
  })
})
