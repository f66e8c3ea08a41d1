import { expect, test } from 'vitest'
import { vouchedFor } from '../../../../src/networks/irc/nickserv.ts'
import { parseLine } from '../../../../src/networks/irc/wire.ts'
import { request } from './fake-host.ts'
import { connected, directChat, world } from './setup.ts'
import type { SimIrcOptions } from '../../../sim/irc/index.ts'

const NO_SASL = ['echo-message', 'labeled-response', 'batch', 'message-tags', 'server-time']
const ACCOUNT = { method: 'nickserv', account: 'alice', password: 'hush' }

test.each<[string, string[], string | undefined, boolean]>([
  [
    'Atheme',
    ['311 me NickServ NickServ services.libera.chat * :Services', '312 me NickServ services.libera.chat :x'],
    undefined,
    true,
  ],
  [
    'Ergo',
    ['311 me NickServ NickServ localhost * :Network service', '313 me NickServ :is a network service'],
    undefined,
    true,
  ],
  [
    'anybody, with a fitting realname and host',
    ['311 me NickServ ns services.evil.example * :Network service', '312 me NickServ irc.example.org :x'],
    undefined,
    false,
  ],
  ['an operator', ['311 me NickServ a b * :x', '313 me NickServ :is an IRC operator'], undefined, false],
  [
    'the configured host',
    ['311 me NickServ a ns.Example.org * :x', '312 me NickServ hub :x'],
    '*.example.org',
    true,
  ],
  [
    'not the configured host',
    ['311 me NickServ a b * :x', '312 me NickServ services.example.org :x'],
    '*.example.org',
    false,
  ],
  ['nobody', [], undefined, false],
])('WHOIS of NickServ: %s', (_who, lines, host, expected) => {
  const parsed = lines.flatMap((line) => parseLine(`:irc.example.org ${line}`) ?? [])
  expect(vouchedFor(parsed, host)).toBe(expected)
})

async function login(options: SimIrcOptions, change: { servicesHost?: string } = {}) {
  const w = await world({ caps: NO_SASL, accounts: { alice: { password: 'hush' } }, ...options }, change)
  const alice = await w.host.login(1, 'alice', 'sim', ACCOUNT)
  return {
    ...w,
    w,
    alice,
    told: () => w.server.journal.map(({ line }) => line).filter((line) => line.includes('hush')),
  }
}

test.each([NO_SASL, [] as string[]])(
  'a service that the server vouches for is told the password: %j',
  async (...caps) => {
    const { w, alice, host, connector, told } = await login({ caps })
    await connector.start(host)
    await connected(w, alice)
    expect(told()).toEqual([expect.stringContaining('PRIVMSG NickServ :IDENTIFY hush')])
  },
)

test.each([[NO_SASL], ['none' as const]])(
  'somebody who has taken the nick is told nothing, and the user learns why',
  async (caps) => {
    const { w, alice, host, connector, server, told } = await login({ services: false, caps })
    const impostor = await server.client('NickServ', { user: 'services' })
    await connector.start(host)
    await connected(w, alice)
    expect(host.states.at(-1)).toMatchObject({
      state: 'connected',
      text: expect.stringContaining('is a service'),
    })
    const identify = connector.commands.find(({ name }) => name === 'identify')
    expect(await identify?.run({ user: alice.owner, name: 'alice', login: alice }, [])).toContain(
      'is a service',
    )
    await connector.send(request({ chat: directChat(alice, 'NickServ'), login: alice, action: 'hello' }))
    expect(impostor.said('alice').map(({ text }) => text)).toEqual(['hello'])
    expect(told()).toEqual([])
  },
)

test('without services the user learns that there are none', async () => {
  const { w, alice, host, connector } = await login({ services: false })
  await connector.start(host)
  await connected(w, alice)
  expect(host.states.at(-1)?.text).toContain('no NickServ')
})
