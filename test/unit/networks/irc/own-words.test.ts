import { expect, test } from 'vitest'
import { remoteMessageId } from '../../../../src/model/ids.ts'
import type { SimIrcOptions } from '../../../sim/irc/index.ts'
import { channelChat, connected, inChannels, world } from './setup.ts'
import { request } from './fake-host.ts'

const TEA = channelChat('#tea')

/** Alice's phone speaks while the bridge is not there; `account` is what it is logged in to. */
async function away(o: {
  account?: string
  options?: SimIrcOptions
  channel?: string[]
  direct?: string[][]
}) {
  const w = await world({ caps: 'all', accounts: { alice: { password: 'hush' } }, ...o.options })
  const { server, host } = w
  const bob = await server.client('bob')
  bob.join('#tea')
  bob.say('#tea', 'before')
  host.newestAt = { id: remoteMessageId('m1'), at: new Date(Date.now() - 60_000) }
  const phone = await server.client('alice', o.account === undefined ? {} : { account: o.account })
  phone.join('#tea')
  for (const text of o.channel ?? []) phone.say('#tea', text)
  for (const [to = '', text = ''] of o.direct ?? []) phone.say(to, text)
  phone.quit()
  bob.say('#tea', 'after')
  const method = { method: 'plain', account: 'alice', password: 'hush' }
  const alice = await host.login(1, 'alice', 'sim', { ...inChannels('#tea'), ...method })
  return { ...w, w, bob, alice }
}

test('what the user said from elsewhere while the bridge was down comes as theirs, in its place', async () => {
  const { w, host, connector, alice } = await away({
    account: 'alice',
    channel: ['from my phone', '\x01ACTION waves\x01'],
    direct: [
      ['bob', 'psst'],
      ['NickServ', 'IDENTIFY hush'],
    ],
  })
  await connector.start(host)
  await connected(w, alice, '#tea')
  await host.until(() => host.bodies().length === 5, 'all of it')
  expect(host.bodies('sim/#tea')).toEqual(['before', 'from my phone', 'waves', 'after'])
  const own = host.of('message').filter(({ sender }) => sender?.self !== undefined)
  expect(own).toHaveLength(3)
  expect(own[0]).toMatchObject({ backfilled: true, sender: { id: 'sim/alice', self: alice.id } })
  expect(own.find(({ chat }) => chat.type === 'dm')).toMatchObject({
    chat: { id: 'sim/bob', receiver: alice.id },
  })
  expect(JSON.stringify(host.events)).not.toContain('hush')
})

test('somebody else under the nick is not the user', async () => {
  const { w, host, connector, alice } = await away({ channel: ['I am alice!'] })
  await connector.start(host)
  await connected(w, alice, '#tea')
  await host.until(() => host.bodies().length === 3, 'all of it')
  const said = host.of('message').find(({ content }) => 'body' in content && content.body === 'I am alice!')
  expect(said?.sender).toEqual({ id: 'sim/alice', name: 'alice' })
})

test('what the bridge wrote itself does not come back, each line once', async () => {
  const { w, host, connector, alice, bob } = await away({
    account: 'alice',
    channel: ['by id', 'by text', 'twice', 'twice', 'from my phone'],
  })
  const at = new Date().toISOString()
  const part = { command: 'PRIVMSG', target: '#tea', nick: 'alice', at, state: 'written' } as const
  host.begun_ = [
    {
      v: 1,
      parts: [
        { ...part, text: 'by text' },
        { ...part, text: 'never written', state: 'waiting' },
      ],
    },
    { v: 1, parts: [{ ...part, text: 'twice' }] },
  ]
  host.known_.add(bob.said('#tea').find(({ text }) => text === 'by id')?.tags['msgid'] ?? '')
  await connector.start(host)
  await connected(w, alice, '#tea')
  await host.until(() => host.bodies().includes('after'), 'all of it')
  expect(host.bodies()).toEqual(['before', 'twice', 'from my phone', 'after'])
})

test('without ids of our own lines nothing is guessed', async () => {
  const caps = ['draft/chathistory', 'batch', 'server-time', 'message-tags', 'account-tag', 'sasl']
  const { w, host, connector, alice } = await away({
    account: 'alice',
    channel: ['from my phone'],
    options: { caps },
  })
  await connector.start(host)
  await connected(w, alice, '#tea')
  await host.until(() => host.bodies().includes('after'), 'all of it')
  expect(host.bodies()).toEqual(['before', 'after'])
})

test('a witness tells the id of the line it saw', async () => {
  const caps = ['echo-message', 'labeled-response', 'batch', 'message-tags', 'server-time']
  const w = await world({ caps })
  const { server, host, connector } = w
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
  const carol = await host.login(2, 'carol', 'sim', inChannels('#tea'))
  await connector.start(host)
  await connected(w, alice, '#tea')
  await connected(w, carol, '#tea')
  await host.until(() => host.woken.filter(({ chat }) => chat === 'sim/#tea').length === 2, 'both are in')
  const saves: unknown[] = []
  server.faults.dropAfter(1, 'alice')
  const row = request({ chat: TEA, login: alice, action: 'seen?', saves })
  await connector.send(row)
  expect(await connector.resolve({ ...row, progress: saves.at(-1) })).toMatchObject({
    kind: 'delivered',
    remoteIds: [expect.stringMatching(/^m\d+$/)],
  })
})
