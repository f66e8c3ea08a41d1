import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WhatsAppConnector } from '../../src/networks/whatsapp/connector.ts'
import { Stack } from '../support/stack.ts'
import type { Person as MatrixPerson } from '../support/stack.ts'
import { startWhatsApp } from '../support/whatsapp.ts'
import type { Person, TestWhatsApp } from '../support/whatsapp.ts'
import { scannedBy } from '../support/qr-text.ts'

type MatrixEvent = ReturnType<Stack['homeserver']['timeline']>[number]

/** Everything that crosses, between a Matrix user and a contact on the loopback WhatsApp, whose phone is a real client. */
describe('WhatsApp', () => {
  let whatsapp: TestWhatsApp
  let stack: Stack
  let alice: MatrixPerson
  let her: Person
  let bob: Person
  let direct: string

  beforeAll(async () => {
    whatsapp = await startWhatsApp()
    her = await whatsapp.person('4915112345678', 'Alice')
    bob = await whatsapp.person('4915212345678', 'Bob')
    const connector = new WhatsAppConnector(whatsapp.config, { backoffMs: 10 })
    stack = await Stack.start(() => [connector])
    alice = await stack.person('alice')
    await alice.ask('login whatsapp qr', 'asking WhatsApp for a code')
    await whatsapp.wa.linking.scan(await scannedBy(alice, stack.homeserver), her.account.phone)
    await alice.heard('logged in to WhatsApp as +4915112345678')
    const isConnected = () => connector.status().some(({ state }) => state === 'connected')
    await stack.homeserver.waitFor(isConnected, 'the bridge to be connected', 15_000)
    await bob.socket.sendMessage(her.pn, { text: 'a first word' })
    direct = await roomWith('a first word')
  })

  afterAll(async () => {
    await stack.close()
    await whatsapp.wa.stop()
    expect(whatsapp.wa.journal.unknown).toEqual([])
  })

  /** The room in which somebody says something; alice goes in. */
  async function roomWith(body: string): Promise<string> {
    const hs = stack.homeserver
    const find = () => hs.roomIds().find((id) => hs.timeline(id).some((e) => e.content['body'] === body))
    await hs.waitFor(() => find() !== undefined, `a room with "${body}"`, 15_000)
    const id = find() ?? ''
    await alice.user.join(id)
    return id
  }

  async function event(where: string, wanted: (event: MatrixEvent) => boolean, what: string): Promise<MatrixEvent> {
    const find = () => stack.homeserver.timeline(where).find(wanted)
    await stack.homeserver.waitFor(() => find() !== undefined, `${what} on Matrix`, 15_000)
    const found = find()
    if (found === undefined) throw new Error('gone')
    return found
  }

  const withBody = (where: string, body: string) =>
    event(where, (e) => e.type === 'm.room.message' && e.content['body'] === body, `"${body}"`)

  test('texts go both ways', async () => {
    const first = await withBody(direct, 'a first word')
    expect(first.sender).toContain('_whatsapp_')
    await alice.user.sendText(direct, 'an answer')
    await bob.heardText('an answer')
    await bob.socket.sendMessage(her.pn, { text: 'and a second' })
    expect((await withBody(direct, 'and a second')).sender).toBe(first.sender)
  })
})
