import { afterAll, beforeAll, expect, test } from 'vitest'
import { Phone } from '../sim/telegram/clients/phone.ts'
import { SimTelegram } from '../sim/telegram/index.ts'
import type { Account, Channel, Seen } from '../sim/telegram/world/index.ts'
import { freePort } from './servers/server-process.ts'
import { Synapse } from './servers/synapse.ts'
import { Bridge } from './support/bridge.ts'
import { Person } from './support/person.ts'
import type { MatrixView } from './support/matrix-view.ts'
import { until } from './support/until.ts'

/** Telegram as a program of its own, between Synapse, which nobody here wrote, and a loopback Telegram. */
let telegram: SimTelegram
let synapse: Synapse
let bridge: Bridge
let alice: Person
let her: Account
let bob: Account
let group: Channel
let room: MatrixView
let phone: Phone

beforeAll(async () => {
  telegram = await SimTelegram.start()
  const { world: tg, host, port: tgPort, serverKey } = telegram
  her = tg.user({ firstName: 'Alice', phone: '4915112345678' })
  bob = tg.user({ firstName: 'Bob', phone: '4915212345678' })
  group = tg.supergroup({ title: 'Tea room', members: [bob, her] })
  const port = await freePort()
  bridge = await Bridge.init({
    homeserverUrl: `http://127.0.0.1:${port}`,
    serverName: 'synapse.test',
    admin: '@alice:synapse.test',
    telegram: { host, port: tgPort, publicKey: serverKey.pem },
  })
  synapse = await Synapse.start({ appservices: [bridge.registrationPath], port })
  await bridge.doctor()
  await bridge.start()
  alice = await Person.arrive(synapse, 'alice')
  await alice.ask('login telegram phone', 'phone number')
  await alice.ask('+49 1511 2345678', 'sent you a code')
  await alice.ask(tg.codes.get(her.id) ?? '', 'logged in to Telegram as Alice')
  tg.say(bob, group, 'hello from Telegram')
  phone = await Phone.connect(telegram, bob)
  room = await enter()
})

afterAll(async () => {
  await phone?.close()
  await bridge?.stop()
  await alice?.client.stop()
  await synapse?.stop()
  await telegram?.stop()
})

const ghost = () => `_telegram_${bob.id}`
const peer = () => -1_000_000_000_000n - group.id

/** The room of the group among those that alice is invited to. */
async function enter(): Promise<MatrixView> {
  for (;;) {
    const view = await alice.acceptInvite()
    const state = await alice.client.getState(view.room, 'm.room.name').catch(() => undefined)
    if (state?.['name'] === 'Tea room') return view
  }
}

async function seen(wanted: (seen: Seen) => boolean, what: string): Promise<Seen> {
  const find = () => telegram.world.view(bob, group).findLast(wanted)
  await until(what, () => find() !== undefined)
  const found = find()
  if (found === undefined) throw new Error('gone')
  return found
}

test('text, an answer, an edit, a reaction and a removal, from Telegram', async () => {
  const { client } = alice
  const mine = await client.sendText(room.room, 'a question')
  const question = await seen(({ text }) => text === 'a question', 'her question')
  const answer = await phone.sendText(peer(), 'an answr', { replyTo: question.id })
  const event = await room.event(ghost(), 'an answr')
  expect((await client.getEvent(room.room, event)).content['m.relates_to']).toMatchObject({
    'm.in_reply_to': { event_id: mine },
  })
  await phone.edit(peer(), answer, 'an answer')
  await client.sync.waitForEvent(
    ({ content }) => (content['m.new_content'] as { body?: string } | undefined)?.body === 'an answer',
  )
  await phone.react(peer(), question.id, '👍')
  const thumb = await client.sync.waitForEvent(({ type }) => type === 'm.reaction')
  expect(thumb.content['m.relates_to']).toMatchObject({ event_id: mine, key: '👍' })
  await phone.remove(peer(), answer)
  await client.sync.waitForEvent(
    (each) => each.type === 'm.room.redaction' && JSON.stringify(each).includes(event),
  )
})

