import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { MockInstance } from 'vitest'
import type { Login } from '../../../../src/model/network.ts'
import { TelegramConnector } from '../../../../src/networks/telegram/connector.ts'
import { Metrics } from '../../../../src/telemetry/index.ts'
import type { Account, Channel } from '../../../sim/telegram/world/index.ts'
import { JumpClock } from '../../../support/jump-clock.ts'
import { LedgerHost } from '../../../support/ledger-host.ts'
import { loggedIn, startTelegram } from '../../../support/telegram.ts'
import type { TestTelegram } from '../../../support/telegram.ts'
import { silentLog } from '../irc/fake-host.ts'

let telegram: TestTelegram
let host: LedgerHost
let connector: TelegramConnector
let login: Login
let alice: Account
let bob: Account
let group: Channel
let metrics: Metrics
let caughtUp: MockInstance<(ms: number) => void>

beforeEach(async () => {
  telegram = await startTelegram()
  const { tg, wire } = telegram
  alice = tg.user({ firstName: 'Alice', phone: '100', username: 'alice' })
  bob = tg.user({ firstName: 'Bob', phone: '200', username: 'bobby' })
  group = tg.supergroup({ title: 'Tea', members: [bob, alice] })
  host = new LedgerHost()
  metrics = new Metrics(silentLog, { process: false })
  caughtUp = vi.spyOn(metrics.telegram, 'caughtUp')
  const kept = await host.login(1, 'alice', String(alice.id), loggedIn(wire, alice))
  login = { ...kept, network: 'telegram' }
  host.saved.splice(0, host.saved.length, login)
})

afterEach(async () => {
  await connector.stop(500)
  await telegram.wire.stop()
  metrics.close()
  expect(telegram.wire.journal.problems).toEqual([])
})

const state = () => connector.status()[0]?.state
const heard = (of: Account | Channel) => host.bodies(`${of.kind === 'user' ? 'user' : 'channel'}:${of.id}`)
const say = (where: Account | Channel, ...texts: string[]) => {
  for (const text of texts) telegram.tg.say(bob, where, text)
}

/** The value of a series of the connector's. */
async function counted(name: string, labels: Record<string, string> = {}): Promise<number> {
  const all = await metrics.registry.getMetricsAsJSON()
  const values = all.find((each) => each.name === `viaduct_telegram_${name}`)?.values ?? []
  const fits = (has: object) =>
    Object.entries(labels).every(([key, value]) => (has as Record<string, unknown>)[key] === value)
  return values.filter((each) => fits(each.labels)).reduce((sum, { value }) => sum + value, 0)
}

async function start(): Promise<void> {
  connector = new TelegramConnector(telegram.config, { backoffMs: 10, observer: metrics.telegram })
  await connector.start(host)
  await host.until(() => state() === 'connected', 'the connection')
}

async function settle(): Promise<void> {
  await start()
  say(alice, 'dm')
  say(group, 'group')
  await host.until(() => heard(bob).length === 1 && heard(group).length === 1, 'the first messages')
}

