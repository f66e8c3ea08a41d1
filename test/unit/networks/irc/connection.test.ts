import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { SimIrc, fingerprint, selfSigned as serverCertificate } from '../../../sim/irc/index.ts'
import { selfSigned } from '../../../../src/networks/irc/self-signed.ts'
import { request } from './fake-host.ts'
import { channelChat, connected, inChannels, networkConfig, world } from './setup.ts'

test('a refused nick is replaced, and taken back when it is free', async () => {
  const w = await world({ caps: 'all' })
  const { server, host, connector } = w
  const holder = await server.client('alice')
  const alice = await host.login(1, 'alice', 'sim')
  await connector.start(host)
  await host.until(() => host.woken.length > 0, 'connected')
  expect(server.connections().map(({ nick }) => nick)).toContain('alice_')
  expect(connector.ownerOf((await connector.find(alice, 'alice_')).id)).toBe(alice.owner)
  holder.quit()
  await host.until(() => server.connections().some(({ nick }) => nick === 'alice'), 'the nick is back')
})

test('SASL PLAIN logs in, and the password of the server never goes into it', async () => {
  const w = await world(
    { caps: 'all', password: 'for-the-server', accounts: { alice: { password: 'for-alice' } } },
    { serverPassword: 'for-the-server' },
  )
  const alice = await w.host.login(1, 'alice', 'sim', {
    method: 'plain',
    account: 'alice',
    password: 'for-alice',
  })
  await w.host.login(2, 'bert', 'sim')
  await w.connector.start(w.host)
  await connected(w, alice)
  await w.host.until(() => w.host.woken.length === 2, 'both are connected')
  const sent = w.server.journal.filter(({ line }) => line.includes('AUTHENTICATE')).map(({ line }) => line)
  expect(sent).toEqual([
    'AUTHENTICATE PLAIN',
    `AUTHENTICATE ${Buffer.from('alice\0alice\0for-alice').toString('base64')}`,
  ])
})

test.each(['902', '904', '905', '906', '908'] as const)(
  'a SASL login that ends with %s stops, and says so',
  async (numeric) => {
    const w = await world({ caps: 'all', accounts: { alice: { password: 'x' } } })
    const alice = await w.host.login(1, 'alice', 'sim', { method: 'plain', account: 'alice', password: 'x' })
    w.server.faults.sasl(numeric)
    await w.connector.start(w.host)
    await w.host.until(
      () => w.host.states.some(({ state }) => state === 'bad_credentials'),
      'bad credentials',
    )
    expect(w.host.states.at(-1)).toMatchObject({ login: alice.id, state: 'bad_credentials' })
    expect(w.host.woken).toEqual([])
  },
)

test('TLS: a pinned certificate is taken, another is not, and CertFP logs in', async () => {
  const tls = serverCertificate('irc.sim')
  const certificate = selfSigned('alice')
  const server = await SimIrc.start({
    caps: 'all',
    tls,
    accounts: { alice: { certfp: certificate.fingerprint.sha256 } },
  })
  onTestFinished(() => server.close())
  const at = (pin: string) => ({
    servers: [{ host: '127.0.0.1', port: server.port, tls: true, verify: true, pins: [pin] }],
  })
  const good = await world({}, at(fingerprint(tls.cert)))
  const { key, cert } = certificate
  const alice = await good.host.login(1, 'alice', 'sim', { method: 'external', key, cert })
  await good.connector.start(good.host)
  await connected(good, alice)
  expect(server.journal.map(({ line }) => line)).toContain('AUTHENTICATE EXTERNAL')

  const bad = await world({}, at('0'.repeat(64)))
  await bad.host.login(1, 'mallory', 'sim')
  await bad.connector.start(bad.host)
  await bad.host.until(
    () => bad.host.states.some(({ text }) => text?.includes('pinned')),
    'the certificate is refused',
  )
  expect(bad.host.woken).toEqual([])
})

test('a secret is not sent to another machine without TLS', async () => {
  const w = await world({}, { servers: [{ host: 'irc.example', port: 6667, tls: false, verify: false }] })
  await w.host.login(1, 'alice', 'sim', { method: 'plain', password: 'x' })
  await w.connector.start(w.host)
  await w.host.until(() => w.host.states.some(({ state }) => state === 'bad_credentials'), 'refused')
  expect(w.host.states.at(-1)?.text).toContain('without TLS')
})

test('NickServ is told the password where there is no SASL; the password goes nowhere else', async () => {
  const caps = ['echo-message', 'labeled-response', 'batch', 'message-tags', 'server-time']
  const w = await world({ caps, accounts: { alice: { password: 'hush' } } })
  const alice = await w.host.login(1, 'alice', 'sim', {
    method: 'nickserv',
    account: 'alice',
    password: 'hush',
  })
  await w.connector.start(w.host)
  await connected(w, alice)
  expect(w.server.journal.some(({ line }) => line.endsWith('PRIVMSG NickServ :IDENTIFY hush'))).toBe(true)
  await w.host.until(() => w.host.bodies().length > 0, 'the answer of NickServ')
  expect(JSON.stringify([w.host.events, w.host.states, w.host.told])).not.toContain('hush')
})

