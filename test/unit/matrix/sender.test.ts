import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MatrixOutcome } from '../../../src/matrix/index.ts'
import { markOf, MatrixSide } from '../../../src/matrix/index.ts'
import { deliveryId, matrixEventId, matrixRoomId, matrixUserId } from '../../../src/model/ids.ts'
import type { MatrixRoomId } from '../../../src/model/ids.ts'
import { AS_TOKEN, bodies, configFor, ghost, MemoryBooks, portal, text, world } from './side.ts'
import type { World } from './side.ts'

const HOUR_MS = 3_600_000
const SEND = /\/send\/m\.room\.message\//

let w: World
let side: MatrixSide
let room: MatrixRoomId

beforeEach(async () => {
  w = await world()
  side = w.side
  room = await portal(side)
})
afterEach(() => w.close())

const idOf = (outcome: MatrixOutcome) => (outcome.kind === 'delivered' ? outcome.eventId : outcome.why)
const count = (endpoint: RegExp) => w.requests.filter((request) => endpoint.test(request.endpoint)).length

describe('a first attempt', () => {
  test('registers the ghost, makes its device, brings it in and sends', async () => {
    const outcome = await side.send(text(room, ghost('alice'), 1, 'hello'))
    const event = w.hs.timeline(room).at(-1)
    expect(idOf(outcome)).toBe(event?.event_id)
    expect(event).toMatchObject({ sender: ghost('alice'), content: { body: 'hello' } })
    expect(event?.unsigned?.['transaction_id']).toBe('vd-1')
    expect(markOf(event?.content)).toBe('1')
    expect(w.hs.devices(ghost('alice'))).toEqual(['VIADUCT'])
    expect(w.books.deviceDates.has(ghost('alice'))).toBe(true)
  })

  test('costs one request once the ghost is known', async () => {
    await side.send(text(room, ghost('alice'), 1, 'one'))
    w.requests.length = 0
    await side.send(text(room, ghost('alice'), 2, 'two'))
    expect(w.requests.map(({ endpoint }) => endpoint)).toEqual(['/_matrix/client/v3/rooms/{}/send/{}/{}'])
  })

  test('keeps apart parts and concurrent ghosts', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `g${i}`)
    await Promise.all(names.map((name, i) => side.send(text(room, ghost(name), i + 1, name))))
    for (const part of [0, 1]) await side.send({ ...text(room, ghost('g0'), 99, `part ${part}`), part })
    expect(new Set(bodies(w.hs, room))).toEqual(new Set([...names, 'part 0', 'part 1']))
    expect(bodies(w.hs, room)).toHaveLength(42)
  })

  test('dates the event, but never in the future nor before there were networks', async () => {
    const now = Date.now()
    const dates = [new Date(now - HOUR_MS), new Date(now + HOUR_MS), new Date(0)]
    for (const [i, at] of dates.entries()) await side.send({ ...text(room, ghost('a'), i + 1, 'x'), at })
    const [past, future, ancient] = w.hs.timeline(room).slice(-3)
    expect(past?.origin_server_ts).toBe(now - HOUR_MS)
    expect(future?.origin_server_ts).toBeLessThan(now + HOUR_MS / 2)
    expect(ancient?.origin_server_ts).toBe(Date.UTC(2009, 0, 1))
  })
})

