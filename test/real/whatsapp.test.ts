import { downloadMediaMessage } from '@whiskeysockets/baileys'
import type { WAMessage } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { textOfQr } from '../support/qr-text.ts'
import { cast, questionOf, votedIn } from '../support/whatsapp-polls.ts'
import { startWhatsApp } from '../support/whatsapp.ts'
import type { Person as Contact, TestWhatsApp } from '../support/whatsapp.ts'
import { freePort } from './servers/server-process.ts'
import { Synapse } from './servers/synapse.ts'
import { Bridge } from './support/bridge.ts'
import { Person } from './support/person.ts'
import type { MatrixView } from './support/matrix-view.ts'
import { until } from './support/until.ts'

/** WhatsApp as a program of its own, between Synapse, which nobody here wrote, and a loopback WhatsApp with real clients. */
let whatsapp: TestWhatsApp
let synapse: Synapse
let bridge: Bridge
let alice: Person
let carla: Person
let her: Contact
let bob: Contact
let carol: Contact
let direct: MatrixView

beforeAll(async () => {
  whatsapp = await startWhatsApp()
  const { wa } = whatsapp
  her = await whatsapp.person('4915112345678', 'Alice')
  bob = await whatsapp.person('4915212345678', 'Bob')
  carol = await whatsapp.person('4915312345678', 'Carol')
  const port = await freePort()
  bridge = await Bridge.init({
    homeserverUrl: `http://127.0.0.1:${port}`,
    serverName: 'synapse.test',
    admin: '@alice:synapse.test',
    whatsapp: { url: wa.url, root: Buffer.from(wa.front.root).toString('hex'), preload: wa.preload },
  })
  synapse = await Synapse.start({ appservices: [bridge.registrationPath], port })
  expect(await bridge.doctor()).toContain('WhatsApp')
  await bridge.start()
  alice = await Person.arrive(synapse, 'alice')
})

afterAll(async () => {
  await bridge?.stop()
  await alice?.client.stop()
  await carla?.client.stop()
  await synapse?.stop()
  await whatsapp?.wa.stop()
})

const GHOST = () => `_whatsapp_lid-${bob.account.lid}`

const CODE = /[0-9A-Z]{4}-[0-9A-Z]{4}/

/** The next room that alice is invited to, spaces aside, once somebody has said this in it. */
async function enter(who: string, body: string): Promise<MatrixView> {
  for (;;) {
    const view = await alice.acceptInvite()
    const { type } = await alice.client.getState(view.room, 'm.room.create')
    if (type === 'm.space') continue
    await view.event(who, body)
    return view
  }
}

test('a login by pairing code, and one by QR code, from the rooms with the bot', async () => {
  const { wa } = whatsapp
  carla = await Person.arrive(synapse, 'carla')
  await carla.ask('login whatsapp code', 'phone number')
  await carla.ask(`+${carol.account.phone}`)
  const shown = await carla.client.sync.waitForEvent(({ content }) => CODE.test(String(content['body'])))
  const [code = ''] = CODE.exec(String(shown.content['body'])) ?? []
  await wa.linking.enterCode(code, carol.account.phone)
  await carla.hears('logged in to WhatsApp')
  await alice.ask('login whatsapp qr', 'asking WhatsApp')
  const image = await alice.client.sync.waitForEvent(
    ({ content }) => content['filename'] === 'code.png' && typeof content['url'] === 'string',
  )
  const { bytes } = await alice.client.download(String(image.content['url']))
  await wa.linking.scan(textOfQr(bytes), her.account.phone)
  await alice.hears('logged in to WhatsApp')
  await until(
    'the bridge to be connected',
    () => wa.world.find(her.account.phone).devices.get(1)?.keys !== undefined,
  )
})

test("a direct chat has the name of her address book, and the contact's own elsewhere", async () => {
  whatsapp.wa.world.desk(her.account.phone).contact(bob.account, { fullName: 'Bobby Tables' })
  await bob.socket.sendMessage(her.lid, { text: 'hello from WhatsApp' })
  direct = await enter(GHOST(), 'hello from WhatsApp')
  await until('the name', async () => {
    const members = await alice.client.joinedMembers(direct.room)
    return Object.entries(members).some(
      ([id, { display_name: name }]) => id.startsWith(`@${GHOST()}`) && name?.startsWith('Bobby Tables'),
    )
  })
})

test('text, a reply, an edit, a reaction and a removal, from WhatsApp', async () => {
  const { client } = alice
  const mine = await client.sendText(direct.room, 'a question')
  const quoted = await bob.heardText('a question')
  const answer = await bob.socket.sendMessage(her.lid, { text: 'an answr' }, { quoted })
  if (answer === undefined) throw new Error('nothing was sent')
  const event = await direct.event(GHOST(), 'an answr')
  expect((await client.getEvent(direct.room, event)).content['m.relates_to']).toMatchObject({
    'm.in_reply_to': { event_id: mine },
  })
  await bob.socket.sendMessage(her.lid, { text: 'an answer', edit: answer.key })
  await client.sync.waitForEvent(
    ({ content }) => (content['m.new_content'] as { body?: string } | undefined)?.body === 'an answer',
  )
  await bob.socket.sendMessage(her.lid, { react: { text: '👍', key: quoted.key } })
  const thumb = await client.sync.waitForEvent(({ type }) => type === 'm.reaction')
  expect(thumb.content['m.relates_to']).toMatchObject({ event_id: mine, key: '👍' })
  await bob.socket.sendMessage(her.lid, { delete: answer.key })
  await client.sync.waitForEvent(
    (each) => each.type === 'm.room.redaction' && JSON.stringify(each).includes(event),
  )
})

