import { afterEach, describe, expect, test } from 'vitest'
import { IrcConnector } from '../../src/networks/irc/connector.ts'
import { SimIrc } from '../sim/irc/index.ts'
import type { SimIrcOptions } from '../sim/irc/index.ts'
import { testIrc, testNetwork } from '../support/irc-config.ts'
import { logIn } from '../support/killed-world.ts'
import { Stack, words } from '../support/stack.ts'
import { IrcWorld } from '../support/worlds.ts'
import type { IrcWorldOptions } from '../support/worlds.ts'

let world: IrcWorld

async function begin(options: IrcWorldOptions = {}): Promise<IrcWorld> {
  world = await IrcWorld.start(options)
  return world
}

afterEach(() => world.close())

const numbered = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word} ${i}`)

async function sayAll(from: number, to: number): Promise<void> {
  for (let i = from; i < to; i += 1) await world.alice.user.sendText(world.room, `out ${i}`)
}

/** The outcome that the ledger has of each message of alice. */
async function outcomes(): Promise<string[]> {
  const rows = await world.stack.database.db.query<{ state: string }>(
    `select state from delivery where direction = 'to_remote' and kind = 'message' and portal_id =
       (select id from portal where chat_id = $1) order by id`,
    [`sim/${world.channel}`],
  )
  return rows.map(({ state }) => state)
}

describe('a link that drops at a message', () => {
  const NO_HISTORY: SimIrcOptions[] = [{ caps: 'none' }, { history: false }]

  test.each([
    ['before', 1],
    ['after', 1],
    ['before', 4],
    ['after', 4],
  ] as const)('%s message %i, with history: each arrives once, in order', async (when, nth) => {
    await begin()
    await sayAll(0, 1)
    await world.hear('out 0')
    world.irc.faults[when === 'before' ? 'dropBefore' : 'dropAfter'](nth, 'alice')
    await sayAll(1, 8)
    // A history may lag, so that what is not there is asked for once more a little later.
    await world.clock.jumpUntil(() => world.heard().length >= 8, 500, 'all of it')
    await world.quiet()
    expect(world.heard()).toEqual(numbered('out', 8))
    expect(new Set(await outcomes())).toEqual(new Set(['delivered']))
  })

  test.each([60_000, -60_000])(
    'the clock of the server is %i ms off: history is read by its time',
    async (offMs) => {
      await begin({ sim: { now: () => new Date(Date.now() + offMs) } })
      await sayAll(0, 1)
      await world.hear('out 0')
      world.irc.faults.dropAfter(2, 'alice')
      await sayAll(1, 5)
      await world.homeserver.waitFor(() => world.heard().includes('out 4'), 'the last one')
      await world.quiet()
      expect(world.heard()).toEqual(numbered('out', 5))
    },
  )

  test('the same words again, not processed: what was said before is no proof of it', async () => {
    await begin()
    await world.alice.user.sendText(world.room, 'ok')
    await world.hear('ok')
    await world.quiet()
    world.irc.faults.dropBefore(1, 'alice')
    await world.alice.user.sendText(world.room, 'ok')
    await world.clock.jumpUntil(() => world.heard().length >= 2, 500, 'the second one')
    await world.quiet()
    expect(world.heard()).toEqual(['ok', 'ok'])
  })

  test.each(NO_HISTORY)('without history (%o): it is called unknown and not sent again', async (sim) => {
    await begin({ sim })
    world.irc.faults.dropAfter(2, 'alice')
    await sayAll(0, 4)
    await world.see(world.room, 'not known whether this arrived')
    await world.hear('out 3')
    await world.quiet()
    expect(world.heard()).toEqual(numbered('out', 4))
    expect(await outcomes()).toEqual(['delivered', 'unknown', 'delivered', 'delivered'])
  })

  test('with "resend" it is sent once more, and its sender learns that it may be there twice', async () => {
    await begin({ sim: { caps: 'none' }, network: { onUnknown: 'resend' } })
    world.irc.faults.dropAfter(2, 'alice')
    await sayAll(0, 4)
    await world.see(world.room, 'It may have been sent twice.')
    await world.quiet()
    expect(world.heard()).toEqual(['out 0', 'out 1', 'out 1', 'out 2', 'out 3'])
  })

  test('what was not known can be sent again by hand', async () => {
    await begin({ sim: { caps: 'none' } })
    world.irc.faults.dropBefore(1, 'alice')
    await sayAll(0, 1)
    const [, id] = /retry (\d+)/.exec(await world.see(world.room, 'not known whether')) ?? []
    await world.alice.user.sendText(world.room, `!viaduct retry ${id}`)
    await world.hear('out 0')
    await world.see(world.room, 'Delivered now.')
  })
})

describe('what a server answers, or does not', () => {
  test('a refusal that comes late turns a delivery into a failure, with a retry', async () => {
    await begin()
    await world.alice.ask('start-chat bob', 'on the way')
    const direct = await world.alice.acceptInvite([world.room])
    world.irc.faults.late401(200, { nick: 'alice', count: 1 })
    const event = await world.alice.user.sendText(direct, 'to nobody')
    const notice = await world.see(direct, 'IRC refused it after all')
    const told = world.homeserver
      .timeline(direct)
      .find((e) => String(e.content['body']).includes('after all'))
    expect(told?.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: event } })
    await world.alice.user.sendText(direct, `!viaduct retry ${/retry (\d+)/.exec(notice)?.[1]}`)
    await world.see(direct, 'Delivered now.')
  })

  test.each(['alter', 'truncate', 'never'] as const)(
    'echoes that %s: everything arrives once',
    async (change) => {
      await begin({ sim: { caps: ['echo-message', 'labeled-response', 'batch', 'message-tags'] } })
      world.irc.faults.echo(change, { nick: 'alice', from: 2, count: 1 })
      await sayAll(0, 4)
      await world.clock.jumpUntil(() => world.heard().includes('out 3'), 500, 'the last one')
      await world.quiet()
      // What a server shows to have cut off goes once more as a line of its own.
      const extra = change === 'truncate' ? world.heard().filter((text) => !text.startsWith('out ')) : []
      expect(world.heard().filter((text) => !extra.includes(text))).toEqual(numbered('out', 4))
      expect(extra.length).toBe(change === 'truncate' ? 1 : 0)
      expect(world.find(world.room, 'Not delivered')).toEqual([])
    },
  )

  test.each(['withoutLabel', 'afterFence'] as const)('answers %s: everything arrives once', async (fault) => {
    await begin()
    world.irc.faults[fault]({ nick: 'alice', from: 2, count: 2 })
    await sayAll(0, 5)
    await world.clock.jumpUntil(() => world.heard().includes('out 4'), 500, 'the last one')
    await world.quiet()
    expect(world.heard()).toEqual(numbered('out', 5))
    expect(world.seen).toEqual([])
    expect(new Set(await outcomes())).toEqual(new Set(['delivered']))
  })

  test('a server that asks to wait is obeyed, and nothing overtakes', async () => {
    await begin()
    world.irc.faults.refuse('439', 'Target change too fast.', { nick: 'alice', from: 2, count: 2 })
    await sayAll(0, 5)
    await world.clock.jumpUntil(() => world.heard().includes('out 4'), 1_000, 'the last one')
    await world.quiet()
    expect(world.heard()).toEqual(numbered('out', 5))
  })

  test.each(['all', 'none'] as const)('killed for flooding, with %s of the capabilities', async (caps) => {
    const flood = { burst: 14, perSecond: 4, over: 'kill' } as const
    await begin({ sim: { caps, flood }, network: { pace: { burst: 24, perSecond: 16 } } })
    await sayAll(0, 30)
    const done = () => world.heard().length >= 30 || world.find(world.room, 'not known').length > 0
    await world.clock.jumpUntil(done, 2_000, 'the end of the flood')
    await world.clock.jumpUntil(async () => (await world.open()).length === 0, 2_000, 'everything to end')
    const heard = world.heard()
    expect(heard).toEqual([...new Set(heard)])
    const states = await outcomes()
    if (caps === 'all') expect(new Set(states)).toEqual(new Set(['delivered']))
    const missing = numbered('out', 30).filter((text, i) => !heard.includes(text) && states[i] !== 'unknown')
    expect(missing).toEqual([])
    expect(heard).toEqual(numbered('out', 30).filter((text) => heard.includes(text)))
  })

  test('a half-open link is given up, and the message in it arrives once', async () => {
    await begin()
    await sayAll(0, 1)
    await world.hear('out 0')
    world.irc.faults.halfOpen('alice')
    await sayAll(1, 3)
    world.bob.say(world.channel, 'are you there?')
    await world.clock.jumpUntil(
      () => world.irc.connections().some(({ nick }) => nick.startsWith('alice_')),
      5_000,
      'a second connection',
    )
    world.irc.kill('alice')
    await world.clock.jumpUntil(
      () => world.heard().length + world.heard('alice_').length >= 3,
      1_000,
      'all of it',
    )
    await world.clock.jumpUntil(() => world.seen.length > 0, 1_000, 'what bob said meanwhile')
    await world.quiet()
    expect([...world.heard(), ...world.heard('alice_')]).toEqual(numbered('out', 3))
    expect(world.seen).toEqual(['are you there?'])
  })
})

describe('splits', () => {
  test('who is gone with a server and comes back is not moved in the room', async () => {
    await begin()
    const carol = await world.irc.client('carol')
    carol.join(world.channel)
    for (const [nick, client] of [
      ['bob', world.bob],
      ['carol', carol],
    ] as const) {
      client.say(world.channel, `I am ${nick}`)
      await world.see(world.room, `I am ${nick}`)
    }
    const moves = () =>
      world.homeserver
        .timeline(world.room)
        .filter(({ type, state_key: key }) => type === 'm.room.member' && key?.startsWith('@_irc_'))
        .map(({ state_key: key, content }) => `${key} ${String(content['membership'])}`)
    const before = moves()
    world.irc.netsplit('leaf.irc.sim', ['bob', 'carol'])
    await world.see(world.room, 'Netsplit')
    await world.alice.user.sendText(world.room, 'during')
    world.irc.netjoin('leaf.irc.sim')
    world.bob.say(world.channel, 'back again')
    await world.see(world.room, 'back again')
    await world.quiet()
    expect(moves()).toEqual(before)
    expect(world.find(world.room, 'Netsplit')).toHaveLength(1)
  })

  test('who does not come back within half an hour leaves the room', async () => {
    await begin()
    world.bob.say(world.channel, 'I am here')
    await world.see(world.room, 'I am here')
    const bob = '@_irc_sim_bob:sim.local'
    world.irc.netsplit('leaf.irc.sim', ['bob'])
    await world.see(world.room, 'Netsplit')
    expect(world.homeserver.members(world.room)).toContain(bob)
    const gone = () => !world.homeserver.members(world.room).includes(bob)
    await world.clock.jumpUntil(gone, 20_000, 'bob to leave')
  })
})

describe('two of ours in one channel', () => {
  test('each line is there once, also when the one that listens is killed in the middle', async () => {
    await begin()
    const carol = await world.newcomer('carol')
    await world.homeserver.waitFor(() => world.isIn('carol'), 'carol to be in')
    for (let i = 0; i < 40; i += 1) {
      world.bob.say(world.channel, `line ${i}`)
      if (i === 10) world.irc.kill('alice')
      if (i === 25) world.irc.kill('carol')
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
    await world.homeserver.waitFor(() => world.seen.length >= 40, 'all lines')
    await world.homeserver.waitFor(() => world.isIn('alice') && world.isIn('carol'), 'both to be back')
    await carol.user.sendText(world.room, 'from carol')
    await world.hear('from carol', 'carol')
    await world.quiet()
    expect(world.seen).toEqual(numbered('line', 40))
    // What one of ours says is not told to the others by a ghost.
    expect(words(world.homeserver, world.room).filter((line) => line.includes('from carol'))).toEqual([
      'carol: from carol',
    ])
  })

  test('without history a second one keeps what the first one lost', async () => {
    await begin({ sim: { caps: 'none' } })
    await world.newcomer('carol')
    await world.homeserver.waitFor(() => world.isIn('carol'), 'carol to be in')
    for (let i = 0; i < 30; i += 1) {
      world.bob.say(world.channel, `line ${i}`)
      if (i === 10) world.irc.kill('alice')
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
    await world.homeserver.waitFor(() => world.seen.length >= 30, 'all lines')
    await world.homeserver.waitFor(() => world.isIn('alice'), 'alice to be back')
    await world.quiet()
    expect(world.seen).toEqual(numbered('line', 30))
    expect(world.find(world.room, 'messages may be missing')).toEqual([])
  })

  test('a witness tells what became of a line where there is no history', async () => {
    await begin({ sim: { caps: 'none' } })
    await world.newcomer('carol')
    await world.homeserver.waitFor(() => world.isIn('carol'), 'carol to be in')
    await sayAll(0, 1)
    await world.hear('out 0')
    world.irc.faults.dropAfter(1, 'alice')
    await sayAll(1, 2)
    await world.hear('out 1')
    await world.homeserver.waitFor(() => world.isIn('alice'), 'alice to be back')
    await world.quiet()
    world.irc.faults.dropBefore(1, 'alice')
    await sayAll(2, 4)
    await world.hear('out 3')
    await world.quiet()
    expect(world.heard()).toEqual(numbered('out', 4))
    expect(new Set(await outcomes())).toEqual(new Set(['delivered']))
  })
})

describe('gaps', () => {
  test('what was said while nobody of ours was there comes from history, in order and once', async () => {
    await begin()
    world.bob.say(world.channel, 'line 0')
    await world.homeserver.waitFor(() => world.seen.length === 1, 'the first line')
    world.irc.faults.refuseConnections({ text: 'Closing Link: (Server is starting)' }, 3)
    world.irc.kill('alice')
    for (let i = 1; i < 20; i += 1) world.bob.say(world.channel, `line ${i}`)
    await world.homeserver.waitFor(() => world.isIn('alice'), 'alice to be back')
    for (let i = 20; i < 25; i += 1) world.bob.say(world.channel, `line ${i}`)
    await world.homeserver.waitFor(() => world.seen.length >= 25, 'all lines')
    await world.quiet()
    expect(world.seen).toEqual(numbered('line', 25))
  })

  test('over a restart of the bridge too', async () => {
    await begin()
    world.bob.say(world.channel, 'line 0')
    await world.homeserver.waitFor(() => world.seen.length === 1, 'the first line')
    // So that she is away for a while, and not back before anybody has looked.
    world.irc.faults.refuseConnections({ text: 'Closing Link: (Server is starting)' }, 4)
    const restarted = world.stack.restart()
    const left = () => world.irc.journal.some(({ nick, line }) => nick === 'alice' && line.startsWith('QUIT'))
    await world.homeserver.waitFor(left, 'alice to be gone')
    for (let i = 1; i < 10; i += 1) world.bob.say(world.channel, `line ${i}`)
    await restarted
    await world.homeserver.waitFor(() => world.isIn('alice'), 'alice to be back')
    for (let i = 10; i < 13; i += 1) world.bob.say(world.channel, `line ${i}`)
    await world.homeserver.waitFor(() => world.seen.length >= 13, 'all lines')
    await sayAll(0, 1)
    await world.hear('out 0')
    await world.quiet()
    expect(world.seen).toEqual(numbered('line', 13))
    expect(world.find(world.alice.botRoom, 'logged out')).toEqual([])
  })

  test('without history the room is told that something may be missing', async () => {
    await begin({ sim: { caps: 'none' } })
    world.bob.say(world.channel, 'before')
    await world.homeserver.waitFor(() => world.seen.length === 1, 'the first line')
    world.irc.kill('alice')
    await world.homeserver.waitFor(() => world.isIn('alice'), 'alice to be back')
    await world.see(world.room, 'messages may be missing')
    world.bob.say(world.channel, 'after')
    await world.see(world.room, 'after')
    expect(world.find(world.room, 'messages may be missing')).toHaveLength(1)
  })

  test('private messages that came while away are found', async () => {
    await begin()
    world.bob.say('alice', 'psst 0')
    const direct = await world.alice.acceptInvite([world.room])
    await world.see(direct, 'psst 0')
    world.irc.faults.refuseConnections({ text: 'Closing Link: (Server is starting)' }, 3)
    // Only who has an account, or was just here, has a history; the server keeps it by nick.
    world.irc.kill('alice')
    const stand = await world.irc.client('alice').catch(() => undefined)
    world.bob.say('alice', 'psst 1')
    stand?.quit()
    await world.clock.jumpUntil(() => world.isIn('alice'), 1_000, 'alice to be back')
    await world.see(direct, 'psst 1')
    await world.quiet()
    expect(world.bodies(direct, '_irc_sim_bob')).toEqual(['psst 0', 'psst 1'])
  })
})

test('thrown out: the room and its owner are told, messages fail with the reason, until it is entered again', async () => {
  await begin()
  await world.quiet()
  world.bob.kick(world.channel, 'alice', 'enough')
  await world.see(world.room, 'bob removed alice from #town: enough')
  await world.alice.heard('Say "join #town" to enter it again')
  await sayAll(0, 1)
  const notice = await world.see(world.room, 'Not delivered: bob removed alice')
  await world.alice.ask('join #town', 'You are in #town')
  await world.alice.user.sendText(world.room, `!viaduct retry ${/retry (\d+)/.exec(notice)?.[1]}`)
  await world.hear('out 0')
})

test('+m, +i and +t are powers of the room, and their end is too', async () => {
  await begin()
  const levels = () =>
    (world.homeserver.state(world.room, 'm.room.power_levels') ?? {}) as Record<string, unknown>
  const topic = () => (levels()['events'] as Record<string, number> | undefined)?.['m.room.topic']
  await world.quiet()
  const before = { speak: levels()['events_default'], invite: levels()['invite'], topic: topic() }
  world.bob.mode(world.channel, '+mit')
  await world.homeserver.waitFor(() => levels()['events_default'] !== before.speak, 'the power to speak')
  expect(levels()['events_default']).toBeGreaterThan(0)
  expect(levels()['invite']).toBeGreaterThanOrEqual(50)
  expect(topic()).toBeGreaterThanOrEqual(50)
  world.bob.mode(world.channel, '+v alice')
  const own = () => (levels()['users'] as Record<string, number> | undefined)?.[world.alice.user.userId]
  await world.homeserver.waitFor(() => (own() ?? 0) >= Number(levels()['events_default']), 'a voice')
  await sayAll(0, 1)
  await world.hear('out 0')
  world.bob.mode(world.channel, '-mit')
  await world.homeserver.waitFor(
    () => levels()['events_default'] === before.speak,
    'everyone may speak again',
  )
  expect(levels()['invite']).toBe(before.invite)
})

test('several IRC networks at once, with channels and people of the same names', async () => {
  const [one, two] = [await SimIrc.start(), await SimIrc.start({ caps: 'none' })]
  const config = testIrc(testNetwork('one', one.port), testNetwork('two', two.port))
  const stack = await Stack.start(() => [new IrcConnector(config, { backoffMs: 20 })])
  const alice = await stack.person('alice')
  await logIn(alice, 'alice', 'one')
  await logIn(alice, 'alice', 'two')
  const bobs = [await one.client('bob'), await two.client('bob')] as const
  const rooms: string[] = []
  for (const [i, network] of ['one', 'two'].entries()) {
    bobs[i]?.join('#town')
    await alice.ask(`join #town ${network}`, 'You are in #town')
    rooms.push(await alice.acceptInvite(rooms))
  }
  const [first = '', second = ''] = rooms
  bobs[0].say('#town', 'on one')
  bobs[1].say('#town', 'on two')
  await alice.user.sendText(first, 'to one')
  await alice.user.sendText(second, 'to two')
  await one.waitFor(() => bobs[0].said('#town').length === 1, 'a line on one')
  await two.waitFor(() => bobs[1].said('#town').length === 1, 'a line on two')
  expect([bobs[0].said('#town')[0]?.text, bobs[1].said('#town')[0]?.text]).toEqual(['to one', 'to two'])
  const heard = (room: string) => words(stack.homeserver, room).filter((line) => line.startsWith('_irc_'))
  await stack.homeserver.waitFor(() => heard(first).length === 1 && heard(second).length === 1, 'both lines')
  expect([heard(first), heard(second)]).toEqual([['_irc_one_bob: on one'], ['_irc_two_bob: on two']])
  two.kill('alice')
  await alice.user.sendText(first, 'one goes on')
  await one.waitFor(() => bobs[0].said('#town').length === 2, 'a line on one')
  await stack.close()
  await one.close()
  await two.close()
  world = await IrcWorld.start()
})

test.each(['rfc1459', 'ascii'] as const)('names are folded as the server says: %s', async (casemapping) => {
  await begin({ sim: { casemapping }, channel: '#Café[1]' })
  const brackets = await world.irc.client('nick[x]^')
  brackets.join(world.channel)
  brackets.say(world.channel, 'with brackets')
  await world.see(world.room, 'with brackets')
  brackets.nickTo('NICK[X]^')
  brackets.say(world.channel, 'louder')
  await world.see(world.room, 'louder')
  const ghosts = world.homeserver
    .timeline(world.room)
    .filter(({ content }) => ['with brackets', 'louder'].includes(String(content['body'])))
    .map(({ sender }) => sender)
  expect(new Set(ghosts).size).toBe(1)
  if (casemapping === 'rfc1459') {
    await world.alice.ask('join #CAFé{1}', 'You are in')
    expect(world.irc.connections().find(({ nick }) => nick === 'alice')).toBeDefined()
  }
  await world.alice.user.sendText(world.room, 'still one room')
  await world.hear('still one room')
})