test('text, an answer, an edit, a reaction and a removal, from Matrix', async () => {
  const { client } = alice
  const id = await phone.sendText(peer(), 'shall we?')
  const event = await room.event(ghost(), 'shall we?')
  const mine = await client.reply(room.room, event, 'we shal')
  expect((await seen(({ text }) => text === 'we shal', 'the answer')).replyTo).toBe(id)
  await client.edit(room.room, mine, 'we shall')
  await seen(({ text }) => text === 'we shall', 'the edit')
  await client.react(room.room, event, '🔥')
  await seen((each) => each.id === id && each.reactions[0]?.reaction === '🔥', 'the reaction')
  await client.redact(room.room, mine)
  await until('the removal', () => telegram.world.view(bob, group).every(({ text }) => text !== 'we shall'))
})

test('a picture with a caption, both ways', async () => {
  const { client } = alice
  const bytes = new Uint8Array(300_000).fill(7)
  const url = await client.upload(bytes, 'application/pdf', 'report.pdf')
  await client.send(room.room, {
    msgtype: 'm.file',
    body: 'read this',
    filename: 'report.pdf',
    url,
    info: { mimetype: 'application/pdf', size: bytes.length },
  })
  const { id } = await seen(({ text }) => text === 'read this', 'the file')
  expect((await phone.download(peer(), id)).equals(Buffer.from(bytes))).toBe(true)
  await phone.sendFile(peer(), Buffer.alloc(200_000, 'bob'), {
    name: 'b.txt',
    caption: 'and this',
    asDocument: true,
  })
  const event = await room.event(ghost(), 'and this')
  const { content } = await client.getEvent(room.room, event)
  const { bytes: got } = await client.download(String(content['url']))
  expect(got.equals(Buffer.alloc(200_000, 'bob'))).toBe(true)
})

test('polls, both ways', async () => {
  const { client } = alice
  const poll = await client.startPoll(room.room, 'Lunch?', ['Pizza', 'Soup'])
  const asked = await seen((each) => each.poll?.question === 'Lunch?', 'the poll')
  await phone.vote(peer(), asked.id, 1)
  await client.sync.waitForEvent(
    ({ type, content }) => type.endsWith('poll.response') && JSON.stringify(content).includes(poll),
  )
  await client.endPoll(room.room, poll)
  await seen((each) => each.poll?.question === 'Lunch?' && each.poll.closed, 'its end')
  await phone.sendPoll(peer(), { question: 'Tea?', answers: ['yes', 'no'], publicVoters: true })
  const his = await client.sync.waitForEvent(
    ({ type, content }) => type.endsWith('poll.start') && JSON.stringify(content).includes('Tea?'),
  )
  const start = his.content['org.matrix.msc3381.poll.start'] as { answers: { id: string }[] }
  await client.votePoll(room.room, his.event_id ?? '', [start.answers[0]?.id ?? ''])
  await seen((each) => each.poll?.question === 'Tea?' && each.poll.voters === 1, 'her vote')
})

test('a kill of the bridge loses nothing and doubles nothing', async () => {
  const { client } = alice
  for (let i = 0; i < 10; i++) {
    await client.sendText(room.room, `out ${i}`)
    telegram.world.say(bob, group, `in ${i}`)
    if (i === 3) {
      await bridge.kill()
      await bridge.start()
    }
  }
  await seen(({ text }) => text === 'out 9', 'the last one')
  await room.event(ghost(), 'in 9')
  const numbers = (word: string) => Array.from({ length: 10 }, (_, i) => `${word} ${i}`)
  const texts = telegram.world.view(bob, group).map(({ text }) => text)
  expect(texts.filter((text) => text.startsWith('out '))).toEqual(numbers('out'))
  const bodies = (await client.history(room.room)).map(({ content }) => String(content['body']))
  expect(bodies.filter((body) => body.startsWith('in '))).toEqual(numbers('in'))
})

test('every delivery came to an end, none of them badly', async () => {
  while ((await bridge.ledger('waiting')).length > 0) continue
  expect(await bridge.ledger('failed')).toEqual([])
  expect(telegram.problems).toEqual([])
})
