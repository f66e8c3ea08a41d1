import { afterEach, beforeEach, expect, test } from 'vitest'
import { portalId } from '../../../../src/model/ids.ts'
import { WhatsAppConnector } from '../../../../src/networks/whatsapp/connector.ts'
import { LedgerHost } from '../../../support/ledger-host.ts'
import { linkedSession, startWhatsApp, testWhatsApp } from '../../../support/whatsapp.ts'
import type { Person, TestWhatsApp } from '../../../support/whatsapp.ts'

let whatsapp: TestWhatsApp
let host: LedgerHost
let connector: WhatsAppConnector | undefined
let her: Person
let bob: Person

beforeEach(async () => {
  whatsapp = await startWhatsApp()
  her = await whatsapp.person('15550001', 'Alice')
  bob = await whatsapp.person('15550002', 'Bob')
  host = new LedgerHost()
})

afterEach(async () => {
  await connector?.stop(500)
  await whatsapp.wa.stop()
})

async function connect(backfill: { chats: number; messages: number }): Promise<void> {
  const login = await host.login(
    1,
    'alice',
    her.account.phone,
    await linkedSession(whatsapp, her.account.phone),
  )
  host.saved.splice(0, host.saved.length, { ...login, network: 'whatsapp' })
  connector = new WhatsAppConnector(testWhatsApp(whatsapp.wa.url, { backfill }), { backoffMs: 10 })
  await connector.start(host)
  await host.until(() => connector?.status()[0]?.state === 'connected', 'the login to be connected')
}

const said = (jid: string, id: string, at: number, text: string) => ({
  message: {
    key: { remoteJid: jid, fromMe: false, id },
    messageTimestamp: at,
    message: { conversation: text },
  },
})

const reaction = (text: string) => ({
  key: { remoteJid: bob.pn, fromMe: true, id: 'R1' },
  text,
  senderTimestampMs: Date.now(),
})

test('of the history the newest conversations are taken in, the newest of each, oldest first', async () => {
  const at = Math.floor(Date.now() / 1000) - 10_000
  const other = (n: number) => `1666000${n}@s.whatsapp.net`
  whatsapp.wa.world.desk(her.account.phone).history.push({
    content: {
      syncType: 3,
      conversations: [
        { id: other(1), messages: [said(other(1), 'OLD', at, 'too old a chat')] },
        {
          id: other(2),
          messages: [3, 2, 1].map((n) => said(other(2), `B${n}`, at + 100 + n, `second ${n}`)),
        },
        { id: other(3), messages: [said(other(3), 'C1', at + 50, 'first')] },
      ],
    },
  })
  await connect({ chats: 2, messages: 2 })
  await host.until(() => host.of('message').length >= 3, 'the history')
  expect(host.bodies()).toEqual(['first', 'second 2', 'second 3'])
  expect(host.of('message').every(({ backfilled }) => backfilled === true)).toBe(true)
})

test('a reply in the history leads to what it answers, and what people reacted with comes along', async () => {
  const at = Math.floor(Date.now() / 1000) - 10_000
  const question = { ...said(bob.pn, 'Q1', at, 'tea?').message, reactions: [reaction('👍')] }
  const answer = said(bob.pn, 'A1', at + 1, '').message
  const extendedTextMessage = {
    text: 'yes',
    contextInfo: { stanzaId: 'Q1', participant: bob.pn, quotedMessage: { conversation: 'tea?' } },
  }
  whatsapp.wa.world.desk(her.account.phone).history.push({
    content: {
      syncType: 3,
      conversations: [
        {
          id: bob.pn,
          messages: [
            {
              message: { ...answer, key: { ...answer.key, fromMe: true }, message: { extendedTextMessage } },
            },
            { message: question },
          ],
        },
      ],
    },
  })
  await connect({ chats: 2, messages: 2 })
  await host.until(() => host.of('message').length >= 2, 'the history')
  expect(host.of('message').map(({ id, replyTo }) => [id, replyTo])).toEqual([
    ['them/Q1', undefined],
    ['me/A1', 'them/Q1'],
  ])
  expect(host.bodies()).toEqual(['tea?', 'yes'])
  await host.until(() => host.of('reaction').length > 0, 'the reaction')
  expect(host.of('reaction')).toMatchObject([{ target: 'them/Q1', key: '👍', backfilled: true }])
})

