import { expect, test } from 'vitest'
import { remoteMessageId } from '../../../../src/model/ids.ts'
import type { IrcNetworkConfig } from '../../../../src/networks/irc/config.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import type { SimIrcOptions } from '../../../sim/irc/index.ts'
import { request } from './fake-host.ts'
import { channelChat, connected, inChannels, world } from './setup.ts'

async function tea(options: SimIrcOptions = {}, changes: Partial<IrcNetworkConfig> = {}) {
  const w = await world({ caps: 'all', ...options }, changes)
  const bob = await w.server.client('bob')
  bob.join('#tea')
  const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  await w.connector.start(w.host)
  await connected(w, alice, '#tea')
  await w.host.until(() => w.host.of('members').length > 0, 'the members')
  return { ...w, w, alice, bob }
}

test('the members of a channel come with it, and changes follow', async () => {
  const { host, server, bob } = await tea({}, { members: 'full' })
  expect(host.of('members')[0]?.users).toEqual([{ id: 'sim/bob', name: 'bob' }])
  expect(host.of('members')[0]?.lazy).toBeUndefined()
  expect(host.of('power')[0]?.users).toContainEqual({ user: { id: 'sim/bob', name: 'bob' }, level: 75 })
  const carol = await server.client('carol')
  carol.join('#tea')
  bob.mode('#tea', '+v', 'carol')
  carol.nickTo('caroline')
  carol.part('#tea', 'bye')
  const dave = await server.client('dave')
  dave.join('#tea')
  bob.kick('#tea', 'dave', 'no')
  const erin = await server.client('erin')
  erin.join('#tea')
  erin.quit('gone')
  await host.until(() => host.of('membership').length === 6, 'six changes')
  expect(host.of('membership').map(({ change, user, reason }) => [change, user.id, reason])).toEqual([
    ['join', 'sim/carol', undefined],
    ['leave', 'sim/caroline', 'bye'],
    ['join', 'sim/dave', undefined],
    ['kick', 'sim/dave', 'no'],
    ['join', 'sim/erin', undefined],
    ['leave', 'sim/erin', expect.stringContaining('gone')],
  ])
  expect(host.of('membership')[3]?.sender?.id).toBe('sim/bob')
  expect(host.of('rename')).toMatchObject([{ from: { id: 'sim/carol' }, to: { id: 'sim/caroline' } }])
  await host.until(() => host.of('power').at(-1)?.sender !== undefined, 'the rank')
  expect(host.of('power').at(-1)?.users).toEqual([{ user: { id: 'sim/carol', name: 'carol' }, level: 1 }])
})

test('lazily, only who may have a ghost leaves', async () => {
  const { host, server, bob } = await tea()
  const carol = await server.client('carol')
  carol.join('#tea')
  carol.part('#tea', 'said nothing')
  const dave = await server.client('dave')
  dave.join('#tea')
  dave.say('#tea', 'hello')
  dave.part('#tea')
  bob.part('#tea', 'was there before')
  await host.until(() => host.of('membership').length === 2, 'two leaves')
  expect(host.of('members')[0]?.lazy).toBe(true)
  expect(host.of('membership').map(({ change, user }) => [change, user.id])).toEqual([
    ['leave', 'sim/dave'],
    ['leave', 'sim/bob'],
  ])
})

test('topics, modes of the channel, bans and invitations', async () => {
  const { host, server, bob } = await tea()
  bob.topic('#tea', 'Darjeeling')
  bob.mode('#tea', '+mi')
  bob.mode('#tea', '-m')
  bob.mode('#tea', '+b', 'evil!*@*')
  bob.join('#secret')
  bob.invite('alice', '#secret')
  await host.until(() => host.told.length === 1 && host.of('info').length === 1, 'all of it')
  expect(host.of('topic').map(({ topic }) => topic)).toEqual(['Darjeeling'])
  await host.until(() => host.of('power').at(-1)?.sender !== undefined, 'the modes')
  expect(host.of('power').at(-1)).toMatchObject({
    sender: { id: 'sim/bob' },
    room: { speak: 0, invite: 50, joinable: false },
  })
  expect(host.of('info')[0]?.text).toContain('banned evil!*@*')
  expect(host.told[0]?.text).toContain('#secret')
  expect(server.channel('#secret')?.members).toHaveLength(1)
})

test.each(['all', 'none'] as const)(
  'a netsplit makes nobody leave until half an hour has passed: %s',
  async (caps) => {
    const clock = new ManualClock(new Date())
    const w = await world({ caps }, { members: 'full' })
    w.host.clock = clock
    const names = ['bob', 'carol', 'dave']
    const clients = await Promise.all(names.map((name) => w.server.client(name)))
    for (const client of clients) client.join('#tea')
    const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
    await w.connector.start(w.host)
    await connected(w, alice, '#tea')
    w.server.netsplit('leaf.sim', ['carol', 'dave'])
    await w.host.until(() => w.host.of('info').length === 1, 'the split is told')
    clients[0]?.say('#tea', 'where are they?')
    await w.host.until(() => w.host.bodies().length === 1, 'the line')
    expect(w.host.of('membership')).toEqual([])
    w.server.netjoin('leaf.sim')
    clients[1]?.say('#tea', 'back')
    await w.host.until(() => w.host.bodies().length === 2, 'back again')
    expect(w.host.of('membership')).toEqual([])
    w.server.netsplit('leaf.sim', ['dave'])
    clients[0]?.say('#tea', 'again?')
    await w.host.until(() => w.host.bodies().length === 3, 'another line')
    await clock.advance(31 * 60_000)
    await w.host.until(() => w.host.of('membership').length === 1, 'one has left')
    expect(w.host.of('membership')[0]).toMatchObject({ change: 'leave', user: { id: 'sim/dave' } })
  },
)