describe('what was missed is had in the end', () => {
  test('history cannot be read the first time', async () => {
    await settle()
    await connector.stop(500)
    say(alice, 'one', 'two')
    telegram.tg.forgetEvents(alice)
    telegram.wire.faults.fail('messages.getHistory', 400, 'CHAT_ID_INVALID')
    await start()
    await host.until(() => heard(bob).length === 3, 'what was missed')
    say(alice, 'three')
    await host.until(() => heard(bob).length === 4, 'what is said now')
    expect(heard(bob)).toEqual(['dm', 'one', 'two', 'three'])
    expect(await counted('connections_ended_total', { reason: 'backoff' })).toBe(1)
    expect(await counted('filled_messages_total', { gap: 'account' })).toBeGreaterThanOrEqual(2)
  })

  test('nobody names a channel that has moved, and it cannot be asked for: the next message shows the gap', async () => {
    await settle()
    telegram.tg.switches.signalChannels = false
    await connector.stop(500)
    say(group, 'one', 'two')
    telegram.wire.faults.fail('messages.getPeerDialogs', 400, 'PEER_ID_INVALID', 100)
    caughtUp.mockClear()
    await start()
    // While it catches up mtcute looks the channel up; afterwards it takes what comes for the beginning.
    await host.until(() => caughtUp.mock.calls.length > 0, 'the end of catching up')
    say(group, 'three')
    await host.until(() => heard(group).includes('three'), 'what is said now')
    expect(heard(group)).toEqual(['group', 'one', 'two', 'three'])
  })

  test('a channel that cannot be asked for is asked for again', async () => {
    const clock = new JumpClock()
    host.clock = clock
    await settle()
    telegram.tg.switches.signalChannels = false
    await connector.stop(500)
    say(group, 'one')
    telegram.wire.faults.fail('messages.getPeerDialogs', 400, 'PEER_ID_INVALID', 2)
    await start()
    await host.until(() => {
      clock.jump(10_000)
      return heard(group).includes('one')
    }, 'what was missed')
  })
})

test('an account that has to wait before it can begin is left alone until then', async () => {
  const clock = new JumpClock()
  host.clock = clock
  telegram.wire.faults.fail('messages.getDialogs', 420, 'FLOOD_WAIT_3600')
  connector = new TelegramConnector(telegram.config, { backoffMs: 10, observer: metrics.telegram })
  await connector.start(host)
  await host.until(() => state() === 'backoff', 'the end of the connection')
  expect(connector.status()[0]?.text).toBe('Telegram asks to wait 60 minutes.')
  const asked = () => telegram.wire.journal.calls({ method: 'messages.getDialogs' }).length
  clock.jump(3_500_000)
  await new Promise(setImmediate)
  expect([state(), asked()]).toEqual(['backoff', 1])
  clock.jump(100_000)
  await host.until(() => state() === 'connected', 'the connection')
  expect(await counted('wait_seconds_total', { scope: 'account' })).toBe(3_600)
})

test('a connection that was cut fetches no history: the server still has what came', async () => {
  await settle()
  await host.until(() => caughtUp.mock.calls.length > 0, 'the end of catching up')
  telegram.wire.faults.dropPush(1, alice.id)
  say(alice, 'while it was cut')
  telegram.wire.killConnections(alice.id)
  await host.until(() => heard(bob).includes('while it was cut'), 'the message')
  expect(await counted('filled_messages_total', { gap: 'account' })).toBe(0)
  expect(await counted('connections_ended_total')).toBe(0)
})