describe('a repeated attempt', () => {
  const again = (firstAttemptAt: Date) => ({
    ...text(room, ghost('a'), 7, 'once'),
    attempts: 1,
    firstAttemptAt,
  })

  test('gives the same event after a lost answer', async () => {
    await side.send(text(room, ghost('a'), 6, 'before'))
    w.hs.faults.respond({ path: SEND, times: 1 }, { reset: 'after' })
    const began = w.clock.now()
    expect(await side.send(text(room, ghost('a'), 7, 'once'))).toMatchObject({ kind: 'retry' })
    expect(await side.send(again(began))).toMatchObject({ kind: 'delivered' })
    expect(bodies(w.hs, room)).toEqual(['before', 'once'])
    expect(count(/messages$/)).toBe(0)
  })

  test('gives the same event over a restart of both sides', async () => {
    await side.send(text(room, ghost('a'), 6, 'before'))
    const began = w.clock.now()
    const first = await side.send(text(room, ghost('a'), 7, 'once'))
    await w.hs.restart()
    const other = await w.again()
    let second = await other.send(again(began))
    if (second.kind === 'retry') second = await other.send(again(began))
    expect(idOf(second)).toBe(idOf(first))
    expect(bodies(w.hs, room)).toEqual(['before', 'once'])
  })

  test('looks in the room when the homeserver has forgotten', async () => {
    await side.send(text(room, ghost('a'), 6, 'before'))
    const began = w.clock.now()
    const first = await side.send(text(room, ghost('a'), 7, 'once'))
    w.hs.faults.expireHttpCache()
    w.hs.faults.expireTransactionRows()
    w.clock.forward(24 * HOUR_MS)
    expect(idOf(await side.send(again(began)))).toBe(idOf(first))
    expect(bodies(w.hs, room)).toEqual(['before', 'once'])
  })

  test('looks in the room when the device was lost between, and makes a new one', async () => {
    await side.send(text(room, ghost('a'), 6, 'before'))
    const began = w.clock.now()
    const first = await side.send(text(room, ghost('a'), 7, 'once'))
    w.hs.deleteDevice(ghost('a'), 'VIADUCT')
    w.hs.faults.expireHttpCache()
    expect(idOf(await side.send(again(began)))).toBe(idOf(first))
    expect(bodies(w.hs, room)).toEqual(['before', 'once'])
    expect(w.hs.devices(ghost('a'))).toEqual(['VIADUCT'])
  })

  test('looks as the bot when the sender has left', async () => {
    await side.send(text(room, ghost('a'), 6, 'before'))
    const began = w.clock.now()
    const first = await side.send(text(room, ghost('a'), 7, 'once'))
    await side.membership({ room, user: ghost('a'), action: 'leave' })
    w.hs.faults.expireHttpCache()
    w.hs.faults.expireTransactionRows()
    w.hs.faults.respond(
      { path: /\/messages$/, times: 1 },
      {
        status: 403,
        body: { errcode: 'M_FORBIDDEN', error: 'User not in room' },
      },
    )
    w.clock.forward(24 * HOUR_MS)
    expect(idOf(await side.send(again(began)))).toBe(idOf(first))
  })

  test('sends what no attempt has left there', async () => {
    await side.send(text(room, ghost('a'), 6, 'before'))
    expect(await side.send(again(new Date(Date.now() - 25 * HOUR_MS)))).toMatchObject({ kind: 'delivered' })
    expect(bodies(w.hs, room)).toEqual(['before', 'once'])
  })

  test('does not send while it cannot look', async () => {
    await side.send(text(room, ghost('a'), 6, 'before'))
    w.hs.faults.respond({ path: /\/messages$/, times: 1 }, { status: 500, body: {} })
    expect(await side.send(again(new Date(0)))).toMatchObject({ kind: 'retry' })
    expect(bodies(w.hs, room)).toEqual(['before'])
  })
})

