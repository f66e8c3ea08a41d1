import type { Connector, Login, SendRequest } from '../../src/model/network.ts'
import type { RemoteUserId } from '../../src/model/ids.ts'
import type { SendOutcome } from '../../src/model/outcome.ts'
import type { RemoteChat } from '../../src/model/remote-event.ts'
import type { FakeHost } from '../unit/networks/irc/fake-host.ts'

/** Something that a contact can see to have come in the network's own way, and not in words. */
export type Seen = 'reply' | 'reaction' | 'reaction-removal' | 'redaction' | 'edit' | 'formatting'

/**
 * A connector between a core in memory and a network that a test moves. A network that runs the contract provides this
 * and nothing else.
 */
export interface ContractWorld {
  readonly host: FakeHost
  readonly connector: Connector
  /** Connected, and in the conversation. */
  readonly login: Login
  /** A conversation of several people. */
  readonly chat: RemoteChat
  /** Somebody of the network who is in it. */
  readonly contact: RemoteUserId
  /** Whether the network lets one find out later what became of a message. */
  readonly tells: boolean
  /** The contact says something in the conversation. */
  say(text: string): Promise<void>
  /** What the contact heard from the login, in order. */
  heard(): string[]
  /** How often the contact saw something come natively. */
  saw(what: Seen): number
  /** Takes the login's connection away until `mend`. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** The connection breaks at the next message: before the network has processed it, or after. */
  breakAt(when: 'before' | 'after'): void
  close(): Promise<void>
}

/** What the core does with a delivery until it ends: first clears up what was begun, then sends. */
export async function deliver(
  world: ContractWorld,
  row: SendRequest,
  saves: unknown[],
): Promise<SendOutcome> {
  const { connector, host, login } = world
  for (;;) {
    const begun = saves.at(-1)
    const attempt = { ...row, ...(begun !== undefined && { progress: structuredClone(begun) }) }
    const woken = host.woken.length
    const outcome = await attemptOnce(connector, attempt, saves)
    if (outcome.kind !== 'retry') return outcome
    const connected = () =>
      connector.status().some((status) => status.login === login.id && status.state === 'connected')
    await host.until(() => host.woken.length > woken || connected(), 'the login to be back')
  }
}

async function attemptOnce(connector: Connector, row: SendRequest, saves: unknown[]): Promise<SendOutcome> {
  if (row.progress === undefined) return connector.send(row)
  const found = await connector.resolve(row)
  const clear = found.kind === 'retry' && found.waitsFor === undefined && found.afterMs === undefined
  return clear ? connector.send({ ...row, progress: structuredClone(saves.at(-1)) }) : found
}
