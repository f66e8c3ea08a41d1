import { afterEach, beforeEach, expect, test } from 'vitest'
import { ViaductError } from '../../../../src/model/errors.ts'
import type { Login } from '../../../../src/model/network.ts'
import { WhatsAppConnector } from '../../../../src/networks/whatsapp/connector.ts'
import { LedgerHost } from '../../../support/ledger-host.ts'
import { linkedSession, startWhatsApp, testWhatsApp } from '../../../support/whatsapp.ts'
import type { Person, TestWhatsApp } from '../../../support/whatsapp.ts'

let whatsapp: TestWhatsApp
let host: LedgerHost
let connector: WhatsAppConnector | undefined
let her: Person
let bob: Person
let login: Login

beforeEach(async () => {
  whatsapp = await startWhatsApp()
  her = await whatsapp.person('15550001', 'Alice')
  bob = await whatsapp.person('15550002', 'Bob')
  host = new LedgerHost()
  const made = await host.login(
    1,
    'alice',
    her.account.phone,
    await linkedSession(whatsapp, her.account.phone),
  )
  login = { ...made, network: 'whatsapp' }
  host.saved.splice(0, host.saved.length, login)
  await connect()
  await bob.socket.sendMessage(her.pn, { text: 'a first word' })
  await host.until(() => host.bodies().length > 0, 'the first word')
})

afterEach(async () => {
  await connector?.stop(500)
  await whatsapp.wa.stop()
})

async function connect(): Promise<void> {
  connector = new WhatsAppConnector(testWhatsApp(whatsapp.wa.url), { backoffMs: 10 })
  await connector.start(host)
  await host.until(() => connector?.status()[0]?.state === 'connected', 'the login to be connected')
}

const settings = () => host.of('settings').map((event) => event.settings)
const isKept = async () =>
  (await host.session(login.id).keys('')).some((key) => key.includes('/phone-change/'))

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('what the ledger could not take when the phone said it is told after a restart, once, in order', async () => {
  const desk = whatsapp.wa.world.desk(her.account.phone)
  host.refuses = new ViaductError('database_down', 'away')
  desk.archive(bob.pn, true)
  desk.mute(bob.pn, -1)
  desk.deleteForMe(bob.pn, 'THEIRS', false)
  // Baileys has taken note of it, and so will not ask for it again.
  await until(
    async () =>
      (await host.session(login.id).keys('')).filter((key) => key.includes('/phone-change/')).length === 3,
  )
  await connector?.stop(500)
  expect(settings()).toEqual([])
  host.refuses = undefined
  await connect()
  await host.until(() => host.of('redaction').length > 0, 'what was deleted')
  expect(settings()).toEqual([{ archived: true }, { mute: 'forever' }])
  expect(host.of('redaction')).toMatchObject([{ target: 'them/THEIRS' }])
  await until(async () => !(await isKept()))
  await connector?.stop(500)
  await connect()
  desk.pin(bob.pn, true)
  await host.until(() => settings().length > 2, 'the pin')
  expect(settings().slice(2)).toEqual([{ favourite: true }])
})

test('what is of no conversation of the bridge makes none', async () => {
  const desk = whatsapp.wa.world.desk(her.account.phone)
  desk.archive('15550009@s.whatsapp.net', true)
  desk.deleteChat('15550009@s.whatsapp.net')
  desk.clearChat('1203630@g.us')
  desk.pin(bob.pn, true)
  await host.until(() => settings().length > 0, 'the pin')
  await until(async () => !(await isKept()))
  expect(host.events.filter(({ chat }) => chat.id !== bob.lid)).toEqual([])
  expect(host.told).toEqual([])
})
