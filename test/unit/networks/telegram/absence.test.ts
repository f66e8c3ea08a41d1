import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Login } from '../../../../src/model/network.ts'
import { TelegramConnector } from '../../../../src/networks/telegram/connector.ts'
import type { Account, Channel } from '../../../sim/telegram/world/index.ts'
import { LedgerHost } from '../../../support/ledger-host.ts'
import { loggedIn, startTelegram } from '../../../support/telegram.ts'
import type { TestTelegram } from '../../../support/telegram.ts'

let telegram: TestTelegram
let host: LedgerHost
let connector: TelegramConnector
let login: Login
let alice: Account
let bob: Account
let group: Channel

const numbered = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word} ${i}`)
const state = () => connector.status()[0]?.state
const chatOf = (of: Account | Channel) => `${of.kind === 'user' ? 'user' : 'channel'}:${of.id}`
const heard = (of: Account | Channel) => host.bodies(chatOf(of))
const say = (where: Account | Channel, texts: readonly string[]) => {
  for (const text of texts) telegram.tg.say(bob, where, text)
}

beforeEach(async () => {
  telegram = await startTelegram()
  const { tg, wire } = telegram
  alice = tg.user({ firstName: 'Alice', phone: '100', username: 'alice' })
  bob = tg.user({ firstName: 'Bob', phone: '200', username: 'bobby' })
  group = tg.supergroup({ title: 'Tea', members: [bob, alice] })
  host = new LedgerHost()
  const kept = await host.login(1, 'alice', String(alice.id), loggedIn(wire, alice))
  login = { ...kept, network: 'telegram' }
  host.saved.splice(0, host.saved.length, login)
})

afterEach(async () => {
  await connector.stop(500)
  await telegram.wire.stop()
  expect(telegram.wire.journal.problems).toEqual([])
})

async function start(): Promise<void> {
  connector = new TelegramConnector(telegram.config, { backoffMs: 10 })
  await connector.start(host)
  await host.until(() => state() === 'connected', 'the connection')
}

/** Connected, with a first message in both conversations. */
async function settle(): Promise<void> {
  await start()
  say(alice, ['dm'])
  say(group, ['group'])
  await host.until(() => heard(bob).length === 1 && heard(group).length === 1, 'the first messages')
}

test('what was said before the login comes first, some of it', async () => {
  say(alice, numbered('old', 30))
  say(group, numbered('older', 3))
  await start()
  await host.until(() => heard(bob).length === 20 && heard(group).length === 3, 'the history')
  expect(heard(bob)).toEqual(numbered('old', 30).slice(10))
  expect(host.of('message').every(({ backfilled }) => backfilled === true)).toBe(true)
  say(alice, ['new'])
  await host.until(() => heard(bob).includes('new'), 'a new message')
  expect(heard(bob).at(-1)).toBe('new')
})

test('what comes between the login and the first update is not lost', async () => {
  const { wire } = telegram
  // The server is asked for the state before anything else is read; then somebody speaks.
  wire.faults.fault('updates.getState', async (_call, run) => {
    const found = await run()
    say(alice, numbered('between', 5))
    return found
  })
  await start()
  await host.until(() => heard(bob).length >= 5, 'what was said')
  expect(heard(bob)).toEqual(numbered('between', 5))
})

test.each([1, 7, 100])('500 messages that came while the bridge was away, in slices of %i', async (slice) => {
  telegram.tg.switches.differenceSlice = slice
  telegram.tg.switches.channelDifferenceSlice = slice
  await settle()
  await connector.stop(500)
  say(alice, numbered('in', 250))
  say(group, numbered('all', 250))
  await start()
  await host.until(() => heard(bob).length >= 251 && heard(group).length >= 251, 'all of them')
  expect(heard(bob)).toEqual(['dm', ...numbered('in', 250)])
  expect(heard(group)).toEqual(['group', ...numbered('all', 250)])
})

test('the server names no channels that have moved: they are looked at', async () => {
  await settle()
  telegram.tg.switches.signalChannels = false
  await connector.stop(500)
  say(group, numbered('all', 3))
  await start()
  await host.until(() => heard(group).length >= 4, 'what was said in the group')
  say(group, ['live'])
  await host.until(() => heard(group).includes('live'), 'what is said now')
  expect(heard(group)).toEqual(['group', ...numbered('all', 3), 'live'])
})

test('the account was away for too long: everything is fetched from history', async () => {
  await settle()
  await connector.stop(500)
  say(alice, numbered('in', 30))
  telegram.tg.forgetEvents(alice)
  say(group, numbered('all', 3))
  await start()
  await host.until(() => heard(bob).length >= 31 && heard(group).length >= 4, 'what was missed')
  say(alice, ['live'])
  await host.until(() => heard(bob).includes('live'), 'what is said now')
  expect(heard(bob)).toEqual(['dm', ...numbered('in', 30), 'live'])
  expect(heard(group)).toEqual(['group', ...numbered('all', 3)])
})

test('a channel moved by too much: it is fetched from history', async () => {
  await settle()
  await connector.stop(500)
  say(group, numbered('all', 150))
  telegram.tg.forgetEvents(group)
  await start()
  await host.until(() => heard(group).length >= 151, 'what was missed')
  expect(heard(group)).toEqual(['group', ...numbered('all', 150)])
})

test('more was missed than is fetched: it is said', async () => {
  telegram.config.gapMessages = 100
  await settle()
  await connector.stop(500)
  say(group, numbered('all', 150))
  telegram.tg.forgetEvents(group)
  await start()
  await host.until(() => heard(group).length >= 101, 'what is fetched')
  expect(heard(group)).toEqual(['group', ...numbered('all', 150).slice(50)])
  expect(host.of('info').map(({ text }) => text)).toContainEqual(
    expect.stringContaining('More than 100 messages'),
  )
})

describe('while connected', () => {
  test('the server forgets the session: what came meanwhile is asked for', async () => {
    await settle()
    telegram.wire.faults.dropPush(2, alice.id)
    say(alice, ['lost on the way'])
    telegram.wire.forgetSessions(alice.id)
    telegram.wire.killConnections(alice.id)
    await host.until(() => heard(bob).includes('lost on the way'), 'the message')
  })

  test.each(['dropPush', 'duplicatePush', 'reorderPush'] as const)(
    '%s: once and in order all the same',
    async (fault) => {
      await settle()
      if (fault === 'reorderPush') telegram.wire.faults.reorderPush(alice.id)
      else telegram.wire.faults[fault](1, alice.id)
      say(alice, numbered('in', 5))
      await host.until(() => heard(bob).length >= 6, 'all of it')
      expect(heard(bob)).toEqual(['dm', ...numbered('in', 5)])
    },
  )

  test('the ledger does not take an update: the cursor stays, and the next process gets it', async () => {
    await settle()
    host.refuses = new Error('the database is away')
    say(alice, numbered('in', 3))
    say(group, numbered('all', 3))
    await connector.stop(200)
    host.refuses = undefined
    expect(heard(bob)).toEqual(['dm'])
    await start()
    await host.until(() => heard(bob).length >= 4 && heard(group).length >= 4, 'what was not taken')
    expect(heard(bob)).toEqual(['dm', ...numbered('in', 3)])
    expect(heard(group)).toEqual(['group', ...numbered('all', 3)])
  })
})

test('reactions, votes and reads of the meantime are told', async () => {
  const { tg } = telegram
  await settle()
  const post = tg.say(bob, group, 'a joke')
  const reacted = tg.say(bob, group, 'with a reaction')
  tg.react(bob, reacted, '🔥')
  const poll = tg.say(bob, group, { media: tg.media.poll(bob, { question: 'Tea?', answers: ['yes', 'no'] }) })
  await host.until(
    () => host.of('reaction').length === 1 && heard(group).includes('with a reaction'),
    'before',
  )
  await host.until(() => host.of('message').some(({ content }) => content.kind === 'poll'), 'the poll')
  // Only those who have voted are shown how others vote.
  tg.vote(alice, poll, 0)
  await host.until(() => host.of('poll-vote').length === 1, 'her own vote, from her phone')
  await connector.stop(500)
  tg.react(bob, post, '👍')
  tg.react(bob, reacted)
  tg.vote(bob, poll, 1)
  await start()
  await host.until(() => host.of('reaction').length === 2, 'the reaction')
  await host.until(() => host.of('reaction-removal').length === 1, 'the reaction that was taken back')
  await host.until(() => host.of('poll-vote').length === 2, 'the vote')
  expect(host.of('reaction')[1]).toMatchObject({ key: '👍', sender: { id: `user:${bob.id}` } })
  expect(host.of('reaction-removal')[0]).toMatchObject({ key: '🔥' })
})

describe('the login ends', () => {
  test.each([
    ['AUTH_KEY_UNREGISTERED', 'bad_credentials', /another device/],
    ['SESSION_REVOKED', 'bad_credentials', /another device/],
  ])('%s', async (text, expected, words) => {
    await settle()
    telegram.wire.revoke(alice.id, text)
    telegram.wire.killConnections()
    await host.until(() => state() === expected, `the state ${expected}`)
    expect(connector.status()[0]?.text).toMatch(words)
  })

  test.each([
    ['banned', 'blocked', /banned/],
    ['deactivated', 'logged_out', /deleted/],
  ] as const)('%s', async (what, expected, words) => {
    await settle()
    telegram.tg.deactivate(alice, what)
    telegram.wire.killConnections(alice.id)
    await host.until(() => state() === expected, `the state ${expected}`)
    expect(connector.status()[0]?.text).toMatch(words)
  })

  test('the key is destroyed', async () => {
    await settle()
    telegram.wire.destroyKeys(alice.id)
    await host.until(() => state() === 'bad_credentials', 'the state')
  })
})
