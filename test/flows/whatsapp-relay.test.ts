import { downloadMediaMessage } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimUser } from '../sim/homeserver/index.ts'
import type { Person as MatrixPerson } from '../support/stack.ts'
import type { Person } from '../support/whatsapp.ts'
import { cast, questionOf } from '../support/whatsapp-polls.ts'
import { WhatsAppWorld, textOf } from '../support/whatsapp-world.ts'

/** People without a login, by an account that speaks for them. */
const RELAY = '4915700000000'
let world: WhatsAppWorld
let admin: MatrixPerson
let relay: Person
let dave: SimUser
let group: string
let room: string

beforeAll(async () => {
  world = await WhatsAppWorld.start({ config: { relayAccounts: [RELAY] } })
  const { bob, her } = world
  relay = await world.whatsapp.person(RELAY, 'Bridge')
  group = (await bob.socket.groupCreate('Open house', [her.pn, relay.pn])).id
  room = await world.enter(bob, group)
  admin = await world.stack.person('admin')
  await world.logIn(admin, relay)
  await world.until(
    () => world.homeserver.members(room, 'invite').includes(admin.user.userId),
    'the owner of the account to be invited',
  )
  await admin.user.join(room)
  dave = await world.homeserver.user('dave')
  await world.alice.user.invite(room, dave.userId)
  await dave.join(room)
  await dave.setDisplayName('Dave')
})

afterAll(async () => {
  await world.proveDelivered(['You are not logged in'])
  await world.close()
})

const isFrom =
  (who: Person) =>
  ({ key }: { key: { participant?: string | null } }) =>
    key.participant?.startsWith(who.lid.slice(0, -4)) === true
const said = (text: string) => world.sees((content) => textOf(content) === text, `"${text}"`)

test('nobody speaks before an admin has switched it on, and only where the account is', async () => {
  await dave.sendText(room, 'too early')
  await world.see(room, 'You are not logged in')
  const other = (await world.bob.socket.groupCreate('Elsewhere', [world.her.pn])).id
  const elsewhere = await world.enter(world.bob, other)
  await world.alice.user.invite(elsewhere, admin.user.userId)
  await admin.user.join(elsewhere)
  await admin.user.sendText(elsewhere, '!viaduct set-relay on')
  await world.see(elsewhere, 'The shared connection is not in this conversation')
  await admin.user.sendText(room, '!viaduct set-relay on')
  await world.see(room, 'People without a login can speak here now.')
})

test('they speak under their names, and are answered; others speak as themselves', async () => {
  const mine = await dave.sendText(room, 'hello all')
  const { message } = await said('*Dave*: hello all')
  expect(isFrom(relay)(message)).toBe(true)
  await world.says(world.bob, group, { text: 'hello Dave' }, { quoted: message })
  const answer = await world.message(room, 'hello Dave')
  expect(answer.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: mine } })
  await dave.reply(room, answer.event_id, 'how are you?')
  const reply = await said('*Dave*: how are you?')
  expect(reply.content.extendedTextMessage?.contextInfo?.quotedMessage?.conversation).toBe('hello Dave')
  await dave.send(room, 'm.room.message', { msgtype: 'm.emote', body: 'waves' })
  await said('*Dave* waves')
  await world.alice.user.sendText(room, 'as myself')
  expect(isFrom(world.her)((await said('as myself')).message)).toBe(true)
  await admin.user.sendText(room, 'as the account itself')
  expect(isFrom(relay)((await said('as the account itself')).message)).toBe(true)
})

test('they send files, edit and take back', async () => {
  await dave.send(room, 'm.room.message', {
    msgtype: 'm.image',
    body: 'my cat',
    filename: 'p.png',
    url: await dave.upload(Buffer.from('a cat'), 'image/png', 'p.png'),
    info: { mimetype: 'image/png' },
  })
  const cat = await said('*Dave*: my cat')
  expect((await downloadMediaMessage(cat.message, 'buffer', {})).toString()).toBe('a cat')
  await dave.send(room, 'm.room.message', {
    msgtype: 'm.location',
    body: 'here',
    geo_uri: 'geo:52.5,13.4',
  })
  await said('*Dave*:')
  await world.sees(({ locationMessage }) => locationMessage?.degreesLatitude === 52.5, 'the place')
  const mine = await dave.sendText(room, 'I liek it')
  const { message } = await said('*Dave*: I liek it')
  await dave.edit(room, mine, 'I like it')
  const changed = (words: (update: object) => boolean) =>
    world.bob.saw('messages.update', (all) =>
      all.some(({ key, update }) => key.id === message.key.id && words(update)),
    )
  await changed((update) => JSON.stringify(update).includes('*Dave*: I like it'))
  await dave.redact(room, mine)
  await changed((update) => 'message' in update && update.message === null)
})