describe('an update that cannot be understood', () => {
  /** What is said in place of updates, with its conversation. */
  const notices = () =>
    host.of('info').flatMap(({ chat, text }) => (text.includes('could not read') ? [chat.id] : []))

  const broken = new Error('no such user id')

  /** A mention of carol cannot be made into one of Matrix, until it is mended. */
  function breakMentions(): { mend: () => void; carol: Account } {
    const carol = telegram.tg.user({ firstName: 'Carol', phone: '300', username: 'carol' })
    const ghost = host.ghost
    host.ghost = (network, user) => {
      if (user === `user:${carol.id}`) throw broken
      return ghost(network, user)
    }
    return { carol, mend: () => (host.ghost = ghost) }
  }

  const mention = (carol: Account) => ({
    text: 'ask Carol',
    entities: [{ _: 'messageEntityMentionName', offset: 4, length: 5, user_id: carol.id }],
  })

  test('is kept and told, and what comes after it comes', async () => {
    await settle()
    const { carol } = breakMentions()
    telegram.tg.say(bob, alice, mention(carol))
    say(alice, 'after')
    await host.until(() => heard(bob).includes('after'), 'what is said after it')
    expect(heard(bob)).toEqual(['dm', 'after'])
    expect(notices()).toEqual([`user:${bob.id}`])
    expect(await counted('unread_updates_total')).toBe(1)
    const kept = Object.entries(await host.session(login.id).all()).filter(([key]) => key.includes('unread:'))
    expect(kept).toHaveLength(1)
    const [[, text] = []] = kept
    expect(JSON.parse(text ?? '')).toMatchObject({ kind: 'updateNewMessage', error: broken.message })
    expect(Buffer.from((JSON.parse(text ?? '') as { bytes: string }).bytes, 'base64').toString()).toContain(
      'ask Carol',
    )
  })

  test('is read again by another version', async () => {
    await settle()
    const { carol, mend } = breakMentions()
    telegram.tg.say(bob, alice, mention(carol))
    await host.until(() => notices().length === 1, 'the notice')
    await connector.stop(500)
    const session = host.session(login.id)
    const key = Object.keys(await session.all()).find((each) => each.includes('unread:')) ?? ''
    await start()
    await connector.stop(500)
    expect(heard(bob)).toEqual(['dm'])
    await session.set(key, (await session.get(key))?.replace(/"version":"[^"]*"/, '"version":"0"') ?? '')
    mend()
    await start()
    await host.until(() => heard(bob).includes('ask Carol'), 'the message')
    await host.until(() => host.of('message').length === 3, 'nothing else')
    let left: string | undefined = ''
    await host.until(() => {
      void session.get(key).then((value) => (left = value))
      return left === undefined
    }, 'that it is kept no longer')
    expect(await counted('unread_updates_read_total')).toBe(1)
  })

  test('is not one that comes while the database is away', async () => {
    await settle()
    const { carol, mend } = breakMentions()
    const session = host.session.bind(host)
    let away = false
    let refused = 0
    const open = async <T>(run: () => Promise<T>): Promise<T> => {
      if (!away) return run()
      refused += 1
      throw new Error('the database is away')
    }
    host.session = (id) => ({ ...session(id), get: (key) => open(() => session(id).get(key)) })
    await connector.stop(500)
    await start()
    away = true
    telegram.tg.say(bob, alice, mention(carol))
    await host.until(() => refused >= 4, 'some attempts')
    mend()
    away = false
    await host.until(() => heard(bob).includes('ask Carol'), 'the message')
    expect(notices()).toEqual([])
  })
})

test('the ledger is away for over a minute: the server has to keep what comes, and all of it comes later', async () => {
  const clock = new JumpClock()
  host.clock = clock
  await settle()
  host.refuses = new Error('the database is away')
  say(alice, 'one', 'two')
  say(group, 'three')
  const ended = () => host.states.find(({ state: each }) => each === 'backoff')
  await host.until(() => {
    clock.jump(1_000)
    return ended() !== undefined
  }, 'the end of the connection')
  expect(ended()?.text).toContain('the database is away')
  say(alice, 'four')
  host.refuses = undefined
  await host.until(() => {
    clock.jump(10_000)
    return heard(bob).length === 4 && heard(group).length === 2
  }, 'all of it')
  expect(heard(bob)).toEqual(['dm', 'one', 'two', 'four'])
  expect(heard(group)).toEqual(['group', 'three'])
})

describe('a logout', () => {
  test('waits for a connection that is being made', async () => {
    connector = new TelegramConnector(telegram.config, { backoffMs: 10 })
    await connector.start(host)
    await connector.disconnect(login.id, { forget: true })
    expect(telegram.wire.journal.calls({ method: 'auth.logOut' })).toHaveLength(1)
    expect(host.told).toEqual([])
  })

  test('that Telegram does not hear of is told', async () => {
    const clock = new JumpClock()
    host.clock = clock
    await settle()
    await telegram.wire.stop()
    await host.until(() => state() !== 'connected', 'the loss')
    const gone = connector.disconnect(login.id, { forget: true })
    let over = false
    void gone.then(() => (over = true))
    await clock.jumpUntil(() => over, 1_000, 'the logout')
    expect(host.told).toEqual([{ login: login.id, text: expect.stringContaining('list of devices') }])
  })
})