test('a server that refuses at first, throws out or drops is tried again', async () => {
  const w = await world({ caps: 'all' })
  w.server.faults.refuseConnections({ text: 'Closing Link: (Server is starting)' }, 2)
  w.server.faults.dropAtWelcome(2)
  const alice = await w.host.login(1, 'alice', 'sim')
  await w.connector.start(w.host)
  await connected(w, alice)
  expect(w.host.states.map(({ state }) => state)).toContain('backoff')
})

test('a ban blocks, and a reset connection comes back with its channels', async () => {
  const w = await world({ caps: 'all' })
  const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  await w.connector.start(w.host)
  await connected(w, alice, '#tea')
  w.server.faults.reset('alice')
  await w.host.until(
    () => w.host.woken.filter(({ login }) => login === alice.id).length === 2,
    'connected again',
  )
  await w.host.until(() => w.server.channel('#tea')?.members.length === 1, 'in its channel again')
  w.server.faults.refuseConnections('kline')
  w.server.kill('alice')
  await w.host.until(() => w.host.states.at(-1)?.state === 'blocked', 'blocked')
})

test('capabilities that are refused together are asked for one by one', async () => {
  const w = await world({ caps: 'all' })
  w.server.faults.nak('draft/chathistory')
  const alice = await w.host.login(1, 'alice', 'sim')
  await w.connector.start(w.host)
  await connected(w, alice)
  const caps = w.server.connections().find(({ nick }) => nick === 'alice')?.caps
  expect(caps).toEqual(expect.arrayContaining(['labeled-response', 'echo-message']))
  expect(caps).not.toContain('draft/chathistory')
})

test('malformed and strange lines neither stop the process nor lose what comes after', async () => {
  const w = await world({ caps: 'all' })
  const { server, host } = w
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await server.client('bob')
  bob.join('#tea')
  await w.connector.start(host)
  await connected(w, alice, '#tea')
  server.faults.missingParameters('alice')
  server.faults.strangeLines('alice')
  server.faults.invalidUtf8('alice')
  server.faults.raw(
    'alice',
    ':!@ PRIVMSG #tea :nobody\r\n:bob KICK #tea\r\n:bob MODE #tea +o\r\n@batch=zz :b!b@b PRIVMSG #tea :stray\r\n',
  )
  server.faults.endlessLine('alice', 40_000)
  await host.until(() => host.woken.filter(({ login }) => login === alice.id).length === 2, 'connected again')
  await host.until(() => server.channel('#tea')?.members.length === 2, 'in the channel again')
  bob.say('#tea', 'still here?')
  await host.until(() => host.bodies().includes('still here?'), 'the next line')
})

test.each(['byte', 'utf8-cut', 'line-cut'] as const)('packets may be cut anywhere: %s', async (shape) => {
  const w = await world({ caps: 'all' })
  w.server.faults.writes(shape)
  const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await w.server.client('bob')
  bob.join('#tea')
  await w.connector.start(w.host)
  await connected(w, alice, '#tea')
  bob.say('#tea', 'grüße 👍🏽')
  await w.host.until(() => w.host.bodies().length === 1, 'the line')
  expect(w.host.bodies()).toEqual(['grüße 👍🏽'])
})

test('while the ledger takes nothing, lines wait in order and the socket is not read', async () => {
  const w = await world({ caps: 'all' })
  const { server, host } = w
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await server.client('bob')
  bob.join('#tea')
  await w.connector.start(host)
  await connected(w, alice, '#tea')
  host.refuses = new Error('database is down')
  const said = Array.from({ length: 1_500 }, (_, i) => `line ${i}`)
  for (const text of said) bob.say('#tea', text)
  await host.until(() => host.refuses !== undefined, 'refusing')
  host.refuses = undefined
  await host.until(() => host.bodies().length === said.length, 'all lines')
  expect(host.bodies()).toEqual(said)
})

test('a server that accepts and never answers does not stop the others', async () => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => void sockets.push(socket))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const w = await world({ caps: 'all' })
  w.config.networks.push(networkConfig((silent.address() as AddressInfo).port, { id: 'dead' }))
  const alice = await w.host.login(1, 'alice', 'sim')
  const stuck = await w.host.login(2, 'alice', 'dead')
  await w.connector.start(w.host)
  await connected(w, alice)
  expect(w.connector.status().find(({ login }) => login === stuck.id)).toMatchObject({ state: 'connecting' })
})

test('a message while not connected waits for the login, and nothing is kept of it', async () => {
  const w = await world({ caps: 'all' })
  const alice = await w.host.login(1, 'alice', 'sim')
  w.server.faults.acceptSilently()
  await w.connector.start(w.host)
  const saves: unknown[] = []
  const chat = channelChat('#tea')
  expect(await w.connector.send(request({ chat, login: alice, action: 'hi', saves }))).toMatchObject({
    kind: 'retry',
    waitsFor: 'login',
  })
  expect(saves).toEqual([])
})

test('stopping says goodbye', async () => {
  const w = await world({ caps: 'all' })
  const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await w.server.client('bob')
  bob.join('#tea')
  await w.connector.start(w.host)
  await connected(w, alice, '#tea')
  await w.connector.stop(5_000)
  expect(bob.lines.findLast(({ command }) => command === 'QUIT')?.source?.nick).toBe('alice')
  expect(w.connector.status()).toMatchObject([{ state: 'logged_out' }])
})