test('they react in words, of which the account has one for all', async () => {
  const joke = await world.says(world.bob, group, { text: 'a joke' })
  const { event_id } = await world.message(room, 'a joke')
  const thumb = await dave.react(room, event_id, '👍')
  const { content } = await said('*Dave* reacted 👍')
  expect(content.extendedTextMessage?.contextInfo?.stanzaId).toBe(joke.key.id)
  await dave.redact(room, thumb)
  await said('*Dave* took back 👍')
  await admin.user.react(room, event_id, '🔥')
  await world.sees(({ reactionMessage }) => reactionMessage?.text === '🔥', 'the fire of the account')
})

describe('polls', () => {
  const START = 'org.matrix.msc3381.poll.start'
  const RESPONSE = 'org.matrix.msc3381.poll.response'
  const vote = (poll: string, ...answers: (string | undefined)[]) =>
    dave.send(room, RESPONSE, {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll },
      [RESPONSE]: { answers },
    })

  test('they make them, and contacts vote in them', async () => {
    const poll = await dave.send(room, START, {
      [START]: {
        question: { 'org.matrix.msc1767.text': 'Lunch?' },
        kind: 'org.matrix.msc3381.poll.disclosed',
        max_selections: 1,
        answers: [
          { id: 'p', 'org.matrix.msc1767.text': 'Pizza' },
          { id: 's', 'org.matrix.msc1767.text': 'Soup' },
        ],
      },
      'org.matrix.msc1767.text': 'Lunch?',
    })
    const { message } = await world.sees((content) => questionOf(content) === 'Lunch?', 'the poll')
    await cast(world.bob, group, message, relay, ['Soup'])
    const isHis = (e: { sender: string }) => e.sender === world.ghost(world.bob)
    const ballot = await world.related(room, poll, isHis, 'the vote')
    expect(ballot.content[RESPONSE]).toEqual({ answers: ['s'] })
    await world.quiet()
    await dave.send(room, 'org.matrix.msc3381.poll.end', {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll },
      'org.matrix.msc3381.poll.end': {},
      'org.matrix.msc1767.text': 'over',
    })
    await world.sees((content) => textOf(content)?.includes('👍 Soup — 1 (100%)'), 'the result')
  })

  test('they vote in those of others, in words', async () => {
    await world.says(world.bob, group, { poll: { name: 'Tea?', values: ['yes', 'no'], selectableCount: 1 } })
    const poll = await world.happens(
      room,
      (e) => e.type === START && JSON.stringify(e).includes('Tea?'),
      'the poll',
    )
    const { answers } = poll.content[START] as { answers: { id: string }[] }
    await vote(poll.event_id, answers[0]?.id)
    await said('*Dave* voted for yes')
    await vote(poll.event_id)
    await said('*Dave* took back the vote')
  })
})

test('what was said while the account was away is said when it is back', async () => {
  const { faults } = world.wa.world
  const device = [...relay.account.devices.keys()].find((number) => number !== 0) ?? 0
  faults.disconnect(relay.account.phone, device)
  await dave.sendText(room, 'through the storm')
  await said('*Dave*: through the storm')
  await world.quiet()
  const all = world.bob.client.messages.filter(({ message }) =>
    message?.extendedTextMessage?.text?.includes('through the storm'),
  )
  expect(new Set(all.map(({ key }) => key.id)).size).toBe(1)
})

test('it is switched off again', async () => {
  await admin.user.sendText(room, '!viaduct set-relay off')
  await world.see(room, 'Only people with a login can speak here now.')
  const before = world.find(room, 'You are not logged in').length
  await dave.sendText(room, 'not any more')
  await world.until(() => world.find(room, 'You are not logged in').length > before, 'the refusal')
})
