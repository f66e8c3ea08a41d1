import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Login } from '../../../../src/model/network.ts'
import { WhatsAppConnector } from '../../../../src/networks/whatsapp/connector.ts'
import { JumpClock } from '../../../support/jump-clock.ts'
import { LedgerHost } from '../../../support/ledger-host.ts'
import { linkedSession, startWhatsApp } from '../../../support/whatsapp.ts'
import type { Person, TestWhatsApp } from '../../../support/whatsapp.ts'

const NOTICE = 'could not be decrypted'
const AGAIN_MS = 60_000

let whatsapp: TestWhatsApp
let host: LedgerHost
let clock: JumpClock
let connector: WhatsAppConnector
let login: Login
let her: Person
let bob: Person

beforeEach(async () => {
  whatsapp = await startWhatsApp()
  her = await whatsapp.person('15550001', 'Alice')
  bob = await whatsapp.person('15550002', 'Bob')
  host = new LedgerHost()
  clock = new JumpClock()
  Object.assign(host, { clock })
  const session = await linkedSession(whatsapp, her.account.phone)
  login = { ...(await host.login(1, 'alice', her.account.phone, session)), network: 'whatsapp' }
  host.saved.splice(0, host.saved.length, login)
  connector = new WhatsAppConnector(whatsapp.config, { backoffMs: 10 })
  await connect()
  await bob.socket.sendMessage(her.lid, { text: 'hello' })
  await host.until(() => host.bodies().includes('hello'), 'a first word')
})

afterEach(async () => {
  await connector.stop(500)
  await whatsapp.wa.stop()
})

async function connect(): Promise<void> {
  connector = new WhatsAppConnector(whatsapp.config, { backoffMs: 10 })
  await connector.start(host)
  await host.until(() => connector.status()[0]?.state === 'connected', 'the login to be connected')
}

const kept = async (word: string) =>
  (await host.session(login.id).keys('')).filter((key) => key.includes(`/${word}/`))
async function untilKept(word: string, fits: (count: number) => boolean): Promise<void> {
  let count = Number.NaN
  const look = async () => (count = (await kept(word)).length)
  await host.until(() => (void look(), fits(count)), `what is kept as ${word} (${count})`)
}

const notices = () =>
  host
    .of('message')
    .filter(({ content }) => JSON.stringify(content).includes(NOTICE))
    .map(({ id }) => id)

/** Bob says something that arrives broken, and does not say it again when he is asked. */
async function sayBroken(text: string): Promise<string> {
  const { faults } = whatsapp.wa.world
  const scope = { phone: her.account.phone, device: 1, tag: 'message' }
  faults.corrupt(scope)
  const stop = silenced(bob)
  const sent = await bob.socket.sendMessage(her.lid, { text })
  const { journal, world } = whatsapp.wa
  const device = { phone: her.account.phone, device: 1 }
  const isAsked = () =>
    journal
      .nodes('in', { ...device, tag: 'receipt' })
      .some(({ attrs }) => attrs['id'] === sent?.key.id && attrs['type'] === 'retry')
  await host.until(isAsked, 'bob to be asked for it again')
  const isAcked = () =>
    world.device(device.phone, 1).mailbox.waiting.every(({ attrs }) => attrs['id'] !== sent?.key.id)
  await host.until(isAcked, 'the server to be told')
  stop()
  return sent?.key.id ?? ''
}

/** A phone that hears nobody ask for a message again. */
function silenced({ socket: { ws } }: Person): () => void {
  const listeners = ws.listeners('CB:receipt')
  ws.removeAllListeners('CB:receipt')
  return () => {
    for (const listener of listeners)
      ws.on('CB:receipt', (node: unknown) => void Reflect.apply(listener, ws, [node]))
  }
}

test('a message that cannot be opened and does not come again is told of, once, also after a restart', async () => {
  const id = await sayBroken('never heard')
  expect(notices()).toEqual([])
  await connector.stop(500)
  await connect()
  clock.jump(AGAIN_MS + 1)
  await host.until(() => notices().length > 0, 'the notice')
  expect(notices()).toEqual([`them/${id}/undecrypted`])
  await untilKept('undecrypted', (count) => count === 0)
  await connector.stop(500)
  await connect()
  clock.jump(AGAIN_MS + 1)
  await bob.socket.sendMessage(her.lid, { text: 'after it' })
  await host.until(() => host.bodies().includes('after it'), 'the next word')
  expect(notices()).toHaveLength(1)
})

test('one that comes again in time is the message, and nothing is told', async () => {
  whatsapp.wa.world.faults.corrupt({ phone: her.account.phone, device: 1, tag: 'message' })
  await bob.socket.sendMessage(her.lid, { text: 'again, please' })
  await host.until(() => host.bodies().includes('again, please'), 'the message')
  expect(await kept('undecrypted')).toEqual([])
  clock.jump(AGAIN_MS + 1)
  await bob.socket.sendMessage(her.lid, { text: 'after it' })
  await host.until(() => host.bodies().includes('after it'), 'the next word')
  expect(notices()).toEqual([])
})

test('a stanza in which there is nothing to open is told of', async () => {
  const link = whatsapp.wa.world.device(her.account.phone, 1).mailbox
  link.deliver({
    tag: 'message',
    attrs: {
      id: 'EMPTY1',
      from: bob.lid,
      sender_pn: bob.pn,
      type: 'text',
      t: '1700000000',
      addressing_mode: 'lid',
    },
    content: [
      { tag: 'enc', attrs: { v: '2', type: 'msmsg' }, content: Buffer.from('an answer of a machine') },
    ],
  })
  await untilKept('undecrypted', (count) => count > 0)
  clock.jump(AGAIN_MS + 1)
  await host.until(() => notices().length > 0, 'the notice')
  expect(notices()).toEqual(['them/EMPTY1/undecrypted'])
})

test('what comes again after it was taken in is told of once, and its sender hears once more that it arrived', async () => {
  await untilKept('seen', (count) => count > 0)
  const receipts = () =>
    whatsapp.wa.journal.nodes('in', { phone: her.account.phone, device: 1, tag: 'receipt' })
  const before = receipts().length
  whatsapp.wa.world.faults.redeliver(her.account.phone, 1, { tag: 'message' })
  await host.until(() => receipts().length > before, 'another receipt')
  await bob.socket.sendMessage(her.lid, { text: 'after it' })
  await host.until(() => host.bodies().includes('after it'), 'the next word')
  expect(host.bodies()).toEqual(['hello', 'after it'])
  expect(
    receipts()
      .slice(before)
      .every(({ attrs }) => attrs['type'] !== 'retry'),
  ).toBe(true)
})

test('what is in the ledger leaves the hash of its ciphertext, and that goes after a while', async () => {
  await untilKept('inbox', (count) => count === 0)
  expect((await kept('seen')).length).toBeGreaterThan(0)
  const all = Object.values(await host.session(login.id).all())
  expect(all.filter((value) => value.includes(Buffer.from('hello').toString('base64').slice(0, 6)))).toEqual(
    [],
  )
  await connector.stop(500)
  clock.jump(7 * 24 * 60 * 60_000)
  await connect()
  await untilKept('seen', (count) => count === 0)
})
