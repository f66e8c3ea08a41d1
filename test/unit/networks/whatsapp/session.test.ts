import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RemoteEvent } from '../../../../src/model/remote-event.ts'
import type { Login } from '../../../../src/model/network.ts'
import { WhatsAppConnector } from '../../../../src/networks/whatsapp/connector.ts'
import { linkedSession, startWhatsApp } from '../../../support/whatsapp.ts'
import type { Person, TestWhatsApp } from '../../../support/whatsapp.ts'
import { LedgerHost } from '../../../support/ledger-host.ts'

let whatsapp: TestWhatsApp
let host: LedgerHost
let connector: WhatsAppConnector
let login: Login
let her: Person
let bob: Person

beforeEach(async () => {
  whatsapp = await startWhatsApp()
  her = await whatsapp.person('15550001', 'Alice')
  bob = await whatsapp.person('15550002', 'Bob')
  host = new LedgerHost()
  const session = await linkedSession(whatsapp, her.account.phone)
  login = { ...(await host.login(1, 'alice', her.account.phone, session)), network: 'whatsapp' }
  host.saved.splice(0, host.saved.length, login)
  connector = new WhatsAppConnector(whatsapp.config, { backoffMs: 10 })
  await connector.start(host)
  await connected()
})

afterEach(async () => {
  await connector.stop(500)
  await whatsapp.wa.stop()
})

const status = () => connector.status()[0]
const connected = () => host.until(() => status()?.state === 'connected', 'the login to be connected')
const isText = (event: RemoteEvent, body: string) =>
  event.kind === 'message' && event.content.kind === 'text' && event.content.body === body
const text = async (body: string) => {
  await host.until(() => host.events.some((event) => isText(event, body)), `"${body}"`)
  return host.events.find((event) => isText(event, body))
}

describe('an end of the connection', () => {
  test('by the phone, which takes the device off, is final and said', async () => {
    whatsapp.wa.world.removeDevice(her.account.phone, 1)
    await host.until(() => status()?.state === 'bad_credentials', 'the end')
    expect(status()?.text).toContain('Linked devices')
    expect(status()?.text).toContain('14 days')
  })

  test.each([
    [402, 'blocked', 'banned'],
    [403, 'blocked', 'banned'],
    [405, 'blocked', 'newer version'],
    [401, 'bad_credentials', 'Linked devices'],
  ] as const)('with %i is %s', async (reason, state, words) => {
    whatsapp.wa.front.faults.refuseLogins(reason)
    whatsapp.wa.world.device(her.account.phone, 1).mailbox.online?.close('drop')
    await host.until(() => status()?.state === state, state)
    expect(status()?.text).toContain(words)
  })

  test.each(['drop', 'restart', 'unavailable'] as const)(
    'of the kind %s is followed by a new one',
    async (reason) => {
      const woken = host.woken.length
      whatsapp.wa.world.device(her.account.phone, 1).mailbox.online?.close(reason)
      await host.until(() => host.woken.length > woken, 'the next connection')
      await connected()
      await bob.socket.sendMessage(her.pn, { text: 'still there?' })
      await text('still there?')
    },
  )

  test('by another program with the same login is said, and not answered at once', async () => {
    whatsapp.wa.world.device(her.account.phone, 1).mailbox.online?.close('replaced')
    await host.until(() => status()?.state === 'blocked', 'the end')
    expect(status()?.text).toContain('running twice')
  })

  test('by HTTP 503 is tried again', async () => {
    const woken = host.woken.length
    whatsapp.wa.front.faults.refuseConnections(2)
    whatsapp.wa.world.device(her.account.phone, 1).mailbox.online?.close('drop')
    await host.until(() => host.woken.length > woken, 'the next connection')
    expect(host.states.some(({ text: words }) => words?.includes('503'))).toBe(true)
  })
})

test('a conversation goes on under the LID, and there is one person', async () => {
  await bob.socket.sendMessage(her.pn, { text: 'by number' })
  const first = await text('by number')
  whatsapp.wa.world.switches.addressing = 'lid'
  await bob.socket.sendMessage(her.pn, { text: 'by lid' })
  const second = await text('by lid')
  expect(second?.chat.id).toBe(first?.chat.id)
  expect(second?.sender?.id).toBe(first?.sender?.id)
  expect(first?.sender).toMatchObject({ id: bob.lid, aliases: [bob.pn] })
})

test('a mapping that is learned later moves the conversation, once', async () => {
  const { switches } = whatsapp.wa.world
  const carol = await whatsapp.person('15550003', 'Carol')
  await connector.stop(500)
  switches.tellsOtherAddress = false
  await carol.socket.sendMessage(her.pn, { text: 'who am I?' })
  switches.usyncTellsLid = false
  connector = new WhatsAppConnector(whatsapp.config, { backoffMs: 10 })
  await connector.start(host)
  const first = await text('who am I?')
  expect(first).toMatchObject({ chat: { id: carol.pn }, sender: { id: carol.pn } })
  Object.assign(switches, { tellsOtherAddress: true, usyncTellsLid: true })
  await carol.socket.sendMessage(her.pn, { text: 'it is me' })
  expect(await text('it is me')).toMatchObject({
    chat: { id: carol.lid },
    sender: { id: carol.lid, aliases: [carol.pn] },
  })
  const kinds = host.events.map(({ kind }) => kind).filter((kind) => kind === 'moved' || kind === 'message')
  expect(kinds).toEqual(['message', 'moved', 'message'])
  expect(host.of('moved')).toMatchObject([{ chat: { id: carol.pn }, to: { id: carol.lid } }])
})

test('300 messages that came in an absence are taken in once and in order', async () => {
  await bob.socket.sendMessage(her.pn, { text: 'before' })
  await text('before')
  await connector.stop(500)
  const texts = Array.from({ length: 300 }, (_, i) => `while away ${i}`)
  for (const body of texts) await bob.socket.sendMessage(her.pn, { text: body })
  connector = new WhatsAppConnector(whatsapp.config, { backoffMs: 10 })
  await connector.start(host)
  await text('while away 299')
  const bodies = host.events.flatMap((event) =>
    event.kind === 'message' && event.content.kind === 'text' ? [event.content.body] : [],
  )
  expect(bodies).toEqual(['before', ...texts])
}, 60_000)

test('stanzas that are deflated keep their place', async () => {
  whatsapp.wa.front.switches.deflateFrom = 300
  whatsapp.wa.world.device(her.account.phone, 1).mailbox.online?.close('drop')
  await host.until(() => status()?.state !== 'connected', 'the connection to end')
  await connected()
  const bodies = Array.from({ length: 20 }, (_, i) =>
    i % 2 === 0 ? `long ${i} ${'x'.repeat(2_000)}` : `${i}`,
  )
  for (const body of bodies) await bob.socket.sendMessage(her.pn, { text: body })
  await text('19')
  expect(host.bodies()).toEqual(bodies)
})
