import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Login } from '../../../../src/model/network.ts'
import { WhatsAppConnector } from '../../../../src/networks/whatsapp/connector.ts'
import { UNOBSERVED } from '../../../../src/networks/whatsapp/observer.ts'
import type { WhatsAppObserver } from '../../../../src/networks/whatsapp/observer.ts'
import { request } from '../irc/fake-host.ts'
import { LedgerHost } from '../../../support/ledger-host.ts'
import { linkedSession, startWhatsApp } from '../../../support/whatsapp.ts'
import type { Person, TestWhatsApp } from '../../../support/whatsapp.ts'

let whatsapp: TestWhatsApp
let host: LedgerHost
let login: Login
let her: Person
let bob: Person
let connector: WhatsAppConnector
let told: string[]

const observer: WhatsAppObserver = {
  ...UNOBSERVED,
  sent: ({ outcome }) => void told.push(`sent ${outcome}`),
  ended: (reason) => void told.push(`ended ${reason}`),
  replayed: (messages) => void told.push(`replayed ${messages}`),
  waiting: (id, jobs) => void told.push(`waiting ${id} ${jobs}`),
  undecrypted: (what) => void told.push(what),
  askedAgain: () => void told.push('asked again'),
  notKept: () => void told.push('not kept'),
}

const heard = (what: string) => host.until(() => told.includes(what), what)

async function connect(): Promise<void> {
  connector = new WhatsAppConnector(whatsapp.config, { backoffMs: 10, observer })
  await connector.start(host)
  await host.until(() => connector.status()[0]?.state === 'connected', 'the login to be connected')
}

beforeEach(async () => {
  told = []
  whatsapp = await startWhatsApp()
  her = await whatsapp.person('15550001', 'Alice')
  bob = await whatsapp.person('15550002', 'Bob')
  host = new LedgerHost()
  const session = await linkedSession(whatsapp, her.account.phone)
  login = { ...(await host.login(1, 'alice', her.account.phone, session)), network: 'whatsapp' }
  host.saved.splice(0, host.saved.length, login)
  await connect()
})

afterEach(async () => {
  await connector.stop(500)
  await whatsapp.wa.stop()
})

test('what could not be opened, was asked for again, and came', async () => {
  await bob.socket.sendMessage(her.pn, { text: 'clear' })
  await host.until(() => host.bodies().includes('clear'), 'a first word')
  whatsapp.wa.world.faults.corrupt({ phone: her.account.phone, device: 1, tag: 'message', count: 1 })
  await bob.socket.sendMessage(her.pn, { text: 'garbled' })
  await heard('asked')
  await host.until(() => host.bodies().includes('garbled'), 'the word once more')
  await heard('opened')
  expect(told).not.toContain('given_up')
})

test('what a contact could not open, and asked for again', async () => {
  await bob.socket.sendMessage(her.pn, { text: 'hello' })
  await host.until(() => host.bodies().includes('hello'), 'a first word')
  const [message] = host.of('message')
  if (message === undefined) throw new Error('gone')
  whatsapp.wa.world.faults.corrupt({ phone: bob.account.phone, device: 0, tag: 'message', count: 1 })
  const { chat } = message
  await connector.send(request({ chat, login, action: 'an answer', saves: [] }))
  await heard('sent delivered')
  await bob.heardText('an answer')
  await heard('asked again')
  expect(told).not.toContain('not kept')
})

test('what waits for the ledger, and is handed over by the next connection', async () => {
  await bob.socket.sendMessage(her.pn, { text: 'before' })
  await host.until(() => host.bodies().includes('before'), 'a first word')
  await host.until(() => told.at(-1) === 'waiting 1 0', 'all to be in the ledger')
  told = []
  host.refuses = new Error('no room')
  await bob.socket.sendMessage(her.pn, { text: 'not yet' })
  await heard('waiting 1 1')
  await connector.stop(100)
  expect(told.at(-1)).toBe('waiting 1 0')
  expect(host.bodies()).toEqual(['before'])
  host.refuses = undefined
  await connect()
  await heard('replayed 1')
  await host.until(() => host.bodies().includes('not yet'), 'the word')
})

test('the end of a connection, and why', async () => {
  whatsapp.wa.world.device(her.account.phone, 1).mailbox.online?.close('restart')
  await heard('ended restart')
  whatsapp.wa.world.removeDevice(her.account.phone, 1)
  await heard('ended bad_credentials')
})