test('a conversation follows the nick', async () => {
  const { host, bob, alice } = await tea()
  bob.say('alice', 'psst')
  await host.until(() => host.bodies().length === 1, 'a private line')
  bob.nickTo('bobby')
  await host.until(() => host.of('rename').length === 2, 'both renames')
  expect(host.of('rename').find(({ chat }) => chat.type === 'dm')).toMatchObject({
    chat: { id: 'sim/bob', receiver: alice.id },
    to: { id: 'sim/bobby' },
  })
})

test('away is told once, CTCP is answered and shown, DCC is refused', async () => {
  const { host, bob, alice, connector, w } = await tea()
  bob.raw('AWAY :lunch')
  const chat = { ...channelChat('bob'), type: 'dm', receiver: alice.id } as const
  for (const text of ['there?', 'hello?']) await connector.send(request({ chat, login: alice, action: text }))
  await host.until(() => host.of('info').length === 1, 'away')
  expect(host.of('info')[0]).toMatchObject({ text: 'bob is away: lunch', chat: { id: 'sim/bob' } })
  bob.say('alice', '\x01VERSION\x01')
  await bob.waitFor(
    (each) => each.said('alice').some(({ text }) => text === '\x01VERSION Viaduct\x01'),
    'an answer',
  )
  const carol = await w.server.client('carol')
  carol.say('alice', '\x01DCC SEND x.exe 1 2 3\x01')
  await host.until(() => host.of('info').some(({ text }) => text.includes('DCC')), 'the offer is shown')
})

test('who is in a channel leads it: when the leader is lost mid-burst, each line comes once and in order', async () => {
  for (const caps of ['all', 'none'] as const) {
    const w = await world({ caps })
    const bob = await w.server.client('bob')
    bob.join('#tea')
    const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
    const carol = await w.host.login(2, 'carol', 'sim', inChannels('#tea'))
    await w.connector.start(w.host)
    await connected(w, alice, '#tea')
    await connected(w, carol, '#tea')
    await w.host.until(
      () => w.host.woken.filter(({ chat }) => chat === 'sim/#tea').length === 2,
      'both are in',
    )
    const said: string[] = []
    const say = (text: string) => {
      said.push(text)
      bob.say('#tea', text)
    }
    for (let i = 0; i < 20; i++) say(`line ${i % 3}`)
    w.server.faults.stall('alice')
    for (let i = 0; i < 20; i++) say(`more ${i % 3}`)
    w.server.kill('alice')
    for (let i = 0; i < 20; i++) say(`last ${i % 3}`)
    await w.host.until(() => w.host.bodies().length >= said.length, 'all lines')
    say('end')
    await w.host.until(() => w.host.bodies().at(-1) === 'end', 'the end')
    expect(w.host.bodies()).toEqual(said)
  }
})

test('what was said while nobody was there comes from the history, once and in order', async () => {
  const w = await world({ caps: 'all' })
  const bob = await w.server.client('bob')
  bob.join('#tea')
  const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  await w.connector.start(w.host)
  await connected(w, alice, '#tea')
  bob.say('#tea', 'first')
  bob.say('alice', 'private')
  await w.host.until(() => w.host.bodies().length === 2, 'live lines')
  const newest = w.host.of('message').find(({ chat }) => chat.type === 'channel')
  w.host.newestAt = { id: newest?.id ?? remoteMessageId(''), at: newest?.at ?? new Date() }
  for (const { id } of w.host.of('message')) w.host.known_.add(id)
  w.server.faults.refuseConnections({ text: 'Closing Link: (later)' }, 3)
  w.server.kill('alice')
  bob.say('#tea', 'missed one')
  bob.say('#tea', 'missed\nof two lines')
  await w.host.until(() => w.host.bodies().includes('missed\nof two lines'), 'what was missed')
  bob.say('#tea', 'live again')
  await w.host.until(() => w.host.bodies().includes('live again'), 'live')
  expect(w.host.bodies('sim/#tea')).toEqual(['first', 'missed one', 'missed\nof two lines', 'live again'])
  expect(w.host.of('message').filter(({ backfilled }) => backfilled)).toHaveLength(2)
})

test('without a history the gap is told', async () => {
  const w = await world({ caps: 'none' })
  const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  w.host.newestAt = { id: remoteMessageId(':e.1'), at: new Date(Date.now() - 3_600_000) }
  await w.connector.start(w.host)
  await connected(w, alice, '#tea')
  await w.host.until(() => w.host.of('info').length === 1, 'the gap')
  expect(w.host.of('info')[0]?.text).toMatch(/^Disconnected from IRC from .* messages may be missing\.$/)
})

test('a ledger that cannot say what is known holds the channel back, and nothing comes twice', async () => {
  const w = await world({ caps: 'all' })
  const bob = await w.server.client('bob')
  bob.join('#tea')
  bob.say('#tea', 'before')
  let failures = 1
  w.host.newest = async () => {
    if (failures-- > 0) throw new Error('database is down')
    return undefined
  }
  await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  await w.connector.start(w.host)
  await w.host.until(() => w.server.channel('#tea')?.members.length === 2, 'alice is in')
  bob.say('#tea', 'after')
  await w.host.until(() => w.host.bodies().includes('after'), 'the live line')
  expect(w.host.bodies()).toEqual(['before', 'after'])
})
