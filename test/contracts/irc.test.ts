import { remoteChatId, remoteUserId } from '../../src/model/ids.ts'
import { IrcConnector } from '../../src/networks/irc/connector.ts'
import { SimIrc } from '../sim/irc/index.ts'
import type { SimIrcOptions } from '../sim/irc/index.ts'
import { JumpClock } from '../support/jump-clock.ts'
import { testIrc, testNetwork } from '../support/irc-config.ts'
import { FakeHost } from '../unit/networks/irc/fake-host.ts'
import { contract } from './contract.ts'
import type { ContractWorld, Seen } from './world.ts'

const CHANNEL = '#tea'
const DOWN = { text: 'Closing Link: (Server is starting)' }

async function ircWorld(options: SimIrcOptions): Promise<ContractWorld> {
  const server = await SimIrc.start(options)
  const host = new FakeHost()
  const clock = new JumpClock()
  host.clock = clock
  let hurry: NodeJS.Timeout | undefined
  const connector = new IrcConnector(testIrc(testNetwork('sim', server.port)), { backoffMs: 10 })
  const login = await host.login(1, 'alice', 'sim', { channels: JSON.stringify([{ name: CHANNEL }]) })
  const bob = await server.client('bob')
  bob.join(CHANNEL)
  await connector.start(host)
  const chatId = remoteChatId(`sim/${CHANNEL}`)
  await host.until(() => host.woken.some(({ chat }) => chat === chatId), 'alice to be in')
  const tagged = (tag: string) =>
    bob.lines.filter(({ command, tags }) => command === 'TAGMSG' && tag in tags).length
  const counts: Record<Seen, () => number> = {
    reply: () => bob.said(CHANNEL).filter(({ tags }) => '+draft/reply' in tags).length,
    reaction: () => tagged('+draft/react'),
    'reaction-removal': () => tagged('+draft/unreact'),
    redaction: () => bob.lines.filter(({ command }) => command === 'REDACT').length,
    edit: () => 0,
    formatting: () => bob.said(CHANNEL).filter(({ text }) => text.includes('\x02')).length,
  }
  return {
    host,
    connector,
    login,
    chat: { network: 'irc', id: chatId, type: 'channel', name: CHANNEL },
    contact: remoteUserId('sim/bob'),
    tells: options.caps === 'all',
    async say(text) {
      bob.say(CHANNEL, text)
    },
    heard: () =>
      bob
        .said(CHANNEL)
        .filter(({ from }) => from === 'alice')
        .map(({ text }) => text),
    saw: (what) => counts[what](),
    async cut() {
      server.faults.refuseConnections(DOWN, 1_000)
      server.kill('alice')
      const state = () => connector.status().find((status) => status.login === login.id)?.state
      await host.until(() => state() !== 'connected', 'the connection to be lost')
    },
    async mend() {
      server.faults.clear()
    },
    breakAt: (when) => {
      server.faults[when === 'before' ? 'dropBefore' : 'dropAfter'](1, 'alice')
      // A history may lag, so that it is asked twice, some seconds apart.
      hurry = setInterval(() => clock.jump(500), 20)
    },
    async close() {
      clearInterval(hurry)
      host.refuses = undefined
      await connector.stop(200)
      await server.close()
    },
  }
}

contract('IRC with every capability', () => ircWorld({ caps: 'all' }))
contract('IRC with none', () => ircWorld({ caps: 'none' }))
