import { proto } from '@whiskeysockets/baileys'
import type { WAMessage } from '@whiskeysockets/baileys'
import { remoteChatId, remoteUserId } from '../../src/model/ids.ts'
import type { Login } from '../../src/model/network.ts'
import { WhatsAppConnector } from '../../src/networks/whatsapp/connector.ts'
import { Door } from '../support/door.ts'
import { linkedSession, startWhatsApp, testWhatsApp } from '../support/whatsapp.ts'
import { FakeHost } from '../unit/networks/irc/fake-host.ts'
import { contract } from './contract.ts'
import type { ContractWorld, Seen } from './world.ts'
import type { Switches } from '../sim/whatsapp/world/switches.ts'

async function whatsappWorld(switches: Partial<Switches>): Promise<ContractWorld> {
  const whatsapp = await startWhatsApp({ switches })
  const { wa } = whatsapp
  const alice = await whatsapp.person('15550001', 'Alice')
  const bob = await whatsapp.person('15550002', 'Bob')
  const session = await linkedSession(whatsapp, alice.account.phone)
  const host = new FakeHost()
  const kept = await host.login(1, 'alice', alice.account.phone, session)
  const login: Login = { ...kept, network: 'whatsapp' }
  host.saved.splice(0, host.saved.length, login)
  const door = await Door.to(wa.front.port)
  const connector = new WhatsAppConnector(
    testWhatsApp(wa.url.replace(/:\d+/, `:${door.port}`), { backfill: { chats: 0, messages: 0 } }),
    { backoffMs: 10 },
  )
  await connector.start(host)
  const state = () => connector.status().find((status) => status.login === login.id)?.state
  await host.until(() => state() === 'connected', 'alice to be connected')
  const group = await bob.socket.groupCreate('Tea', [alice.pn])
  const chat = { network: 'whatsapp', id: remoteChatId(group.id), type: 'group', name: 'Tea' } as const
  await host.until(
    () => connector.serves(login, chat) && connector.describe(chat).name === 'Tea',
    'the group',
  )
  /** As the app shows them: a message under an id that was there is the same message. */
  const seen = (): WAMessage[] => {
    const own = bob.client.messages.filter(({ key }) => key.remoteJid === group.id && key.fromMe !== true)
    return [...new Map(own.map((message) => [message.key.id, message])).values()]
  }
  const textOf = ({ message }: WAMessage) => message?.conversation ?? message?.extendedTextMessage?.text
  const count = (fits: (message: WAMessage) => unknown) => seen().filter((message) => fits(message)).length
  const counts: Record<Seen, () => number> = {
    reply: () => count(({ message }) => message?.extendedTextMessage?.contextInfo?.stanzaId),
    reaction: () => count(({ message }) => message?.reactionMessage?.text),
    'reaction-removal': () => count(({ message }) => message?.reactionMessage?.text === ''),
    redaction: () =>
      count(({ message }) => message?.protocolMessage?.type === proto.Message.ProtocolMessage.Type.REVOKE),
    edit: () => count(({ message }) => JSON.stringify(message ?? {}).includes('editedMessage')),
    formatting: () => count((message) => textOf(message) === '*bold*'),
  }
  return {
    host,
    connector,
    login,
    chat,
    contact: remoteUserId(bob.lid),
    tells: true,
    async say(text) {
      await bob.socket.sendMessage(group.id, { text })
    },
    heard: () => seen().flatMap((message) => textOf(message) ?? []),
    saw: (what) => counts[what](),
    async cut() {
      door.shut()
      await host.until(() => state() !== 'connected', 'the connection to be lost')
    },
    async mend() {
      door.open()
    },
    breakAt(when) {
      const scope = { phone: alice.account.phone, device: 1, tag: 'message' }
      if (when === 'before') wa.front.faults.dropBefore('in', scope)
      else wa.front.faults.dropAfter('in', scope)
    },
    async close() {
      host.refuses = undefined
      await connector.stop(200)
      await door.close()
      await wa.stop()
    },
  }
}

contract('WhatsApp, a repeated message is delivered again', () => whatsappWorld({}))
contract('WhatsApp, a repeated message is dropped', () => whatsappWorld({ dropsRepeatedIds: true }))
