import { expect, test } from 'vitest'
import { whileConnecting } from '../../../src/bridge/commands/connecting.ts'
import { loginId, matrixUserId } from '../../../src/model/ids.ts'
import type { LoginState } from '../../../src/model/login.ts'
import type { Connector, Login } from '../../../src/model/network.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const login: Login = {
  id: loginId(1),
  owner: matrixUserId('@alice:sim.local'),
  network: 'irc',
  account: 'sim',
  name: 'alice',
}

/** A network whose login is in the given states, one after the other. */
const inStates = (states: LoginState[]): Connector => {
  const status = () => {
    const state = states.length > 1 ? states.shift() : states[0]
    return [{ login: login.id, label: 'alice', since: new Date(), state }]
  }
  return { status } as unknown as Connector
}

async function waited(states: LoginState[]): Promise<number> {
  const clock = new ManualClock()
  const began = clock.now().getTime()
  let done = false
  void whileConnecting(inStates(states), login, clock).then(() => {
    done = true
  })
  for (let i = 0; i < 1_000 && !done; i += 1) {
    await Promise.resolve()
    await Promise.resolve()
    if (!done) await clock.advance(50)
  }
  expect(done).toBe(true)
  return clock.now().getTime() - began
}

test.each<[LoginState[], number]>([
  [['connected'], 0],
  [['bad_credentials'], 0],
  [['backoff'], 0],
  [['connecting', 'connecting', 'connected'], 100],
  [['connecting'], 15_000],
])('%o: waits %i ms', async (states, ms) => {
  expect(await waited([...states])).toBe(ms)
})
