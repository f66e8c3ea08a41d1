import { expect, onTestFinished, test } from 'vitest'
import type { IrcNetworkConfig } from '../../src/networks/irc/config.ts'
import { IrcConnector } from '../../src/networks/irc/connector.ts'
import { FakeHost, request } from '../unit/networks/irc/fake-host.ts'
import { channelChat, directChat, inChannels, networkConfig } from '../unit/networks/irc/setup.ts'
import { InspIrcd } from './servers/inspircd.ts'
import { IrcClient } from './servers/irc-client.ts'
import { NgIrcd } from './servers/ngircd.ts'

type Server = InspIrcd | NgIrcd

/** The same on servers that nobody here wrote, in each tier of evidence that they allow. */
const SERVERS: [string, () => Promise<Server>][] = [
  ['InspIRCd, T1', () => InspIrcd.start()],
  ['InspIRCd without labels, T2', () => InspIrcd.start({ modules: 'noLabels' })],
  ['InspIRCd without modules, T3', () => InspIrcd.start({ modules: 'none' })],
  ['ngIRCd, T3', () => NgIrcd.start({ unlimited: true })],
]

async function world(start: () => Promise<Server>, changes: Partial<IrcNetworkConfig> = {}) {
  const server = await start()
  const host = new FakeHost()
  const connector = new IrcConnector({ networks: [networkConfig(server.port, changes)] }, { backoffMs: 50 })
  onTestFinished(async () => {
    await connector.stop(1_000)
    await server.stop()
  })
  const bob = await IrcClient.connect({ port: server.port, nick: 'bob' })
  await bob.join('#tea')
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
  await connector.start(host)
  await host.until(() => host.woken.some(({ chat }) => chat === 'sim/#tea'), 'alice is in')
  await host.until(() => host.of('members').length > 0, 'the members are known')
  return { server, host, connector, bob, alice }
}

const TEA = channelChat('#tea')

test.each(SERVERS)('%s: text both ways, long, of many lines and refused', async (_name, start) => {
  const { host, connector, bob, alice } = await world(start)
  bob.say('#tea', 'hello from IRC')
  bob.action('#tea', 'waves')
  bob.say('alice', 'psst')
  await host.until(() => host.bodies().length === 3, 'three lines')
  expect(host.bodies('sim/#tea')).toEqual(['hello from IRC', 'waves'])
  expect(host.bodies('sim/bob')).toEqual(['psst'])

  const send = (action: Parameters<typeof request>[0]['action'], chat = TEA) =>
    connector.send(request({ chat, login: alice, action }))
  const long = 'grüße '.repeat(200).trim()
  for (const text of ['hello', 'one\ntwo\nthree', long]) {
    expect(await send(text)).toMatchObject({ kind: 'delivered' })
  }
  expect(await send('yes?', directChat(alice, 'bob'))).toMatchObject({ kind: 'delivered' })
  expect(await send('hi', directChat(alice, 'nobody'))).toMatchObject({ kind: 'rejected' })
  await bob.fence()
  const heard = bob.messages('#tea').map((line) => line.params[1])
  expect(heard.slice(0, 4)).toEqual(['hello', 'one', 'two', 'three'])
  // ngIRCd takes away spaces at the end of a line.
  expect(
    heard
      .slice(4)
      .map((line) => line?.trimEnd())
      .join(' '),
  ).toBe(long)
  expect(bob.messages('bob').map((line) => line.params[1])).toEqual(['yes?'])

  bob.mode('#tea', '+m')
  await bob.fence()
  expect(await send('muted')).toMatchObject({ kind: 'rejected', why: expect.stringContaining('404') })
  // Nothing of our own came back.
  expect(host.bodies()).toHaveLength(3)
})

test.each(SERVERS)('%s: people, ranks, topic and a kick', async (_name, start) => {
  const { host, connector, bob, alice } = await world(start, { members: 'full' })
  expect(host.of('members')[0]?.users).toEqual([{ id: 'sim/bob', name: 'bob' }])
  bob.mode('#tea', '+o', 'alice')
  await host.until(
    () =>
      host
        .of('power')
        .some(({ users }) => users?.some(({ user, level }) => user.id === 'sim/alice' && level === 75)),
    'alice is operator',
  )
  const send = (action: Parameters<typeof request>[0]['action']) =>
    connector.send(request({ chat: TEA, login: alice, action }))
  expect(await send({ kind: 'topic', topic: 'Darjeeling' })).toMatchObject({ kind: 'delivered' })
  await bob.waitFor((line) => line.command === 'TOPIC' && line.params[1] === 'Darjeeling')
  bob.kick('#tea', 'alice', 'enough')
  await host.until(() => host.told.length === 1, 'alice is told')
  expect(await send('hello?')).toMatchObject({ kind: 'rejected', why: expect.stringContaining('enough') })
})

test.each(SERVERS)(
  '%s: a server that dies and comes back finds us in the channel again',
  async (_name, start) => {
    const { server, host, connector, alice } = await world(start)
    await server.kill()
    await host.until(() => connector.status()[0]?.state === 'backoff', 'the loss is seen')
    expect(await connector.send(request({ chat: TEA, login: alice, action: 'early' }))).toMatchObject({
      kind: 'retry',
      waitsFor: 'login',
    })
    await server.restart()
    await host.until(() => host.woken.filter(({ chat }) => chat === 'sim/#tea').length >= 2, 'alice is back')
    const bob = await IrcClient.connect({ port: server.port, nick: 'bob' })
    await bob.join('#tea')
    expect(await connector.send(request({ chat: TEA, login: alice, action: 'late' }))).toMatchObject({
      kind: 'delivered',
    })
    await bob.waitForText('#tea', 'late')
  },
)

test('a server that kills for flooding never has to: 40 messages at the pace we know', async () => {
  const { host, connector, bob, alice } = await world(() => InspIrcd.start({ flood: 'realistic' }), {
    pace: { burst: 8, perSecond: 1 },
  })
  const texts = Array.from({ length: 40 }, (_, i) => `message ${i}`)
  for (const text of texts) {
    expect(await connector.send(request({ chat: TEA, login: alice, action: text }))).toMatchObject({
      kind: 'delivered',
    })
  }
  await bob.waitForText('#tea', 'message 39')
  expect(bob.messages('#tea').map((line) => line.params[1])).toEqual(texts)
  expect(host.states.filter(({ state }) => state === 'backoff')).toEqual([])
})
