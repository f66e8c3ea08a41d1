import { expect, test } from 'vitest'
import { ManualClock } from '../../../support/manual-clock.ts'
import { connected, inChannels, world } from './setup.ts'

async function tea() {
  const clock = new ManualClock(new Date())
  const w = await world({ caps: 'all' }, { mergeFloods: true })
  w.host.clock = clock
  const [bob, carol] = await Promise.all([w.server.client('bob'), w.server.client('carol')])
  for (const client of [bob, carol]) client.join('#tea')
  const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  await w.connector.start(w.host)
  await connected(w, alice, '#tea')
  await w.host.until(() => w.host.of('members').length > 0, 'nothing is held back any more')
  return { ...w, clock, bob, carol }
}

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`)

test('of a flood the lines of a second become one message, nothing is lost, and others stay in order', async () => {
  const { host, clock, bob, carol } = await tea()
  for (const text of lines(1, 40)) bob.say('#tea', text)
  carol.say('#tea', 'please stop')
  await host.until(() => host.bodies().includes('please stop'), 'the line of somebody else')
  expect(host.bodies()).toEqual([...lines(1, 20), lines(21, 40).join('\n'), 'please stop'])
  const merged = host.of('message')[20]
  expect(merged?.alsoIds).toHaveLength(19)
  expect(new Set([merged?.id, ...(merged?.alsoIds ?? [])]).size).toBe(20)

  for (const text of ['<b>', '\x02bold\x02']) bob.say('#tea', text)
  bob.action('#tea', 'waves')
  bob.typing('#tea', 'active')
  await host.until(() => host.hints.length > 0, 'what was said is here')
  expect(host.bodies().slice(22)).toEqual(['<b>\nbold'])
  await clock.advance(1_000)
  await host.until(() => host.bodies().includes('waves'), 'the action')
  expect(host.of('message')[22]?.content).toMatchObject({ html: '&lt;b&gt;<br><strong>bold</strong>' })

  await clock.advance(5_000)
  bob.say('#tea', 'calm again')
  await host.until(() => host.bodies().includes('calm again'), 'at once')
})

test('what is kept when the bridge stops is handed in', async () => {
  const { host, bob, connector } = await tea()
  for (const text of lines(1, 30)) bob.say('#tea', text)
  bob.typing('#tea', 'active')
  await host.until(() => host.hints.length > 0, 'what was said is here')
  await host.until(() => host.bodies().length >= 20, 'the first lines')
  expect(host.bodies()).toEqual(lines(1, 20))
  await connector.stop(0)
  await host.until(() => host.bodies().length === 21, 'the rest')
  expect(host.bodies().join('\n')).toBe(lines(1, 30).join('\n'))
})
