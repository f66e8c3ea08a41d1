import { afterAll, beforeAll, expect, test } from 'vitest'
import { IrcConnector } from '../../src/networks/irc/connector.ts'
import { SimIrc } from '../sim/irc/index.ts'
import type { SimIrcClient } from '../sim/irc/index.ts'
import { testIrc, testNetwork } from '../support/irc-config.ts'
import { enter, logIn } from '../support/killed-world.ts'
import { testSettings } from '../support/settings.ts'
import { Stack, words } from '../support/stack.ts'
import type { Person } from '../support/stack.ts'

let irc: SimIrc
let stack: Stack
let alice: Person
let bob: SimIrcClient
let room: string

beforeAll(async () => {
  irc = await SimIrc.start({ caps: 'all' })
  const config = testIrc(testNetwork('sim', irc.port))
  const asToken = 'token-of-the-second-registration'
  stack = await Stack.start(
    () => [new IrcConnector(config)],
    (usual) => ({
      matrix: { ...usual.matrix, doublePuppet: { asToken, id: 'double' } },
      settings: testSettings({ doublePuppet: true }),
    }),
  )
  stack.homeserver.addAppservice({
    id: 'double',
    url: null,
    asToken,
    hsToken: 'unused',
    senderLocalpart: '_double',
    userRegexes: ['@.*:sim.local'],
    aliasRegexes: [],
  })
  alice = await stack.person('alice')
  await logIn(alice, 'alice')
  bob = await irc.client('bob')
  room = await enter(alice, bob, '#town', [])
})

afterAll(async () => {
  await stack.close()
  await irc.close()
})

/** What alice says from another client of her bouncer, as her puppet's connection is shown it. */
const fromElsewhere = (text: string, id: string) =>
  irc.faults.raw('alice', Buffer.from(`@msgid=${id} :alice!alice@127.0.0.1 PRIVMSG #town :${text}\r\n`))

test('what a user says from another client appears once, as from themselves', async () => {
  const { homeserver } = stack
  fromElsewhere('typed on my phone', 'phone1')
  await homeserver.waitFor(
    () => words(homeserver, room).includes('alice: typed on my phone'),
    'her own words',
  )
  await alice.user.sendText(room, 'typed on Matrix')
  await bob.waitFor(
    () => bob.said('#town').some((m) => m.text === 'typed on Matrix'),
    'what she typed on Matrix',
  )
  fromElsewhere('the end', 'phone2')
  await homeserver.waitFor(() => words(homeserver, room).includes('alice: the end'), 'the end')
  expect(words(homeserver, room).filter((w) => w.startsWith('alice'))).toEqual([
    'alice: typed on my phone',
    'alice: typed on Matrix',
    'alice: the end',
  ])
  // The echo of her own words on Matrix does not go back to IRC.
  expect(irc.journal.filter((entry) => entry.line.includes('typed on my phone'))).toEqual([])
})

test('where the second registration is refused, a ghost says it instead', async () => {
  const { homeserver } = stack
  const heal = homeserver.faults.respond(
    { method: 'PUT', path: /send\/m\.room\.message/, times: 1 },
    {
      status: 403,
      body: { errcode: 'M_FORBIDDEN', error: 'Application service cannot masquerade as this user.' },
    },
  )
  fromElsewhere('nobody refuses a ghost', 'phone3')
  await homeserver.waitFor(
    () => words(homeserver, room).some((w) => w.endsWith('nobody refuses a ghost')),
    'the words',
  )
  heal()
  expect(words(homeserver, room).filter((w) => w.endsWith('nobody refuses a ghost'))).toEqual([
    '_irc_sim_alice: nobody refuses a ghost',
  ])
})