test('a group whose history comes before its name gets its name', async () => {
  const { id } = await bob.socket.groupCreate('Tea room', [her.pn])
  const { message } = said(id, 'G1', Math.floor(Date.now() / 1000) - 10_000, 'to all')
  whatsapp.wa.world.desk(her.account.phone).history.push({
    content: {
      syncType: 3,
      conversations: [
        { id, messages: [{ message: { ...message, key: { ...message.key, participant: bob.lid } } }] },
      ],
    },
  })
  const scope = { phone: her.account.phone, device: 1, tag: 'iq', child: 'participating' }
  // What is asked behind it waits too: pictures, which the history does not wait for so long.
  whatsapp.wa.front.faults.delay('in', 5_000, scope)
  await connect({ chats: 1, messages: 1 })
  await host.until(() => host.of('message').length > 0, 'the history')
  expect(host.of('message')[0]?.chat.name).toBeUndefined()
  await host.until(() => host.of('name').length > 0, 'the name')
  expect(host.of('name')).toMatchObject([{ chat: { id }, name: 'Tea room' }])
})

test('the name in the address book comes with who says something, and follows when it changes', async () => {
  const desk = whatsapp.wa.world.desk(her.account.phone)
  await connect({ chats: 0, messages: 0 })
  await bob.socket.sendMessage(her.pn, { text: 'hello' })
  await host.until(() => host.bodies().includes('hello'), 'the word')
  expect(host.of('message')[0]?.sender).toMatchObject({ id: bob.lid, name: 'Bob' })
  desk.contact(bob.account, { fullName: 'Bobby Tables' })
  const named = (name: string) =>
    host.of('members').some(({ users }) => users.some(({ contactName }) => contactName === name))
  await host.until(() => named('Bobby Tables'), 'the name')
  desk.contact(bob.account, { fullName: 'Robert' })
  await host.until(() => named('Robert'), 'the new name')
  await bob.socket.sendMessage(her.pn, { text: 'again' })
  await host.until(() => host.bodies().includes('again'), 'the other word')
  expect(host.of('message').at(-1)).toMatchObject({
    chat: { name: 'Robert' },
    sender: { name: 'Bob', contactName: 'Robert' },
  })
})

test('what was read is told, and who is typing in a chat that its owner has open', async () => {
  await connect({ chats: 0, messages: 0 })
  await bob.socket.sendMessage(her.pn, { text: 'read me' })
  await host.until(() => host.bodies().includes('read me'), 'the word')
  const read = await her.heardText('read me')
  await her.socket.readMessages([read.key])
  await host.until(() => host.hints.some(({ kind }) => kind === 'read'), 'the read mark')
  const [hint] = host.hints.filter((each) => each.kind === 'read')
  expect(hint).toMatchObject({ chat: { id: bob.lid }, user: { self: 1 }, upTo: `them/${read.key.id}` })
  const [login] = host.saved
  const [message] = host.of('message')
  if (login === undefined || message === undefined) throw new Error('gone')
  const chat = { portal: portalId(1), chat: message.chat }
  connector?.hint({ kind: 'read', chat, by: login, upTo: message.id })
  const isTyping = () => host.hints.some((each) => each.kind === 'typing' && each.typing)
  await host.until(() => {
    void bob.socket.sendPresenceUpdate('composing', her.lid)
    return isTyping()
  }, 'the typing')
  expect(host.hints.find((each) => each.kind === 'typing')).toMatchObject({ user: { id: bob.lid } })
})
