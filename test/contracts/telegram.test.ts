import { remoteChatId, remoteUserId } from '../../src/model/ids.ts'
import type { Login } from '../../src/model/network.ts'
import { TelegramConnector } from '../../src/networks/telegram/connector.ts'
import type { Seen as SeenMessage } from '../sim/telegram/world/seen.ts'
import type { Switches } from '../sim/telegram/world/index.ts'
import { Door } from '../support/door.ts'
import { loggedIn, startTelegram } from '../support/telegram.ts'
import { FakeHost } from '../unit/networks/irc/fake-host.ts'
import { contract } from './contract.ts'
import type { ContractWorld, Seen } from './world.ts'

async function telegramWorld(switches: Partial<Switches>): Promise<ContractWorld> {
  const { wire, tg, config } = await startTelegram(switches)
  const alice = tg.user({ firstName: 'Alice', phone: '100', username: 'alice' })
  const bob = tg.user({ firstName: 'Bob', phone: '200', username: 'bobby' })
  const room = tg.supergroup({ title: 'Tea', members: [bob, alice] })
  const host = new FakeHost()
  const door = await Door.to(wire.port)
  const connector = new TelegramConnector(
    {
      ...config,
      backfill: { chats: 0, messages: 0 },
      testServer: { host: wire.host, port: door.port, publicKey: wire.serverKey.pem },
    },
    { backoffMs: 10 },
  )
  const kept = await host.login(1, 'alice', String(alice.id), loggedIn(wire, alice))
  const login: Login = { ...kept, network: 'telegram' }
  host.saved.splice(0, host.saved.length, login)
  await connector.start(host)
  const state = () => connector.status().find((status) => status.login === login.id)?.state
  await host.until(() => state() === 'connected', 'alice to be connected')
  const seen = () => tg.view(bob, room)
  const own = () => seen().filter(({ author, action }) => author === alice && action === undefined)
  const reactionCalls = (some: boolean) =>
    wire.journal.calls({ method: 'messages.sendReaction' }).filter(({ args }) => {
      const list = args['reaction']
      return (Array.isArray(list) && list.length > 0) === some
    }).length
  // What was taken away is counted by the call: the room shows it no more.
  const calls = (method: string) => wire.journal.calls({ method }).length
  const counts: Record<Seen, () => number> = {
    reply: () => own().filter(({ replyTo }) => replyTo !== undefined).length,
    reaction: () => reactionCalls(true),
    'reaction-removal': () => reactionCalls(false),
    redaction: () => calls('channels.deleteMessages'),
    edit: () => own().filter(({ edited }: SeenMessage) => edited).length,
    formatting: () =>
      own().filter(({ entities }) => entities.some((each) => each._ === 'messageEntityBold')).length,
  }
  return {
    host,
    connector,
    login,
    chat: { network: 'telegram', id: remoteChatId(`channel:${room.id}`), type: 'group', name: 'Tea' },
    contact: remoteUserId(`user:${bob.id}`),
    tells: true,
    async say(text) {
      tg.say(bob, room, text)
    },
    heard: () => own().map(({ text }) => text),
    saw: (what) => counts[what](),
    async cut() {
      door.shut()
      await host.until(() => state() !== 'connected', 'the connection to be lost')
    },
    async mend() {
      door.open()
    },
    breakAt: (when) =>
      wire.faults.kill({ method: 'messages.sendMessage', userId: alice.id, when, call: 1, forget: true }),
    async close() {
      host.refuses = undefined
      await connector.stop(200)
      await door.close()
      await wire.stop()
    },
  }
}

contract('Telegram, a repeated message is answered with the first one', () => telegramWorld({}))
contract('Telegram, a repeated message is refused once', () =>
  telegramWorld({ duplicate: 'inProgressOnce', shortReplies: true, shortPushes: true }),
)
contract('Telegram, a repeated message is always refused', () => telegramWorld({ duplicate: 'inProgress' }))
