import { matrixUserId, remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import type { ConnectionStatus, Login, SendRequest } from '../../src/model/network.ts'
import { delivered, retry } from '../../src/model/outcome.ts'
import type { SendOutcome } from '../../src/model/outcome.ts'
import { FakeNetwork } from '../support/fake-network.ts'
import { FakeHost } from '../unit/networks/irc/fake-host.ts'
import { contract } from './contract.ts'
import type { ContractWorld, Seen } from './world.ts'

/** The network in memory, with a connection that can be lost: the smallest thing that keeps the contract. */
class LossyNetwork extends FakeNetwork {
  connected = true
  breaking: 'before' | 'after' | undefined
  login: Login | undefined
  #stopped = false

  override async send(request: SendRequest): Promise<SendOutcome> {
    if (this.#stopped) return retry('stopping')
    if (!this.connected) return retry('not connected', { waitsFor: 'login' })
    const { breaking } = this
    this.breaking = undefined
    if (breaking === undefined) return super.send(request)
    await request.save({ begun: true })
    if (breaking === 'after') this.sent.push(request)
    return retry('the connection broke')
  }

  /** It keeps what it took, and so can tell. */
  override resolve(request: SendRequest): Promise<SendOutcome> {
    const taken = this.sent.some(({ delivery }) => delivery === request.delivery)
    return Promise.resolve(
      taken ? delivered([remoteMessageId(`sent-${request.delivery}`)]) : retry('not taken'),
    )
  }

  override stop(): Promise<void> {
    this.#stopped = true
    return Promise.resolve()
  }

  override status(): ConnectionStatus[] {
    const state = this.connected ? 'connected' : 'backoff'
    return [{ label: 'fake', state, since: new Date(), ...(this.login && { login: this.login.id }) }]
  }
}

async function fakeWorld(): Promise<ContractWorld> {
  const host = new FakeHost()
  const network = new LossyNetwork()
  const login = await host.login(1, 'alice', 'fake')
  network.login = login
  await network.start(host)
  const chat = network.channel('#town')
  const kinds: Partial<Record<Seen, string>> = { reply: 'message', formatting: 'message' }
  return {
    host,
    connector: network,
    login: { ...login, owner: matrixUserId('@alice:hs.example') },
    chat,
    contact: remoteUserId('fake/bob'),
    tells: true,
    async say(text) {
      // A network that waits for an acknowledgement gives again what was not acknowledged.
      for (const id = `in-${Math.random()}`; ;) {
        const taken = await network.say(chat, 'bob', text, id).then(
          () => true,
          () => false,
        )
        if (taken) return
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    heard: () =>
      network.sent.flatMap(({ action }) =>
        action.kind === 'message' && action.content.kind === 'text' ? [action.content.body] : [],
      ),
    saw: (what) =>
      network.sent.filter(
        ({ action }) =>
          action.kind === (kinds[what] ?? what) &&
          (what !== 'reply' || ('replyTo' in action && action.replyTo !== undefined)) &&
          (what !== 'formatting' || (action.kind === 'message' && 'html' in action.content)),
      ).length,
    async cut() {
      network.connected = false
    },
    async mend() {
      network.connected = true
      host.ready({ login: login.id })
    },
    breakAt: (when) => {
      network.breaking = when
    },
    close: () => network.stop(),
  }
}

contract('a network in memory', fakeWorld)
