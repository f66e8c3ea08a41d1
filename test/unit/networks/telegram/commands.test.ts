import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ActingUser, Login } from '../../../../src/model/network.ts'
import { TelegramConnector } from '../../../../src/networks/telegram/connector.ts'
import { LedgerHost } from '../../../support/ledger-host.ts'
import { loggedIn, startTelegram } from '../../../support/telegram.ts'
import type { TestTelegram } from '../../../support/telegram.ts'

let telegram: TestTelegram
let connector: TelegramConnector
let by: ActingUser

beforeEach(async () => {
  telegram = await startTelegram()
  const { tg, wire, config } = telegram
  const alice = tg.user({ firstName: 'Alice', phone: '100', username: 'alice' })
  const bob = tg.user({ firstName: 'Robert', phone: '200', username: 'bobby' })
  const carol = tg.user({ firstName: 'Carol', phone: '300' })
  tg.user({ firstName: 'Bobette', phone: '400', username: 'bobbette' })
  tg.contact(alice, bob, { firstName: 'Uncle', lastName: 'Bob' })
  tg.contact(alice, carol)
  tg.channel({ title: 'Bobbins', members: [bob], username: 'bobbins' })
  const host = new LedgerHost()
  const login: Login = {
    ...(await host.login(1, 'alice', String(alice.id), loggedIn(wire, alice))),
    network: 'telegram',
  }
  host.saved.splice(0, host.saved.length, login)
  connector = new TelegramConnector(config, { backoffMs: 10 })
  await connector.start(host)
  await host.until(() => connector.status()[0]?.state === 'connected', 'the connection')
  by = { user: login.owner, name: 'alice', login }
})

afterEach(async () => {
  await connector.stop(500)
  await telegram.wire.stop()
  expect(telegram.wire.journal.problems).toEqual([])
})

const say = (name: string, ...args: string[]) => {
  const command = connector.commands.find((each) => each.name === name)
  if (command === undefined) throw new Error(`no command ${name}`)
  return command.run(by, args)
}

test('the address book, under the names in it', async () => {
  expect(await say('contacts')).toBe('• Carol: start-chat +300\n• Uncle Bob: start-chat @bobby')
  expect(await say('contacts', 'uncle', 'b')).toBe('• Uncle Bob: start-chat @bobby')
  expect(await say('contacts', 'dave')).toMatch(/nobody/)
})

test('people and channels by name', async () => {
  const found = await say('search', '@bobb')
  expect(found).toContain('Bobette: start-chat @bobbette')
  expect(found).toContain('Bobbins: join @bobbins (channel)')
  await expect(say('search', 'b')).rejects.toThrow('three letters')
  telegram.wire.faults.fail('contacts.search', 420, 'FLOOD_WAIT_30')
  await expect(say('search', 'bobb')).rejects.toThrow('wait 30 seconds')
})

test('without a login there is nobody to ask for', async () => {
  const { login: _, ...stranger } = by
  by = stranger
  await expect(say('contacts')).rejects.toThrow('not logged in')
})