test('text, a reply, an edit, a reaction and a removal, from Matrix', async () => {
  const { client } = alice
  const question = await bob.socket.sendMessage(her.lid, { text: 'shall we?' })
  const event = await direct.event(GHOST(), 'shall we?')
  const mine = await client.reply(direct.room, event, 'we shal')
  const sent = await bob.heardText('we shal')
  expect(sent.message?.extendedTextMessage?.contextInfo?.stanzaId).toBe(question?.key.id)
  await client.edit(direct.room, mine, 'we shall')
  const isOf = (key: WAMessage['key']) => key.id === sent.key.id
  await bob.saw('messages.update', (updates) =>
    updates.some(({ key, update }) => isOf(key) && JSON.stringify(update).includes('we shall')),
  )
  await client.react(direct.room, event, '🔥')
  await bob.heard(({ message }) => message?.reactionMessage?.text === '🔥', 'the fire')
  await client.redact(direct.room, mine)
  await bob.saw('messages.update', (updates) =>
    updates.some(({ key, update }) => isOf(key) && update.message === null),
  )
})

test('a file and a picture with a caption, both ways', async () => {
  const { client } = alice
  const bytes = new Uint8Array(300_000).fill(7)
  await client.send(direct.room, {
    msgtype: 'm.file',
    body: 'read this',
    filename: 'report.pdf',
    url: await client.upload(bytes, 'application/pdf', 'report.pdf'),
    info: { mimetype: 'application/pdf', size: bytes.length },
  })
  const documentIn = ({ message }: WAMessage) =>
    message?.documentMessage ?? message?.documentWithCaptionMessage?.message?.documentMessage
  const got = await bob.heard((message) => documentIn(message)?.caption === 'read this', 'the file')
  expect((await downloadMediaMessage(got, 'buffer', {})).equals(Buffer.from(bytes))).toBe(true)
  const photo = Buffer.alloc(200_000, 'bob')
  await bob.socket.sendMessage(her.lid, { image: photo, caption: 'and this', jpegThumbnail: '' })
  const event = await direct.event(GHOST(), 'and this')
  const { content } = await client.getEvent(direct.room, event)
  expect(content['msgtype']).toBe('m.image')
  expect((await client.download(String(content['url']))).bytes.equals(photo)).toBe(true)
})

test('a group with polls, with votes both ways', async () => {
  const { client } = alice
  const group = await bob.socket.groupCreate('Tea room', [her.pn, carol.pn])
  await bob.socket.sendMessage(group.id, { text: 'to all' })
  const { room } = await enter(GHOST(), 'to all')
  expect(await client.getState(room, 'm.room.name')).toMatchObject({ name: 'Tea room' })
  await client.sendText(room, 'hello everybody')
  await bob.heardText('hello everybody')
  await carol.heardText('hello everybody')

  const poll = await client.startPoll(room, 'Lunch?', ['Pizza', 'Soup'])
  const asked = await carol.heard(({ message }) => message && questionOf(message) === 'Lunch?', 'the poll')
  await cast(carol, group.id, asked, her, ['Soup'])
  await client.sync.waitForEvent(
    ({ type, content }) => type.endsWith('poll.response') && JSON.stringify(content).includes(poll),
  )
  const tea = { name: 'Tea?', values: ['yes', 'no'], selectableCount: 1 }
  const his = await bob.socket.sendMessage(group.id, { poll: tea })
  const start = await client.sync.waitForEvent(
    ({ type, content }) => type.endsWith('poll.start') && JSON.stringify(content).includes('Tea?'),
  )
  const { answers } = start.content['org.matrix.msc3381.poll.start'] as { answers: { id: string }[] }
  await client.votePoll(room, start.event_id ?? '', [answers[0]?.id ?? ''])
  if (his === undefined) throw new Error('nothing was sent')
  const vote = ({ message }: WAMessage) => message && votedIn(his, message, [her, bob])
  const heard = await bob.heard(
    (message) => vote(message) !== undefined && vote(message) !== null,
    'her vote',
  )
  expect(vote(heard)).toEqual(['yes'])
})

test('a kill of the bridge loses nothing and doubles nothing', async () => {
  const { client } = alice
  for (let i = 0; i < 10; i++) {
    await client.sendText(direct.room, `out ${i}`)
    await bob.socket.sendMessage(her.lid, { text: `in ${i}` })
    if (i === 3) {
      await bridge.kill()
      await bridge.start()
    }
  }
  await bob.heardText('out 9')
  await direct.event(GHOST(), 'in 9')
  const numbers = (word: string) => Array.from({ length: 10 }, (_, i) => `${word} ${i}`)
  const byId = new Map(bob.client.messages.map((message) => [message.key.id, message]))
  const texts = [...byId.values()].flatMap(
    ({ message }) => message?.conversation ?? message?.extendedTextMessage?.text ?? [],
  )
  expect(texts.filter((text) => text.startsWith('out '))).toEqual(numbers('out'))
  const bodies = (await client.history(direct.room)).map(({ content }) => String(content['body']))
  expect(bodies.filter((body) => body.startsWith('in '))).toEqual(numbers('in'))
})

test('every delivery came to an end, none of them badly', async () => {
  while ((await bridge.ledger('waiting')).length > 0) continue
  expect(await bridge.ledger('failed')).toEqual([])
  expect(whatsapp.wa.journal.unknown).toEqual([])
})
