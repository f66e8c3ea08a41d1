import { expect, onTestFinished, test } from 'vitest'
import type { IrcServer } from '../../../../src/networks/irc/config.ts'
import { StsPolicies } from '../../../../src/networks/irc/sts.ts'
import { SimIrc, selfSigned } from '../../../sim/irc/index.ts'
import { connected, inChannels, world } from './setup.ts'

const PLAIN: IrcServer = { host: 'irc.example.org', port: 6667, tls: false, verify: true }
const SECURE: IrcServer = { ...PLAIN, port: 6697, tls: true }
const NOW = new Date('2026-01-01T00:00:00Z')
const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000)

test('a server that wants TLS is reached by TLS from then on, for as long as it said', () => {
  const sts = new StsPolicies()
  expect(sts.apply(PLAIN, NOW)).toEqual(PLAIN)
  expect(sts.offered(PLAIN, 'port=6697,duration=1', NOW)).toBe(true)
  // The duration counts only where nobody could have changed it on the way.
  expect(sts.apply(PLAIN, after(10))).toEqual(SECURE)
  expect(sts.save()).toBe('[]')
  expect(sts.offered(SECURE, 'duration=300', NOW)).toBe(false)
  expect(sts.apply({ ...PLAIN, host: 'IRC.example.org' }, after(299))).toMatchObject({
    tls: true,
    port: 6697,
  })
  expect(sts.apply(PLAIN, after(300))).toEqual(PLAIN)
  expect(sts.apply({ ...PLAIN, host: 'other.example.org' }, NOW)).toMatchObject({ tls: false })
  sts.offered(SECURE, 'duration=0', after(1))
  expect(sts.apply(PLAIN, after(2))).toEqual(PLAIN)
})

test.each(['', 'port=0', 'port=x', 'duration=300', 'support=1'])(
  'what is no policy changes nothing: %j',
  (value) => {
    const sts = new StsPolicies()
    expect(sts.offered(PLAIN, value, NOW)).toBe(false)
    expect(sts.apply(PLAIN, NOW)).toEqual(PLAIN)
  },
)

test('policies outlive the process; what is no policy is not taken', () => {
  const first = new StsPolicies()
  first.offered(SECURE, 'duration=300', NOW)
  const second = new StsPolicies()
  for (const text of [undefined, '', '{', '{}', '[1]', '[["x"]]', '[["x",{"port":"1"}]]', first.save()])
    second.load(text)
  expect(second.apply(PLAIN, after(299))).toEqual(SECURE)
  second.load('[["irc.example.org",{"port":1,"until":5}]]')
  expect(second.apply(PLAIN, after(299))).toEqual(SECURE)
})

async function twoPorts() {
  const tls = selfSigned('irc.sim')
  const secure = await SimIrc.start({ caps: ['sts=duration=3600', 'echo-message', 'message-tags'], tls })
  onTestFinished(() => secure.close())
  const w = await world({ caps: [`sts=port=${secure.port},duration=3600`] }, {})
  const [server] = w.config.networks[0]?.servers ?? []
  if (server !== undefined) Object.assign(server, { verify: true, ca: tls.cert })
  return { ...w, w, secure }
}

test('a connection without TLS is made again by TLS before anything is said', async () => {
  const { w, host, connector, secure, server } = await twoPorts()
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
  await connector.start(host)
  await host.until(() => host.woken.some(({ chat }) => chat === 'sim/#tea'), 'alice is in')
  await connected({ ...w, server: secure }, alice, '#tea')
  expect(server.connections().filter(({ nick }) => nick === 'alice')).toEqual([])
  expect(server.journal.some(({ line }) => line.startsWith('CAP REQ'))).toBe(false)
  expect(await host.session(alice.id).get('sts')).toContain(`"port":${secure.port}`)
})

test('after a restart it is never tried without TLS, also where TLS does not work', async () => {
  const { host, connector, secure, server } = await twoPorts()
  const sts = JSON.stringify([['127.0.0.1', { port: secure.port, until: Date.now() + 3_600_000 }]])
  await host.login(1, 'alice', 'sim', { sts })
  await secure.close()
  await connector.start(host)
  await host.until(() => host.states.filter(({ state }) => state === 'backoff').length >= 3, 'three attempts')
  expect(server.journal).toEqual([])
})
