import { sleep } from '../../model/clock.ts'
import type { Clock } from '../../model/clock.ts'
import type { Connector, Login } from '../../model/network.ts'

const PATIENCE_MS = 15_000
const LOOK_MS = 50

/** Waits for a login that is just connecting: whoever has logged in a moment ago need not know that it takes one. */
export async function whileConnecting(
  connector: Connector,
  login: Login | undefined,
  clock: Clock,
): Promise<void> {
  if (login === undefined) return
  const until = clock.now().getTime() + PATIENCE_MS
  const isConnecting = () =>
    connector.status().some((each) => each.login === login.id && each.state === 'connecting')
  while (isConnecting() && clock.now().getTime() < until) await sleep(clock, LOOK_MS)
}
