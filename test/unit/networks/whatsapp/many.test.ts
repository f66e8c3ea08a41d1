import { afterEach, expect, test } from 'vitest'
import type { Login } from '../../../../src/model/network.ts'
import { remoteChatId } from '../../../../src/model/ids.ts'
import { WhatsAppConnector } from '../../../../src/networks/whatsapp/connector.ts'
import { LedgerHost } from '../../../support/ledger-host.ts'
import { linkedSession, startWhatsApp, steadyClient } from '../../../support/whatsapp.ts'
import type { TestWhatsApp } from '../../../support/whatsapp.ts'
import { request } from '../irc/fake-host.ts'

const LOGINS = 12
const MESSAGES = 10

let whatsapp: TestWhatsApp
let connector: WhatsAppConnector

afterEach(async () => {
  await connector.stop(2_000)
  await whatsapp.wa.stop()
})

test(`${LOGINS} logins that share contacts, with words both ways at the same time: all arrive, once`, async () => {
  whatsapp = await startWhatsApp()
  const host = new LedgerHost()
  const slow = host.session.bind(host)
  host.session = (login) => {
    const inner = slow(login)
    return {
      ...inner,
      async setMany(values) {
        await new Promise((resolve) => setTimeout(resolve, 3))
        await inner.setMany(values)
      },
    }
  }
  const bob = await whatsapp.person('16660001', 'Bob', {}, steadyClient())
  const carol = await whatsapp.person('16660002', 'Carol', {}, steadyClient())
  const logins: Login[] = []
  for (let n = 1; n <= LOGINS; n++) {
    const phone = `1555000${String(n).padStart(2, '0')}`
    whatsapp.wa.account({ phone, name: `User ${n}` })
    const session = await linkedSession(whatsapp, phone)
    logins.push({ ...(await host.login(n, `user${n}`, phone, session)), network: 'whatsapp' })
  }
  host.saved.splice(0, host.saved.length, ...logins)
  connector = new WhatsAppConnector(whatsapp.config, { backoffMs: 10 })
  await connector.start(host)
  const connected = () => connector.status().filter(({ state }) => state === 'connected').length
  await host.until(() => connected() === LOGINS, 'all to be connected')
  const texts = Array.from({ length: MESSAGES }, (_, i) => `text ${i}`)
  const out = logins.map(async (login) => {
    for (const contact of [bob, carol]) {
      for (const body of texts) {
        const chat = {
          network: 'whatsapp',
          id: remoteChatId(contact.lid),
          type: 'dm',
          receiver: login.id,
        } as const
        const outcome = await connector.send(
          request({ chat, login, action: `${login.account} ${body}`, saves: [] }),
        )
        expect(outcome.kind).toBe('delivered')
      }
    }
  })
  const back = [bob, carol].map(async (contact) => {
    for (const body of texts)
      for (const { account } of logins)
        await contact.socket.sendMessage(`${account}@s.whatsapp.net`, { text: body })
  })
  await Promise.all([...out, ...back])
  const came = (login: Login, from: string) =>
    host
      .of('message')
      .flatMap(({ chat, content, sender }) =>
        chat.receiver === login.id && sender?.id === from && content.kind === 'text' ? [content.body] : [],
      )
  const all = LOGINS * 2 * MESSAGES
  await host.until(() => host.of('message').length >= all, 'everything')
  for (const login of logins) {
    for (const { lid, client } of [bob, carol]) {
      // Where two write to each other first at the same moment, one asks for a message again, which then comes later.
      expect(came(login, lid).toSorted()).toEqual(texts.toSorted())
      const own = client.texts.filter((each) => each.startsWith(`${login.account} `))
      const expected = texts.map((each) => `${login.account} ${each}`)
      expect([...new Set(own)].toSorted()).toEqual(expected.toSorted())
    }
  }
}, 120_000)