describe('repairs', () => {
  test('a ghost that was removed comes back, once', async () => {
    await side.send(text(room, ghost('a'), 1, 'one'))
    await side.membership({ room, user: ghost('a'), action: 'kick' })
    expect(await side.send(text(room, ghost('a'), 2, 'two'))).toMatchObject({ kind: 'delivered' })
    expect(bodies(w.hs, room)).toEqual(['one', 'two'])
  })

  test('a banned ghost is refused', async () => {
    await side.send(text(room, ghost('a'), 1, 'one'))
    await side.membership({ room, user: ghost('a'), action: 'ban' })
    expect(await side.send(text(room, ghost('a'), 2, 'two'))).toMatchObject({ code: 'not_a_member' })
  })

  test('a member without the power is refused and not joined again', async () => {
    await side.send(text(room, ghost('a'), 1, 'one'))
    await side.setPower(room, { levels: { events_default: 50 } })
    w.requests.length = 0
    expect(await side.send(text(room, ghost('a'), 2, 'two'))).toMatchObject({ code: 'not_permitted' })
    expect(count(/join$|invite$/)).toBe(0)
  })

  test('a device that is lost on a first attempt is made again without a scan', async () => {
    await side.send(text(room, ghost('a'), 1, 'one'))
    w.hs.deleteDevice(ghost('a'), 'VIADUCT')
    expect(await side.send(text(room, ghost('a'), 2, 'two'))).toMatchObject({ kind: 'delivered' })
    expect(bodies(w.hs, room)).toEqual(['one', 'two'])
    expect(count(/messages$/)).toBe(0)
  })

  test('a ghost that only the book knows is registered again', async () => {
    await side.ensureGhost(ghost('a'), { name: 'A' })
    const other = await world()
    try {
      other.books.ghostIds.add(ghost('a'))
      const elsewhere = await portal(other.side)
      const outcome = await other.side.send(text(elsewhere, ghost('a'), 1, 'one'))
      expect(outcome).toMatchObject({ kind: 'delivered' })
    } finally {
      await other.close()
    }
  })

  test('the same reaction again is the reaction that is there', async () => {
    const target = idOf(await side.send(text(room, ghost('a'), 1, 'one')))
    const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key: '👍' } }
    const reaction = { ...text(room, ghost('a'), 2, ''), type: 'm.reaction', content }
    const first = await side.send(reaction)
    expect(first).toMatchObject({ kind: 'delivered' })
    expect(await side.send({ ...reaction, delivery: deliveryId(3) })).toEqual(first)
  })
})

describe('people', () => {
  test('are puppeted with a device of their own, and never registered', async () => {
    const carol = await w.hs.user('carol')
    const shared = await portal(side, carol.userId, '_irc_carols')
    const request = {
      ...text(shared, matrixUserId(carol.userId), 1, 'from my phone'),
      puppet: 'double' as const,
    }
    expect(await side.send(request)).toMatchObject({ kind: 'delivered' })
    expect(w.hs.timeline(shared).at(-1)?.sender).toBe(carol.userId)
    expect(w.hs.devices(carol.userId)).toContain('VIADUCT')
    expect(w.requests.filter(({ endpoint }) => endpoint.endsWith('/register'))).toHaveLength(1)
  })

  test('of another server cannot be puppeted', async () => {
    const stranger = matrixUserId('@x:elsewhere.example')
    const outcome = await side.send({ ...text(room, stranger, 1, 'x'), puppet: 'double' })
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'no_puppet' })
  })
})

test('without a second registration nobody is puppeted, and nothing waits for it', async () => {
  const { doublePuppet: _none, ...config } = configFor(w.hs.url)
  const lone = await MatrixSide.create(config, { books: w.books, clock: w.clock, log: w.log })
  const carol = matrixUserId((await w.hs.user('carol')).userId)
  const request = { ...text(room, carol, 1, 'x'), puppet: 'double' as const }
  const refused = { kind: 'rejected', code: 'no_puppet' }
  expect(await lone.send(request)).toMatchObject(refused)
  expect(await lone.membership({ room, user: carol, action: 'join', puppet: 'double' })).toMatchObject(
    refused,
  )
  expect(await lone.people.directChat(carol, ghost('a'), room)).toMatchObject(refused)
  expect(await lone.send(text(room, ghost('a'), 2, 'y'))).toMatchObject({ kind: 'delivered' })
  await lone.close()
})

test('a database that is away is a reason to come again', async () => {
  const books = new MemoryBooks()
  books.ghosts.isRegistered = async () => {
    throw new Error('no database')
  }
  const poor = await MatrixSide.create(configFor(w.hs.url), { books, clock: w.clock, log: w.log })
  const retry = { kind: 'retry', why: 'no database' }
  expect(await poor.send(text(room, ghost('a'), 1, 'x'))).toEqual(retry)
  expect(await poor.ensureGhost(ghost('a'))).toEqual(retry)
  expect(await poor.ensureJoined(room, ghost('a'))).toEqual(retry)
  const request = { alias: '_irc_x', invite: [], direct: false, powerUsers: {} }
  expect(await poor.createRoom(request)).toEqual(retry)
  await poor.close()
})

