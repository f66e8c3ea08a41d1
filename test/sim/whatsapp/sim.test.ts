import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SimWhatsApp, companionByCode, until } from './index.ts'

let sim: SimWhatsApp
beforeEach(async () => {
  sim = await SimWhatsApp.start()
})
afterEach(() => sim.stop())

it('three real clients write to each other: a phone, its companion, and the phone of a contact', async () => {
  const alice = sim.account({ phone: '15550001', name: 'Alice' })
  const bob = sim.account({ phone: '15550002', name: 'Bob' })
  const [phone, contact] = [await sim.phone(alice), await sim.phone(bob)]
  const companion = await sim.companion(alice)
  await companion.socket.sendMessage(contact.jid, { text: 'hello from the companion' })
  await until(() => contact.texts.includes('hello from the companion'), 'the text at the contact')
  await until(() => phone.texts.includes('hello from the companion'), 'the copy at the own phone')
  await contact.socket.sendMessage(phone.jid, { text: 'hello back' })
  await until(
    () => phone.texts.includes('hello back') && companion.texts.includes('hello back'),
    'the answer',
  )
  expect(sim.journal.unknown).toEqual([])
})

it('links by pairing code too', async () => {
  const companion = await companionByCode(sim.front, sim.account('15550001').phone)
  expect(companion.jid).toBe('15550001:1@s.whatsapp.net')
  await companion.stop()
})

it('a program that knows nothing of tests connects here, with what `preload` says', async () => {
  const { execArgv, env } = sim.preload
  const baileys = fileURLToPath(import.meta.resolve('@whiskeysockets/baileys'))
  const program = `
    import { initAuthCreds, makeWASocket } from ${JSON.stringify(baileys)}
    const logger = Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, () => {}]))
    logger.child = () => logger
    const keys = { get: () => ({}), set: () => {} }
    makeWASocket({ logger, auth: { creds: initAuthCreds(), keys } }).ev.on('connection.update', ({ qr }) => {
      if (qr === undefined) return
      console.log(qr)
      process.exit()
    })`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...execArgv, '--input-type=module', '--eval', program],
    { env: { ...process.env, ...env }, timeout: 30_000 },
  )
  expect(stdout).toMatch(/^https:\/\/wa\.me\/settings\/linked_devices#2@/)
})
