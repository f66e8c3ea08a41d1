import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { matrixRoomId } from '../../../src/model/ids.ts'
import type { PortalId } from '../../../src/model/ids.ts'
import { updatePortal } from '../../../src/store/portal.ts'
import { FakeNetwork } from '../../support/fake-network.ts'
import { portalOf, rowOf } from '../../support/rows.ts'
import { SERVER } from '../../support/settings.ts'
import { Stack } from '../../support/stack.ts'

const ROOM = '!town:sim.local'
const ALICE = `@alice:${SERVER}`

let network: FakeNetwork
let stack: Stack
let portal: PortalId
let txns = 0

beforeEach(async () => {
  network = new FakeNetwork()
  stack = await Stack.start(() => [network])
  portal = await portalOf(stack.database.db, '#town', ROOM)
  await stack.database.db.query('update portal set relay = true where id = $1', [portal])
})

afterEach(() => stack.close())

const message = (id: string, change: Record<string, unknown> = {}) => ({
  event_id: id,
  type: 'm.room.message',
  room_id: ROOM,
  sender: ALICE,
  origin_server_ts: 1_767_225_600_000,
  content: { msgtype: 'm.text', body: `the words of ${id}` },
  ...change,
})

/** Hands a body over as ingress does, and waits until it is routed. */
async function route(body: unknown, txnId = `t${(txns += 1)}`): Promise<void> {
  const { inbox, bridge } = stack.running
  await inbox.store(txnId, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
  bridge.router.wake()
  await vi.waitFor(async () => expect((await inbox.lag()).waiting).toBe(0), { timeout: 20_000 })
}

type Line = { id: string; outcome: string; reason: string | null; type: string; sender: string; room: string }

/** The log without the rooms that the homeserver has: those are the bridge's own, such as its control room. */
const lines = () =>
  stack.database.db.query<Line>(
    `select event_id as id, outcome, reason, type, sender, room_id as room from event
     where room_id <> all($1::text[]) order by seen_at, event_id`,
    [stack.homeserver.roomIds()],
  )

const queued = async () => {
  const rows = await stack.database.db.query<{ source: string }>(
    `select source_id as source from delivery where direction = 'to_remote' order by id`,
  )
  return rows.map((row) => row.source)
}

const fates = async () =>
  Object.fromEntries((await lines()).map((line) => [line.id, [line.outcome, line.reason]]))

test('every event of a transaction is logged with what became of it', async () => {
  const marked = { msgtype: 'm.text', body: 'x', 'app.viaduct.delivery': { r: '1' } }
  const events: [ReturnType<typeof message>, [string, string | null]][] = [
    [message('$said'), ['routed', null]],
    [message('$elsewhere', { room_id: '!other:sim.local' }), ['ignored', 'not a room of the bridge']],
    [message('$ghost', { sender: `@_irc_fake_bob:${SERVER}` }), ['ignored', 'sent by the bridge']],
    [message('$bot', { sender: `@viaductbot:${SERVER}` }), ['ignored', 'sent by the bridge']],
    [message('$puppet', { content: marked }), ['ignored', 'sent by the bridge for a user']],
    [
      message('$profile', {
        type: 'm.room.member',
        state_key: ALICE,
        content: { membership: 'join', displayname: 'Alice' },
        unsigned: { prev_content: { membership: 'join', displayname: 'alice' } },
      }),
      ['ignored', 'a change of profile'],
    ],
    [
      message('$avatar', {
        type: 'm.room.avatar',
        state_key: '',
        content: { url: 'mxc://sim.local/a' },
      }),
      ['routed', null],
    ],
    [message('$topic', { type: 'm.room.topic', state_key: '', content: { topic: 'new' } }), ['routed', null]],
    [message('$encrypted', { type: 'm.room.encrypted', content: { ciphertext: 'x' } }), ['routed', null]],
  ]
  await route({ events: events.map(([event]) => event) })
  expect(await fates()).toEqual(Object.fromEntries(events.map(([event, fate]) => [event.event_id, fate])))
  expect(await queued()).toEqual(['$said', '$avatar', '$topic', '$encrypted'])
})

test('an event of an unknown type is ignored with a reason, not passed over', async () => {
  await route({ events: [message('$odd', { type: 'org.example.unheard', content: {} })] })
  const [line] = await lines()
  expect(line?.outcome).toBe('ignored')
  expect(line?.reason).toBeTruthy()
})

test('events that cannot be read are put aside by name, and hold up nothing', async () => {
  const bad = [
    null,
    5,
    'text',
    [],
    {},
    { ...message('$no-room'), room_id: undefined },
    { ...message('$bad-room'), room_id: 'town' },
    { ...message('$no-sender'), sender: 7 },
    { ...message('$bad-content'), content: [] },
    { ...message('$no-type'), type: '' },
    { ...message('$long-type'), type: 't'.repeat(256) },
    { ...message('$bad-key'), state_key: 5 },
    { ...message('no-event-id'), event_id: 'not-an-id' },
  ]
  await route({ events: [message('$before'), ...bad, message('$after')] })
  const all = await lines()
  expect(all.filter((line) => line.outcome === 'quarantined')).toHaveLength(bad.length)
  expect(all.every((line) => line.outcome === 'routed' || line.reason)).toBe(true)
  const named = all.filter((line) => line.outcome === 'quarantined').map((line) => line.id)
  expect(named).toEqual(expect.arrayContaining(['$no-room', '$bad-content', '$bad-key', 'not-an-id']))
  expect(await queued()).toEqual(['$before', '$after'])
  await vi.waitFor(() => expect(network.sent).toHaveLength(2))
})

test.each([
  'null',
  '5',
  '"text"',
  '[]',
  '{}',
  '{"events":{}}',
  '{"events":null}',
  '{"events":"$x"}',
  'no json',
])('a body of %s is routed as nothing, and the next transaction comes through', async (body) => {
  await route(body)
  expect(await lines()).toEqual([])
  await route({ events: [message('$next')] })
  expect(await queued()).toEqual(['$next'])
})

test('an event that comes again, in the same transaction or another, is one delivery', async () => {
  await route({ events: [message('$twice'), message('$once'), message('$twice')] }, 'first')
  await route({ events: [message('$twice', { content: { msgtype: 'm.text', body: 'changed' } })] }, 'second')
  await route({ events: [message('$twice')], extra: true }, 'first')
  expect(await queued()).toEqual(['$twice', '$once'])
  expect(await lines()).toHaveLength(2)
  await vi.waitFor(() => expect(network.sent).toHaveLength(2))
  await route({ events: [message('$last')] })
  await vi.waitFor(() => expect(network.sent).toHaveLength(3))
  const [first] = network.sent
  expect(first?.action).toMatchObject({ kind: 'message', content: { body: 'the words of $twice' } })
})

test('a repeat is known as one also when its delivery is not kept any more', async () => {
  await route({ events: [message('$old')] })
  await vi.waitFor(async () => expect((await rowOf(stack.database.db, '$old')).state).toBe('delivered'))
  await stack.database.db.query(`delete from delivery where source_id = '$old'`)
  await route({ events: [message('$old')], again: true })
  expect(await queued()).toEqual([])
})

test('several waiting transactions are routed in the order in which they came', async () => {
  const { inbox } = stack.running
  const ids = Array.from({ length: 120 }, (_, i) => `$e${i}`)
  await Promise.all(
    ids.map((id, i) => inbox.store(`many${i}`, Buffer.from(JSON.stringify({ events: [message(id)] })))),
  )
  await route({ events: [message('$end')] })
  expect(await queued()).toEqual([...ids, '$end'])
})

test('an event keeps its text, byte for byte', async () => {
  const body = 'NUL \u0000, surrogate \uD83D, emoji 👍🏽, ünï'
  await route({ events: [message('$text', { content: { msgtype: 'm.text', body } })] })
  const stored = JSON.parse((await rowOf(stack.database.db, '$text')).body.toString()) as {
    event: { content: { body: string } }
  }
  expect(stored.event.content.body).toBe(body)
})

test('a command is told from text that only begins alike', async () => {
  const say = (id: string, body: string) => message(id, { content: { msgtype: 'm.text', body } })
  await route({
    events: [
      say('$command', '!viaduct  status now '),
      say('$bare', '!viaduct'),
      say('$alike', '!viaducts are bridges'),
      say('$inside', 'say !viaduct help'),
    ],
  })
  const command = async (id: string) =>
    (JSON.parse((await rowOf(stack.database.db, id)).body.toString()) as { command?: string }).command
  // A finished command keeps its words until the purge; only secrets are cleared at once.
  expect(await command('$command')).toBe('status now')
  expect(await command('$bare')).toBe('')
  expect(await command('$alike')).toBeUndefined()
  expect(await command('$inside')).toBeUndefined()
})

test('who is invited or thrown out by another is the one who acts; a ghost is not', async () => {
  const member = (id: string, user: string, membership: string, sender = ALICE) =>
    message(id, { type: 'm.room.member', state_key: user, sender, content: { membership } })
  await route({
    events: [
      member('$kicked', `@bob:${SERVER}`, 'leave'),
      member('$ghost-kicked', `@_irc_fake_carol:${SERVER}`, 'leave'),
      member('$left', ALICE, 'leave'),
    ],
  })
  const senders = await Promise.all(
    ['$kicked', '$ghost-kicked', '$left'].map(async (id) => (await rowOf(stack.database.db, id)).sender),
  )
  expect(senders).toEqual([`@bob:${SERVER}`, ALICE, ALICE])
})

test('an upgraded room takes its conversation along', async () => {
  const tombstone = { body: 'moved', replacement_room: '!new:sim.local' }
  await route({
    events: [
      message('$old'),
      message('$tombstone', { type: 'm.room.tombstone', state_key: '', content: tombstone }),
    ],
  })
  await route({
    events: [message('$in-new', { room_id: '!new:sim.local' }), message('$in-old')],
  })
  expect(await queued()).toEqual(['$old', '$in-new'])
  expect((await fates())['$in-old']).toEqual(['ignored', 'not a room of the bridge'])
})

test('whatever a homeserver hands over, every event gets a line and routing goes on', async () => {
  await updatePortal(stack.database.db, portal, { roomId: matrixRoomId(ROOM) })
  const types = [
    'm.room.message',
    'm.sticker',
    'm.reaction',
    'm.room.redaction',
    'm.room.encrypted',
    'm.poll.start',
  ]
  const states = ['m.room.member', 'm.room.topic', 'm.room.name', 'm.room.power_levels', 'm.room.tombstone']
  const times = [0, -1, 1e15, 8.64e15, 8.64e15 + 1, 1.5, Number.MAX_SAFE_INTEGER, '5', null]
  const content = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.record(
      {
        msgtype: fc.oneof(fc.constantFrom('m.text', 'm.image', 'm.location'), fc.jsonValue({ maxDepth: 1 })),
        body: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 1 })),
        membership: fc.constantFrom('join', 'leave', 'ban', 'knock', 5, null),
        'm.relates_to': fc.jsonValue({ maxDepth: 3 }),
        'm.new_content': fc.jsonValue({ maxDepth: 2 }),
        'm.mentions': fc.jsonValue({ maxDepth: 2 }),
        users: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })),
      },
      { requiredKeys: [] },
    ),
  )
  const event = fc.record(
    {
      type: fc.oneof(fc.constantFrom(...types, ...states), fc.string({ unit: 'binary' })),
      content,
      origin_server_ts: fc.oneof(fc.constantFrom(...times), fc.double()),
      sender: fc.oneof(fc.constantFrom(ALICE, `@bob:${SERVER}`), fc.string()),
      state_key: fc.oneof(fc.constantFrom('', ALICE, '@x\u0000:y'), fc.string({ unit: 'binary' })),
      redacts: fc.jsonValue({ maxDepth: 0 }),
      unsigned: fc.jsonValue({ maxDepth: 2 }),
    },
    { requiredKeys: ['type', 'content', 'sender'] },
  )
  const samples = fc.sample(event, { numRuns: 400, seed: 20_260_101 })
  await route({ events: samples.map((change, i) => ({ ...message(`$fuzz${i}`), ...change })) })
  await route({ events: [message('$after')] })
  expect(await lines()).toHaveLength(samples.length + 1)
  expect(Object.keys(await fates())).toContain('$after')
})
