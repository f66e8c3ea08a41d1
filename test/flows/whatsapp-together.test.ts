import { afterEach, expect, test } from 'vitest'
import { WhatsAppConnector } from '../../src/networks/whatsapp/connector.ts'
import { byId, isUndecrypted, textIn } from '../support/killed-whatsapp.ts'
import { scannedBy } from '../support/qr-text.ts'
import { Stack, words } from '../support/stack.ts'
import type { Person as MatrixPerson } from '../support/stack.ts'
import { startWhatsApp, steadyClient } from '../support/whatsapp.ts'
import type { TestWhatsApp } from '../support/whatsapp.ts'

const LOGINS = 12
const MESSAGES = 8
/** Each of them comes to every account. */
const TO_ALL = 3
const PATIENCE_MS = 120_000

let whatsapp: TestWhatsApp | undefined
let stack: Stack | undefined

afterEach(async () => {
  await stack?.close()
  await whatsapp?.wa.stop()
})

test(
  `${LOGINS} accounts of one bridge that share contacts and a group, all talking at the same time: each word once, in order`,
  async () => {
    const world = await startWhatsApp()
    whatsapp = world
    const connector = new WhatsAppConnector(world.config, { backoffMs: 10 })
    const running = await Stack.start(() => [connector])
    stack = running
    const { homeserver } = running
    const contacts = [
      await world.person('16660001', 'Bob', {}, steadyClient()),
      await world.person('16660002', 'Carol', {}, steadyClient()),
    ]

    const roomsWith = (body: string) =>
      homeserver.roomIds().filter((id) => homeserver.timeline(id).some((e) => e.content['body'] === body))
    async function enter(person: MatrixPerson, body: string): Promise<string> {
      await homeserver.waitFor(() => roomsWith(body).length > 0, `a room with "${body}"`, PATIENCE_MS)
      const [room = ''] = roomsWith(body)
      await person.user.join(room)
      return room
    }

    const people: { person: MatrixPerson; phone: string; direct: string[] }[] = []
    for (let n = 1; n <= LOGINS; n += 1) {
      const phone = `155500${String(n).padStart(2, '0')}`
      const lid = world.wa.account({ phone, name: `User ${n}` }).jid('lid')
      const person = await running.person(`user${n}`)
      await person.ask('login whatsapp qr', 'asking WhatsApp for a code')
      await world.wa.linking.scan(await scannedBy(person, homeserver), phone)
      await person.heard('logged in to WhatsApp')
      const isConnected = () =>
        connector.status().some(({ label, state }) => label.includes(phone) && state === 'connected')
      await homeserver.waitFor(isConnected, `${phone} to be connected`, PATIENCE_MS)
      // Who write to each other first at the same moment ask for a message again, which then comes later.
      const direct: string[] = []
      for (const { socket, account } of contacts) {
        const hello = `hello ${phone} from ${account.name}`
        await socket.sendMessage(lid, { text: hello })
        direct.push(await enter(person, hello))
      }
      people.push({ person, phone, direct })
    }
    const [bob, carol] = contacts
    if (bob === undefined || carol === undefined) throw new Error('nobody')
    const group = await bob.socket.groupCreate('Everybody', [
      carol.pn,
      ...people.map(({ phone }) => world.wa.world.find(phone).jid('pn')),
    ])
    await bob.socket.sendMessage(group.id, { text: 'hello all' })
    let room = ''
    for (const { person } of people) room = await enter(person, 'hello all')

    const numbers = Array.from({ length: MESSAGES }, (_, i) => i)
    const out = people.map(async ({ person, phone, direct }) => {
      for (const i of numbers) {
        for (const [c, each] of direct.entries()) await person.user.sendText(each, `${phone} to ${c} ${i}`)
        if (i < TO_ALL) await person.user.sendText(room, `${phone} to all ${i}`)
      }
    })
    const back = contacts.map(async ({ socket }, c) => {
      for (const i of numbers) {
        for (const { phone } of people)
          await socket.sendMessage(world.wa.world.find(phone).jid('lid'), { text: `${c} to ${phone} ${i}` })
        if (i < TO_ALL) await socket.sendMessage(group.id, { text: `${c} to all ${i}` })
      }
    })
    await Promise.all([...out, ...back])

    const seen = (where: string, lead: string) =>
      words(homeserver, where)
        .map((line) => line.slice(line.indexOf(': ') + 2))
        .filter((body) => body.startsWith(`${lead} `))
    const heard = (c: number, lead: string) =>
      byId(contacts[c]?.client.messages ?? [])
        .flatMap((message) => textIn(message) ?? [])
        .filter((text) => text.startsWith(`${lead} `))
    const countOf = (lead: string) => (lead.endsWith('all') ? TO_ALL : MESSAGES)
    const expected = (lead: string) => numbers.slice(0, countOf(lead)).map((i) => `${lead} ${i}`)
    const onWhatsApp = [0, 1].flatMap((c) =>
      people.flatMap(({ phone }) => [
        { lead: `${phone} to ${c}`, now: () => heard(c, `${phone} to ${c}`) },
        { lead: `${phone} to all`, now: () => heard(c, `${phone} to all`) },
      ]),
    )
    const onMatrix = [0, 1].flatMap((c) => [
      ...people.map(({ phone, direct }) => {
        const lead = `${c} to ${phone}`
        return { lead, now: () => seen(direct[c] ?? '', lead) }
      }),
      { lead: `${c} to all`, now: () => seen(room, `${c} to all`) },
    ])
    const all = [...onWhatsApp, ...onMatrix]
    const missing = () => all.filter(({ lead, now }) => now().length < countOf(lead))
    await homeserver
      .waitFor(() => missing().length === 0, 'everything', PATIENCE_MS)
      .catch((error: unknown) => {
        const left = missing().map(({ lead, now }) => `${lead}: ${now().join(', ')}`)
        throw new Error(left.join('\n'), { cause: error })
      })
    for (const { lead, now } of all) expect(now(), lead).toEqual(expected(lead))
    expect(roomsWith('hello all')).toHaveLength(1)
    for (const { client } of contacts) expect(client.messages.filter(isUndecrypted)).toEqual([])
    const bad = await running.database.db.query(
      `select kind, state, error_text from delivery where state in ('rejected', 'unknown', 'expired')`,
    )
    expect(bad).toEqual([])
    expect(world.wa.journal.unknown).toEqual([])
  },
  PATIENCE_MS * 3,
)
