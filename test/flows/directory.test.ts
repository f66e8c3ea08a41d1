import { afterAll, beforeAll, expect, test } from 'vitest'
import { IrcConnector } from '../../src/networks/irc/connector.ts'
import { SimIrc } from '../sim/irc/index.ts'
import { testIrc, testNetwork } from '../support/irc-config.ts'
import { logIn } from '../support/killed-world.ts'
import { Stack, words } from '../support/stack.ts'

let irc: SimIrc
let stack: Stack

beforeAll(async () => {
  irc = await SimIrc.start({ caps: 'all' })
  const config = testIrc(testNetwork('sim', irc.port, { channels: [{ name: '#lobby', relay: true }] }))
  stack = await Stack.start(() => [new IrcConnector(config)])
})

afterAll(async () => {
  await stack.close()
  await irc.close()
})

const ask = async (path: string, token = 'hs-token-of-the-tests') => {
  const url = `http://127.0.0.1:${stack.running.port}/_matrix/app/v1/${path}`
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  return { status: response.status, body: (await response.json()) as unknown }
}

test('a user of the network is made when the homeserver asks, anybody else is not', async () => {
  expect(await ask(`users/${encodeURIComponent('@_irc_sim_erin:sim.local')}`)).toEqual({
    status: 200,
    body: {},
  })
  expect(stack.homeserver.profile('@_irc_sim_erin:sim.local')).toMatchObject({ displayname: 'erin' })
  for (const id of [
    '@_irc_other_erin:sim.local',
    '@_irc_sim_=23x:sim.local',
    '@human:sim.local',
    '@_irc_sim_a:else.where',
  ])
    expect((await ask(`users/${encodeURIComponent(id)}`)).status, id).toBe(404)
  expect((await ask('users/x', 'wrong')).status).toBe(403)
})

test('an alias leads to a channel that the bridge is in, and to no other', async () => {
  const shared = encodeURIComponent('#_irc_sim_=23lobby:sim.local')
  expect((await ask(`rooms/${shared}`)).status).toBe(200)
  const room = stack.homeserver.roomOfAlias('#_irc_sim_=23lobby:sim.local')
  expect(room).toBeDefined()
  expect((await ask(`rooms/${encodeURIComponent('#_irc_sim_=23secret:sim.local')}`)).status).toBe(404)
})

test('third-party look-ups know the network, its users and its channels', async () => {
  const protocol = await ask('thirdparty/protocol/irc')
  expect(protocol.body).toMatchObject({ instances: [{ network_id: 'sim', fields: { network: 'sim' } }] })
  expect((await ask('thirdparty/location/irc?network=sim&channel=%23Lobby')).body).toEqual([
    { alias: '#_irc_sim_=23lobby:sim.local', protocol: 'irc', fields: { network: 'sim', channel: '#Lobby' } },
  ])
  expect((await ask('thirdparty/user/irc?network=sim&nickname=Bob')).body).toEqual([
    { userid: '@_irc_sim_bob:sim.local', protocol: 'irc', fields: { network: 'sim', nickname: 'Bob' } },
  ])
  expect((await ask('thirdparty/protocol/smtp')).status).toBe(404)
})

test('inviting a person of the network who was never seen begins a conversation', async () => {
  const alice = await stack.person('alice')
  await logIn(alice, 'alice')
  const zoe = await irc.client('zoe')
  const room = await alice.user.directRoomWith('@_irc_sim_zoe:sim.local')
  const { homeserver } = stack
  await homeserver.waitFor(
    () => homeserver.members(room).includes('@_irc_sim_zoe:sim.local'),
    'her ghost to join',
  )
  await homeserver.waitFor(
    () => homeserver.members(room).includes('@viaductbot:sim.local'),
    'the bot to join',
  )
  await alice.user.sendText(room, 'hello zoe')
  await zoe.waitFor(() => zoe.said('alice').some((m) => m.text === 'hello zoe'), 'the message')
  zoe.say('alice', 'hello alice')
  await homeserver.waitFor(() => words(homeserver, room).includes('_irc_sim_zoe: hello alice'), 'the answer')
})