test('an instance of the database has ids of its own', async () => {
  const config = { ...configFor(w.hs.url), instance: 'x7' }
  const restored = await MatrixSide.create(config, { books: w.books, clock: w.clock, log: w.log })
  await side.send(text(room, ghost('a'), 1, 'before'))
  await restored.send(text(room, ghost('a'), 1, 'after'))
  expect(bodies(w.hs, room)).toEqual(['before', 'after'])
  expect(w.hs.timeline(room).at(-1)?.unsigned?.['transaction_id']).toBe('vd-x7-1')
  await restored.close()
})

test('what is too large is refused as such', async () => {
  const outcome = await side.send(text(room, ghost('a'), 1, 'x'.repeat(66_000)))
  expect(outcome).toMatchObject({ kind: 'rejected', code: 'too_large' })
})

test('a room that is not there is not a fault to repeat', async () => {
  const outcome = await side.send(text(matrixRoomId('!gone:sim.local'), ghost('a'), 1, 'x'))
  expect(outcome.kind).toBe('rejected')
})

test('a homeserver that is away costs nothing but time', async () => {
  await side.send(text(room, ghost('a'), 1, 'one'))
  await w.hs.kill()
  const request = text(room, ghost('a'), 2, 'two')
  for (let i = 0; i < 6; i++) expect(await side.send(request)).toMatchObject({ kind: 'retry' })
  // By now requests are not even made.
  expect(await side.send(request)).toMatchObject({ kind: 'retry', afterMs: expect.any(Number) as number })
  await w.hs.restart()
  w.clock.forward(60_000)
  expect(await side.send(request)).toMatchObject({ kind: 'delivered' })
  expect(w.log.text).not.toContain(AS_TOKEN)
})

test('a refused token stops everything, and says so once', async () => {
  await side.send(text(room, ghost('a'), 1, 'one'))
  const body = { errcode: 'M_UNKNOWN_TOKEN', error: 'Unrecognised access token' }
  w.hs.faults.respond({ path: SEND }, { status: 401, body })
  w.requests.length = 0
  for (let i = 2; i < 6; i++)
    expect(await side.send(text(room, ghost('a'), i, 'x'))).toMatchObject({ kind: 'retry' })
  expect(w.requests).toHaveLength(1)
  expect(w.log.text.match(/refuses our registration/g)).toHaveLength(1)
})

describe('redactions', () => {
  test.each(['10', '11', '12'] as const)('in room version %s remove the event, once', async (version) => {
    const made = await side.createRoom({
      alias: `_irc_v${version}`,
      invite: [],
      direct: false,
      powerUsers: {},
      version,
    })
    if (made.kind !== 'delivered') throw new Error(made.why)
    const eventId = matrixEventId(idOf(await side.send(text(made.room, ghost('a'), 1, 'secret'))))
    const at = new Date(Date.now() - HOUR_MS)
    const base = { delivery: deliveryId(2), room: made.room, as: ghost('a'), eventId, at, attempts: 0 }
    const first = await side.redact({ ...base, reason: 'because' })
    const second = await side.redact({
      ...base,
      reason: 'because',
      attempts: 1,
      firstAttemptAt: w.clock.now(),
    })
    expect(first).toMatchObject({ kind: 'delivered' })
    expect(second).toEqual(first)
    const timeline = w.hs.timeline(made.room)
    expect(timeline.find((event) => event.event_id === eventId)?.content).toEqual({})
    const redactions = timeline.filter(({ type }) => type === 'm.room.redaction')
    expect(redactions).toHaveLength(1)
    if (version !== '10') expect(redactions[0]?.origin_server_ts).toBe(at.getTime())
  })
})
