import { expect, test } from 'vitest'
import type { IrcNetworkConfig } from '../../../../src/networks/irc/config.ts'
import type { Progress } from '../../../../src/networks/irc/progress.ts'
import type { SimIrcOptions } from '../../../sim/irc/index.ts'
import { request } from './fake-host.ts'
import { channelChat, connected, inChannels, world } from './setup.ts'

const TEA = channelChat('#tea')

async function tea(options: SimIrcOptions = {}, changes: Partial<IrcNetworkConfig> = {}) {
  const w = await world({ caps: 'all', ...options }, changes)
  const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await w.server.client('bob')
  bob.join('#tea')
  await w.connector.start(w.host)
  await connected(w, alice, '#tea')
  const send = (
    action: Parameters<typeof request>[0]['action'],
    o: Partial<Parameters<typeof request>[0]> = {},
  ) => w.connector.send(request({ chat: TEA, login: alice, action, ...o }))
  return { ...w, w, alice, bob, send }
}

test('the relay speaks for users without a login, by name', async () => {
  const { bob, connector, w } = await tea({}, { channels: [{ name: '#tea', relay: true }] })
  await w.host.until(() => w.server.channel('#tea')?.members.length === 3, 'the bot is in')
  expect(connector.canRelay(TEA)).toBe(true)
  expect(connector.canRelay(channelChat('#other'))).toBe(false)
  const send = (action: Parameters<typeof request>[0]['action']) =>
    connector.send(request({ chat: TEA, name: 'Dora', action }))
  await w.host.until(() => connector.status().every(({ state }) => state === 'connected'), 'all connected')
  expect(await send('hello')).toMatchObject({ kind: 'delivered' })
  expect(
    await send({ kind: 'message', content: { kind: 'text', style: 'emote', body: 'waves' } }),
  ).toMatchObject({
    kind: 'delivered',
  })
  expect(bob.said('#tea').map(({ from, text }) => [from, text])).toEqual([
    ['viaduct', '<D\u200bora> hello'],
    ['viaduct', '* D\u200bora waves'],
  ])
  expect(w.host.bodies()).toEqual([])
})

/** The bot, an operator of #tea, beside alice. */
async function operator(options: SimIrcOptions = {}, changes: Partial<IrcNetworkConfig> = {}) {
  const all = await tea(options, { channels: [{ name: '#tea', relay: true }], ...changes })
  const { w, server, bob, connector, host } = all
  await host.until(() => server.channel('#tea')?.members.length === 3, 'the bot is in')
  bob.mode('#tea', '+o', 'viaduct')
  bob.say('#tea', 'welcome')
  await host.until(() => host.bodies().includes('welcome'), 'the rank was seen')
  const relay = (body: string, name = 'Dora', style: 'text' | 'emote' | 'notice' = 'text') => {
    const action = { kind: 'message', content: { kind: 'text', style, body } } as const
    return connector.send(request({ chat: TEA, name, action }))
  }
  const heard = () => bob.said('#tea').map(({ from, text }) => [from, text])
  return { ...all, w, relay, heard }
}

test.each([
  ['T1', 'all'],
  ['T2', ['echo-message', 'message-tags', 'draft/relaymsg', 'batch', 'server-time']],
  ['T3', ['draft/relaymsg', 'message-tags']],
] as const)('an operator speaks for people under their own names: %s', async (_tier, caps) => {
  const { relay, heard, host, bob } = await operator({ caps: typeof caps === 'string' ? caps : [...caps] })
  expect(await relay('hello')).toMatchObject({ kind: 'delivered' })
  expect(await relay('waves', '4 ever', 'emote')).toMatchObject({ kind: 'delivered' })
  expect(await relay('psst', 'Dora', 'notice')).toMatchObject({ kind: 'delivered' })
  expect(await relay('привет', 'Дора')).toMatchObject({ kind: 'delivered' })
  expect(await relay('one\ntwo', 'Erin')).toMatchObject({ kind: 'delivered' })
  expect(heard()).toEqual([
    ['Dora/m', 'hello'],
    ['_4_ever/m', '\x01ACTION waves\x01'],
    ['viaduct', '<D\u200bora> psst'],
    ['viaduct', '<Д\u200bора> привет'],
    ['Erin/m', 'one'],
    ['Erin/m', 'two'],
  ])
  // Neither the bot nor alice, who hears it too, brings it back.
  bob.say('#tea', 'last')
  await host.until(() => host.bodies().includes('last'), 'the last line')
  expect(host.bodies()).toEqual(['welcome', 'last'])
})

test('who may not relay says it with the name before it; a banned name stays unheard', async () => {
  const { relay, heard, bob, server } = await operator()
  bob.mode('#tea', '+b', 'Mallory/m!*@*')
  expect(await relay('hi', 'Mallory')).toMatchObject({
    kind: 'rejected',
    why: expect.stringContaining('banned'),
  })
  server.faults.rankless('viaduct', '#tea')
  expect(await relay('one\ntwo')).toMatchObject({ kind: 'delivered', remoteIds: { length: 2 } })
  expect(await relay('three')).toMatchObject({ kind: 'delivered' })
  expect(heard()).toEqual([
    ['viaduct', '<D\u200bora> one'],
    ['viaduct', '<D\u200bora> two'],
    ['viaduct', '<D\u200bora> three'],
  ])
  expect(server.journal.filter(({ line }) => line.includes('RELAYMSG #tea Dora/m'))).toHaveLength(1)
})

test('a relayed line in doubt is found in the history, under the name it was said under', async () => {
  const { relay, connector, heard } = await operator()
  await relay('hello')
  const part = { command: 'RELAYMSG', target: '#tea', as: 'Dora/m', nick: 'Dora/m', text: 'hello' } as const
  const at = new Date().toISOString()
  const progress: Progress = { v: 1, parts: [{ ...part, plain: '<Dora> hello', state: 'written', at }] }
  expect(
    await connector.resolve(request({ chat: TEA, name: 'Dora', action: 'hello', progress })),
  ).toMatchObject({
    kind: 'delivered',
    remoteIds: [expect.stringMatching(/^m/)],
  })
  expect(heard()).toHaveLength(1)
})

test('where the settings do not want it, nobody is spoken for under their own name', async () => {
  const { relay, heard } = await operator({}, { relaymsg: false })
  expect(await relay('hello')).toMatchObject({ kind: 'delivered' })
  expect(heard()).toEqual([['viaduct', '<D\u200bora> hello']])
})
