import { expect, test } from 'vitest'
import { LossGuard } from '../../../../src/networks/irc/loss-guard.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import type { IrcNetworkConfig } from '../../../../src/networks/irc/config.ts'
import { connected, inChannels, world } from './setup.ts'

/** A channel with `others` people besides alice, on a clock that stands still. */
async function crowd(others: number, changes: Partial<IrcNetworkConfig> = {}) {
  const clock = new ManualClock(new Date())
  const w = await world({ caps: 'all' }, { members: 'full', ...changes })
  w.host.clock = clock
  const names = Array.from({ length: others }, (_, i) => `guest${i}`)
  const clients = await Promise.all(names.map((name) => w.server.client(name)))
  for (const client of clients) client.join('#tea')
  const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  await w.connector.start(w.host)
  await connected(w, alice, '#tea')
  await w.host.until(() => w.host.of('members').length === 1, 'the members')
  const asked = () => w.server.journal.filter(({ line }) => line.includes('NAMES #tea')).length
  /** Lets time pass in steps, as answers of the server take none of it. */
  const until = async (stepMs: number, done: () => boolean) => {
    for (let step = 0; step < 500 && !done(); step++) {
      await clock.advance(stepMs)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    expect(done()).toBe(true)
  }
  return { ...w, w, clock, clients, asked, until }
}

test('a burst of mode changes becomes one event', async () => {
  const { host, clients, clock } = await crowd(4)
  const [op, ...guests] = clients
  const before = host.of('power').length
  for (const { nick } of guests) op?.mode('#tea', '+v', nick)
  op?.mode('#tea', '-v', 'guest1')
  op?.mode('#tea', '+m')
  op?.say('#tea', 'done')
  await host.until(() => host.bodies().includes('done'), 'the line behind them')
  expect(host.of('power')).toHaveLength(before)
  await clock.advance(1_000)
  await host.until(() => host.of('power').length > before, 'the event')
  expect(host.of('power').slice(before)).toEqual([
    expect.objectContaining({
      sender: { id: 'sim/guest0', name: 'guest0' },
      users: [
        { user: { id: 'sim/guest1', name: 'guest1' }, level: 0 },
        { user: { id: 'sim/guest2', name: 'guest2' }, level: 1 },
        { user: { id: 'sim/guest3', name: 'guest3' }, level: 1 },
      ],
      room: expect.objectContaining({ speak: 1 }),
    }),
  ])
})

test('once a day the list of members is asked for again', async () => {
  const { host, until, asked } = await crowd(2)
  expect(asked()).toBe(0)
  await until(3_600_000, () => asked() === 1)
  await host.until(() => host.of('members').length === 2, 'another list')
  expect(host.of('members')[1]?.users).toHaveLength(2)
})

test('when very many go at once, the list of members decides who has left', async () => {
  const { host, clients, until, asked } = await crowd(20)
  const gone = clients.slice(1, 15)
  for (const client of gone) client.quit('Connection reset by peer')
  clients[0]?.say('#tea', 'anybody there?')
  await host.until(() => host.bodies().length === 1, 'the line behind them')
  const left = host.of('membership').length
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThan(10)
  await until(10_000, () => asked() === 1)
  await host.until(() => host.of('members').length === 2, 'the truth')
  expect(host.of('members')[1]?.users).toHaveLength(6)
  expect(host.of('membership')).toHaveLength(left)
})

test('somebody who is thrown out is out, and in a small channel so is whoever goes', async () => {
  const { host, clients } = await crowd(5)
  for (const client of clients.slice(2)) client.quit('bye')
  clients[0]?.kick('#tea', 'guest1', 'out')
  await host.until(() => host.of('membership').length === 4, 'all have left')
})

test('a third within five seconds is much', () => {
  const guard = new LossGuard()
  const at = (second: number) => new Date(second * 1_000)
  expect([19, 18, 17, 16, 15, 14].map((size) => guard.doubts(size, at(0)))).toEqual([
    false,
    false,
    false,
    false,
    false,
    false,
  ])
  expect(guard.doubts(13, at(1))).toBe(true)
  expect(guard.doubts(12, at(10))).toBe(false)
  expect(new LossGuard().doubts(1, at(0))).toBe(false)
})
