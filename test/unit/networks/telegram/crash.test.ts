import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { remoteChatId } from '../../../../src/model/ids.ts'
import type { ConnectorHost, Login, SessionStore } from '../../../../src/model/network.ts'
import type { SendOutcome } from '../../../../src/model/outcome.ts'
import type { RemoteChat } from '../../../../src/model/remote-event.ts'
import { TelegramConnector } from '../../../../src/networks/telegram/connector.ts'
import { NO_ANSWER } from '../../../sim/telegram/wire/faults.ts'
import type { Account, Channel, Switches } from '../../../sim/telegram/world/index.ts'
import { LedgerHost } from '../../../support/ledger-host.ts'
import { loggedIn, startTelegram } from '../../../support/telegram.ts'
import type { TestTelegram } from '../../../support/telegram.ts'
import { request } from '../irc/fake-host.ts'

let telegram: TestTelegram
let host: LedgerHost
let login: Login
let alice: Account
let bob: Account
let group: Channel
const running: TelegramConnector[] = []

beforeEach(async () => {
  telegram = await startTelegram()
  const { tg, wire } = telegram
  alice = tg.user({ firstName: 'Alice', phone: '100', username: 'alice' })
  bob = tg.user({ firstName: 'Bob', phone: '200', username: 'bobby' })
  group = tg.supergroup({ title: 'Tea', members: [bob, alice] })
  tg.say(bob, alice, 'dm')
  tg.say(bob, group, 'group')
  host = new LedgerHost()
  const kept = await host.login(1, 'alice', String(alice.id), loggedIn(wire, alice))
  login = { ...kept, network: 'telegram' }
  host.saved.splice(0, host.saved.length, login)
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((connector) => connector.stop(100)))
  await telegram.wire.stop()
  expect(telegram.wire.journal.problems).toEqual([])
})

/** A process: once killed it writes nothing any more, whatever it still does. */
async function process(): Promise<{ connector: TelegramConnector; kill(): void; isDead(): boolean }> {
  let dead = false
  const orDie = <T>(run: () => Promise<T>): Promise<T> =>
    dead ? Promise.reject(new Error('the process is dead')) : run()
  const mortal = (session: SessionStore): SessionStore => ({
    ...session,
    set: (key, value) => orDie(() => session.set(key, value)),
    setMany: (values) => orDie(() => session.setMany(values)),
  })
  const own: ConnectorHost = Object.assign(Object.create(host) as LedgerHost, {
    accept: (events: Parameters<ConnectorHost['accept']>[0]) => orDie(() => host.accept(events)),
    session: (id: Parameters<ConnectorHost['session']>[0]) => mortal(host.session(id)),
  })
  const connector = new TelegramConnector(telegram.config, { backoffMs: 10 })
  running.push(connector)
  await connector.start(own)
  await host.until(() => connector.status()[0]?.state === 'connected', 'the connection')
  await host.until(() => host.bodies().length >= 2, 'the history')
  return {
    connector,
    isDead: () => dead,
    kill() {
      dead = true
      void connector.stop(0)
    },
  }
}

const chatOf = (of: Account | Channel): RemoteChat =>
  of.kind === 'user'
    ? { network: 'telegram', id: remoteChatId(`user:${of.id}`), type: 'dm', receiver: login.id }
    : { network: 'telegram', id: remoteChatId(`channel:${of.id}`), type: 'group' }

const seen = (where: Account | Channel, text: string) =>
  telegram.tg.count(bob, where.kind === 'user' ? alice : where, (each) => each.text === text)

/** What the core does with the row after the crash. */
async function finish(
  connector: TelegramConnector,
  row: ReturnType<typeof request>,
  saves: unknown[],
): Promise<SendOutcome> {
  for (;;) {
    const progress = saves.at(-1)
    const again = { ...row, ...(progress !== undefined && { progress: structuredClone(progress) }) }
    const found = progress === undefined ? undefined : await connector.resolve(again)
    if (found !== undefined && found.kind !== 'retry') return found
    const outcome = await connector.send({ ...again, progress: structuredClone(saves.at(-1)) })
    if (outcome.kind !== 'retry') return outcome
  }
}

describe.each<[string, Partial<Switches>]>([
  ['a repeat is answered with the first message', {}],
  ['a repeat is refused once', { duplicate: 'inProgressOnce' }],
  ['a repeat is always refused', { duplicate: 'inProgress' }],
  [
    'a repeat is always refused, and the difference names no numbers',
    { duplicate: 'inProgress', messageIdInDifference: false },
  ],
  ['short answers', { shortReplies: true }],
])('killed while a message is sent; %s', (_, switches) => {
  test.each(['before', 'after'] as const)('the server has it %s the kill', async (when) => {
    Object.assign(telegram.tg.switches, switches)
    for (const where of [bob, group]) {
      const text = `once to ${where.kind}`
      const first = await process()
      telegram.wire.faults.fault('messages.sendMessage', async (call, run) => {
        const answer = when === 'after' ? await run() : NO_ANSWER
        first.kill()
        call.kill()
        return answer
      })
      const saves: unknown[] = []
      const row = request({ chat: chatOf(where), login, action: text, saves })
      host.underWay_ = [{ delivery: row.delivery, progress: undefined }]
      const underWay = row.save.bind(row)
      row.save = async (progress) => {
        await underWay(progress)
        host.underWay_ = [{ delivery: row.delivery, progress: structuredClone(progress) }]
      }
      void first.connector.send(row).catch(() => undefined)
      await host.until(() => saves.length > 0 && first.isDead(), 'the kill')
      const next = await process()
      const outcome = await finish(next.connector, row, saves)
      expect(outcome).toMatchObject({ kind: 'delivered', remoteIds: [expect.any(String)] })
      host.underWay_ = []
      if (outcome.kind === 'delivered') for (const id of outcome.remoteIds) host.known_.add(id)
      expect(seen(where, text)).toBe(1)
      // Nor does it come back as if it were from her phone.
      telegram.tg.say(bob, where.kind === 'user' ? alice : where, `after ${text}`)
      await host.until(() => host.bodies().includes(`after ${text}`), 'what is said after it')
      expect(host.bodies()).not.toContain(text)
      await next.connector.stop(500)
    }
  })
})

test('what she wrote on her phone while a message was in doubt is hers, and comes', async () => {
  const first = await process()
  telegram.wire.faults.fault('messages.sendMessage', async (call, run) => {
    const answer = await run()
    first.kill()
    call.kill()
    return answer
  })
  const saves: unknown[] = []
  const row = request({ chat: chatOf(group), login, action: 'by the bridge', saves })
  void first.connector.send(row).catch(() => undefined)
  await host.until(() => saves.length > 0 && first.isDead(), 'the kill')
  host.underWay_ = [{ delivery: row.delivery, progress: structuredClone(saves.at(-1)) }]
  telegram.tg.say(alice, group, 'by her phone')
  const next = await process()
  expect(await finish(next.connector, row, saves)).toMatchObject({ kind: 'delivered' })
  host.underWay_ = []
  await host.until(() => host.bodies().includes('by her phone'), 'her words')
  expect(host.bodies()).not.toContain('by the bridge')
})
