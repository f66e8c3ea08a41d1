import { expect, test } from 'vitest'
import { remoteMessageId } from '../../../../src/model/ids.ts'
import type { IrcNetworkConfig } from '../../../../src/networks/irc/config.ts'
import { Metrics } from '../../../../src/telemetry/index.ts'
import type { SimIrcOptions } from '../../../sim/irc/index.ts'
import { request, silentLog } from './fake-host.ts'
import { channelChat, connected, inChannels, world } from './setup.ts'

const TEA = channelChat('#tea')

/** A connector that tells the real metrics, in #tea with bob. */
async function tea(options: SimIrcOptions, changes: Partial<IrcNetworkConfig> = {}) {
  const metrics = new Metrics(silentLog, { process: false })
  const w = await world(options, changes, {}, { observer: metrics.irc })
  const bob = await w.server.client('bob')
  bob.join('#tea')
  const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  await w.connector.start(w.host)
  await connected(w, alice, '#tea')
  const send = (action: string) => {
    const saves: unknown[] = []
    return w.connector.send(request({ chat: TEA, login: alice, action, saves }))
  }
  /** The value of a series, without the name of the network. */
  const counted = async (name: string, labels: Record<string, string> = {}) => {
    const [metric] = (await metrics.registry.getMetricsAsJSON()).filter(
      (each) => each.name === `viaduct_irc_${name}`,
    )
    const wanted = { network: 'sim', ...labels }
    const found = metric?.values.find(({ labels: has }) =>
      Object.entries(wanted).every(([key, value]) => (has as Record<string, unknown>)[key] === value),
    )
    return found?.value ?? 0
  }
  const until = async (check: () => Promise<boolean>, what: string) => {
    let ok = false
    await w.host.until(() => {
      void check().then((value) => (ok = value))
      return ok
    }, what)
  }
  return { ...w, w, bob, alice, send, counted, until }
}

test.each([
  ['all', 'label'],
  [['echo-message', 'message-tags'], 'echo'],
  ['none', 'fence'],
] as const)('each line is counted by its proof and its outcome: %s', async (caps, tier) => {
  const { bob, send, counted, alice, connector } = await tea({
    caps: typeof caps === 'string' ? caps : [...caps],
  })
  expect(await send('one')).toMatchObject({ kind: 'delivered' })
  expect(await send('two')).toMatchObject({ kind: 'delivered' })
  expect(await counted('send_total', { tier, outcome: 'delivered' })).toBe(2)
  bob.mode('#tea', '+m')
  expect(await send('muted')).toMatchObject({ kind: 'rejected' })
  expect(await counted('send_total', { tier, outcome: 'rejected' })).toBe(1)
  expect(connector.status().find(({ login }) => login === alice.id)?.state).toBe('connected')
})

test('fences, the pace, malformed lines and lines that are cut', async () => {
  const { counted, server, send } = await tea({
    caps: ['echo-message', 'labeled-response', 'batch', 'message-tags'],
  })
  expect(await counted('pace_lines_per_second')).toBe(1_000)
  server.faults.raw('alice', '12\r\n')
  server.faults.echo('truncate', { nick: 'alice', count: 1 })
  expect(await send('first half|second half')).toMatchObject({ kind: 'delivered' })
  expect(await counted('truncated_total')).toBe(1)
  expect(await counted('malformed_lines_total')).toBe(1)
})

test('a lost line that is sent once more is counted as what it is', async () => {
  const { counted, server, send } = await tea({ caps: 'none' }, { onUnknown: 'resend' })
  server.faults.dropAfter(1, 'alice')
  expect(await send('hm')).toMatchObject({ kind: 'retry', waitsFor: 'login' })
  expect(await counted('send_total', { tier: 'fence', outcome: 'unknown' })).toBe(1)
  expect(await counted('reconnects_total', { reason: 'lost' })).toBe(1)
})

test('what history proves, and what it brings, is counted', async () => {
  const { counted, server, alice, bob, connector, host, until } = await tea({ caps: 'all' })
  bob.say('#tea', 'before')
  await host.until(() => host.bodies().includes('before'), 'the first line')
  host.known_.add(host.of('message')[0]?.id ?? '')
  host.newestAt = { id: remoteMessageId('m'), at: host.of('message')[0]?.at ?? new Date() }
  server.faults.refuseConnections({ text: 'Closing Link: (later)' }, 2)
  server.faults.dropAfter(1, 'alice')
  const saves: unknown[] = []
  const row = request({ chat: TEA, login: alice, action: 'hm', saves })
  expect(await connector.send(row)).toMatchObject({ kind: 'retry', waitsFor: 'login' })
  bob.say('#tea', 'meanwhile')
  await host.until(() => host.bodies().includes('meanwhile'), 'what was missed')
  expect(await connector.resolve({ ...row, progress: saves.at(-1) })).toMatchObject({ kind: 'delivered' })
  expect(await counted('unknown_resolved_total', { by: 'history' })).toBe(1)
  await until(async () => (await counted('backfill_messages_total')) === 1, 'one line of history')
})

test('a server that kills for flooding is counted', async () => {
  const { counted, server, until } = await tea({ caps: 'all' })
  server.faults.raw('alice', 'ERROR :Closing Link: alice (Excess Flood)\r\n')
  server.kill('alice')
  await until(async () => (await counted('excess_flood_total')) === 1, 'the flood')
  await until(async () => (await counted('reconnects_total', { reason: 'throttled' })) === 1, 'the reason')
})

test('who came and went while nobody looked is counted', async () => {
  const { counted, server, bob, host, until } = await tea({ caps: 'none' }, { members: 'full' })
  await host.until(() => host.of('members').length === 1, 'the first list')
  server.faults.refuseConnections({ text: 'Closing Link: (later)' }, 2)
  server.kill('alice')
  bob.part('#tea')
  const carol = await server.client('carol')
  const dave = await server.client('dave')
  carol.join('#tea')
  dave.join('#tea')
  await host.until(() => host.of('members').length === 2, 'the second list')
  await until(async () => (await counted('reconcile_changes_total', { kind: 'left' })) === 1, 'bob')
  expect(await counted('reconcile_changes_total', { kind: 'joined' })).toBe(2)
})
