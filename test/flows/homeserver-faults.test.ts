import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Action, Match } from '../sim/homeserver/index.ts'
import { FakeWorld } from '../support/worlds.ts'

let world: FakeWorld
let room: string

beforeEach(async () => {
  world = await FakeWorld.start({
    change: ({ matrix }) => ({ matrix: { ...matrix, requestTimeoutMs: 300 } }),
  })
  room = await world.join('#town')
})

afterEach(() => world.close())

const numbered = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word} ${i}`)
const say = (text: string, nick = 'bob') => world.network.say(world.network.channel('#town'), nick, text)
const seen = (nick = 'bob') => world.bodies(room, `_irc_fake_${nick}`)

/** Time passes until `count` of bob's lines are in the room; they must be all, once and in order. */
async function arrived(count: number): Promise<void> {
  await world.clock.jumpUntil(() => seen().length >= count, 2_000, `${count} lines in the room`)
  await world.clock.jumpUntil(async () => (await world.open()).length === 0, 1_000, 'nothing left to do')
  expect(seen()).toEqual(numbered('line', count))
}

const MESSAGES: Match = { method: 'PUT', path: /\/send\/m\.room\.message\// }
const FAULTS: [string, Action][] = [
  ['hangs', { hang: true }],
  ['answers late', { delayMs: 600 }],
  ['drops the connection before it stores', { reset: 'before' }],
  ['drops the connection after it has stored', { reset: 'after' }],
  ['answers 500', { status: 500, body: { errcode: 'M_UNKNOWN', error: 'Internal server error' } }],
  ['answers with the page of a proxy', { status: 502, body: '<html>Bad Gateway</html>' }],
  ['answers 200 without JSON', { status: 200, body: '' }],
  ['limits with a header', { status: 429, body: '', headers: { 'retry-after': '20' } }],
  ['limits one sender', { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 20_000 } }],
  [
    'does not know the device',
    { status: 400, body: { errcode: 'M_UNKNOWN_DEVICE', error: 'Unknown device' } },
  ],
]

test.each(FAULTS)('the homeserver %s: each line is in the room once, in order', async (_, action) => {
  const { faults } = world.homeserver
  await say('line 0')
  await arrived(1)
  faults.respond({ ...MESSAGES, times: 2 }, action)
  for (let i = 1; i < 8; i += 1) await say(`line ${i}`)
  await arrived(8)
})

test('a device that is deleted while lines come in is made again; none is doubled', async () => {
  for (let i = 0; i < 4; i += 1) await say(`line ${i}`)
  await arrived(4)
  world.homeserver.deleteDevice('@_irc_fake_bob:sim.local', 'VIADUCT')
  world.homeserver.faults.respond({ ...MESSAGES, times: 1 }, { reset: 'after' })
  for (let i = 4; i < 8; i += 1) await say(`line ${i}`)
  await arrived(8)
  expect(world.homeserver.devices('@_irc_fake_bob:sim.local')).toContain('VIADUCT')
})

test('the homeserver answers 500 for an hour: everything waits, nothing is given up, then all is there', async () => {
  const { faults } = world.homeserver
  await say('line 0')
  await arrived(1)
  const well = faults.respond({}, { status: 500, body: { errcode: 'M_UNKNOWN', error: 'no database' } })
  for (let i = 1; i < 10; i += 1) await say(`line ${i}`)
  const until = world.clock.now().getTime() + 3_600_000
  await world.clock.jumpUntil(() => world.clock.now().getTime() >= until, 60_000, 'an hour to pass')
  expect(seen()).toEqual(['line 0'])
  const rows = await world.stack.database.db.query<{ state: string }>(
    `select distinct state from delivery where direction = 'to_matrix' and kind = 'message'`,
  )
  expect(rows.map(({ state }) => state).sort()).toEqual(['delivered', 'queued'])
  well()
  await arrived(10)
})

test('killed, and up again after the bridge was restarted too: both directions go on where they were', async () => {
  for (let i = 0; i < 3; i += 1) await say(`line ${i}`)
  for (let i = 0; i < 3; i += 1) await world.alice.user.sendText(room, `out ${i}`)
  await world.homeserver.waitFor(() => world.sent().length === 3, 'what alice said before')
  await world.homeserver.kill()
  for (let i = 3; i < 6; i += 1) await say(`line ${i}`)
  await world.stack.restart()
  for (let i = 6; i < 9; i += 1) await say(`line ${i}`)
  await world.homeserver.restart()
  await world.alice.user.sendText(room, 'out 3')
  await arrived(9)
  await world.clock.jumpUntil(() => world.sent().length >= 4, 1_000, 'what alice said')
  expect(world.sent()).toEqual(numbered('out', 4))
})

describe('events that the homeserver had in memory only', () => {
  /** The homeserver dies while the bridge, whose database is slow, holds a transaction. */
  async function dieWhileHeld(): Promise<void> {
    const held = Promise.withResolvers<void>()
    const locked = Promise.withResolvers<void>()
    const slow = world.stack.database.db.tx(async (tx) => {
      await tx.query('lock table inbox in share row exclusive mode')
      locked.resolve()
      await held.promise
    })
    await locked.promise
    const { user } = world.alice
    for (let i = 0; i < 4; i += 1) await user.sendText(room, `out ${i}`)
    await world.homeserver.waitFor(() => !world.homeserver.isDrained('viaduct'), 'a transaction under way')
    await world.homeserver.kill()
    held.resolve()
    await slow
  }

  test('are found in the rooms, and come once', async () => {
    await dieWhileHeld()
    await world.homeserver.restart()
    await world.clock.jumpUntil(() => world.sent().length >= 4, 1_000, 'the lost events')
    await world.alice.user.sendText(room, 'out 4')
    await world.clock.jumpUntil(() => world.sent().length >= 5, 1_000, 'the next event')
    expect(world.sent()).toEqual(numbered('out', 5))
  })

  test('are found also when the homeserver stays away for longer than anybody asks for it', async () => {
    await dieWhileHeld()
    // Every ping of the suspicion fails, and no other one falls into this time.
    const until = world.clock.now().getTime() + 12_000
    await world.clock.jumpUntil(() => world.clock.now().getTime() > until, 500, 'the pings')
    expect(world.stack.running.bridge.watch.health.ok).toBe(false)
    await world.homeserver.restart()
    await world.clock.jumpUntil(() => world.sent().length >= 4, 5_000, 'the lost events')
    expect(world.sent()).toEqual(numbered('out', 4))
  })

  test('are found also when a room cannot be read at first', async () => {
    await dieWhileHeld()
    const { faults } = world.homeserver
    faults.respond({ path: /\/messages$/, times: 2 }, { status: 500, body: { errcode: 'M_UNKNOWN' } })
    await world.homeserver.restart()
    await world.clock.jumpUntil(() => world.sent().length >= 4, 5_000, 'the lost events')
    expect(world.sent()).toEqual(numbered('out', 4))
  })
})

test('transactions doubled, replayed, and with ids that start again: each event counts once', async () => {
  const { faults } = world.homeserver
  const { user } = world.alice
  faults.duplicateTransactions = true
  for (let i = 0; i < 5; i += 1) await user.sendText(room, `out ${i}`)
  await world.homeserver.waitFor(() => world.sent().length >= 5, 'the doubled ones')
  faults.duplicateTransactions = false
  for (const index of [-1, -2, -3, -4]) expect(await faults.replayOldTransaction(index)).toBe(true)
  faults.resetTransactionIds()
  for (let i = 5; i < 10; i += 1) await user.sendText(room, `out ${i}`)
  await world.homeserver.waitFor(() => world.sent().length >= 10, 'the rest')
  await world.quiet()
  expect(world.sent()).toEqual(numbered('out', 10))
})

describe('odd transactions', () => {
  const message = (id: string, body: unknown, change: Record<string, unknown> = {}) => ({
    type: 'm.room.message',
    event_id: id,
    room_id: room,
    sender: world.alice.user.userId,
    origin_server_ts: Date.now(),
    content: { msgtype: 'm.text', body },
    ...change,
  })

  test('U+0000 in texts, ids and names is taken like everything else', async () => {
    const { user } = world.alice
    await user.sendText(room, 'nul \u0000 here')
    await user.setDisplayName('Al\u0000ice')
    await user.sendText(room, 'after')
    await world.homeserver.waitFor(() => world.sent().length >= 2, 'both')
    expect(world.sent().map((text) => text.replaceAll(/[^a-z]+/g, ' '))).toEqual(['nul here', 'after'])
    const odd = message('$a\u0000b', 'with an id that cannot be', { sender: '@a\u0000:sim.local' })
    expect(await world.put('id-%00', { events: [odd] })).toBe(200)
    await user.sendText(room, 'end')
    await world.homeserver.waitFor(() => world.sent().length >= 3, 'the end')
  })

  test('a body of 20 MB is taken whole', async () => {
    const events = Array.from({ length: 330 }, (_, i) =>
      message(`$big${i}`, `${i} ${'x'.repeat(60_000)}`, i % 11 === 0 ? {} : { type: 'org.example.other' }),
    )
    expect(await world.put('big', { events })).toBe(200)
    await world.homeserver.waitFor(() => world.sent().length >= 30, 'all of it')
    expect(world.sent().map((text) => text.split(' ')[0])).toEqual(
      events.flatMap((_, i) => (i % 11 === 0 ? [`${i}`] : [])),
    )
  })

  test('broken events among good ones: the good ones come, the broken ones get a line', async () => {
    const broken: unknown[] = [
      null,
      7,
      'text',
      [],
      {},
      { event_id: '$no-more' },
      message('$content', 'x', { content: null }),
      message('$list', 'x', { content: [] }),
      message('$sender', 'x', { sender: 5 }),
      message('$room', 'x', { room_id: { a: 1 } }),
      message('$time', 'x', { origin_server_ts: 'soon' }),
      message('$body', { not: 'text' }),
      message('$relation', 'x', { content: { msgtype: 'm.text', body: 'x', 'm.relates_to': 'y' } }),
      message('$edit', 'x', {
        content: { body: 'x', 'm.new_content': 3, 'm.relates_to': { rel_type: 'm.replace', event_id: 9 } },
      }),
      message('$reaction', 'x', { type: 'm.reaction', content: { 'm.relates_to': { key: 1 } } }),
      message('$member', 'x', { type: 'm.room.member', state_key: 4, content: { membership: [] } }),
      message('$power', 'x', { type: 'm.room.power_levels', state_key: '', content: { users: 'all' } }),
      message('$poll', 'x', { type: 'm.poll.start', content: { 'm.poll': { answers: 5 } } }),
      message('$redaction', 'x', { type: 'm.room.redaction', redacts: {}, content: {} }),
    ]
    const events = [message('$good1', 'good 0'), ...broken, message('$good2', 'good 1')]
    expect(await world.put('broken', { events })).toBe(200)
    await world.homeserver.waitFor(() => world.sent().includes('good 1'), 'the good ones')
    await world.clock.jumpUntil(async () => (await world.open()).length === 0, 1_000, 'nothing left to do')
    expect(world.sent().filter((text) => text.startsWith('good'))).toEqual(['good 0', 'good 1'])
    const logged = await world.stack.database.db.query<{ id: string; outcome: string }>(
      `select event_id as id, outcome from event where event_id like '$%'`,
    )
    const named = broken.flatMap((event) => (event as { event_id?: string } | null)?.event_id ?? [])
    expect(logged.map(({ id }) => id)).toEqual(expect.arrayContaining(named))
    const quarantined = await world.stack.database.db.query(
      `select 1 from event where outcome = 'quarantined'`,
    )
    expect(quarantined.length).toBeGreaterThanOrEqual(5)
  })

  test('what is no JSON is refused for good, and nothing waits behind it', async () => {
    expect(await world.put('no-json', '{"events": [')).toBe(400)
    expect(await world.put('no-object', '[]')).toBe(200)
    expect(await world.put('no-list', { events: 'none' })).toBe(200)
    await world.alice.user.sendText(room, 'after')
    await world.homeserver.waitFor(() => world.sent().length === 1, 'the next one')
  })
})
