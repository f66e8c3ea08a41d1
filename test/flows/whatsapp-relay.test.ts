import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimUser } from '../sim/homeserver/index.ts'
import { askPoll, attach, endPoll, isPoll, pollIn, vote, voteIn } from '../support/matrix-events.ts'
import type { Person as MatrixPerson } from '../support/stack.ts'
import type { Person } from '../support/whatsapp.ts'
import { bytesOf } from '../support/whatsapp-media.ts'
import { cast, questionOf } from '../support/whatsapp-polls.ts'
import { WhatsAppWorld, digits, textOf } from '../support/whatsapp-world.ts'

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
  relay = await world.whatsapp.person(RELAY, 'Bridge')
  const entered = await world.enterGroup('Open house', world.her, relay)
  group = entered.group.jid
  room = entered.room
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

afterAll(() => world.end(['You are not logged in']))

const isFrom =
  (who: Person) =>
  ({ key }: { key: { participant?: string | null } }) =>
    key.participant?.startsWith(digits(who.lid)) === true

test('nobody speaks before an admin has switched it on, and only where the account is', async () => {
  await dave.sendText(room, 'too early')
  await world.see(room, 'You are not logged in')
  const { room: elsewhere } = await world.enterGroup('Elsewhere', world.her)
  await world.alice.user.invite(elsewhere, admin.user.userId)
  await admin.user.join(elsewhere)
  await admin.user.sendText(elsewhere, '!viaduct set-relay on')
  await world.see(elsewhere, 'The shared connection is not in this conversation')
  await admin.user.sendText(room, '!viaduct set-relay on')
  await world.see(room, 'People without a login can speak here now.')
})

test('they speak under their names, and are answered; others speak as themselves', async () => {
  const mine = await dave.sendText(room, 'hello all')
  const { message } = await world.text('*Dave*: hello all')
  expect(isFrom(relay)(message)).toBe(true)
  await world.bobSays(group, { text: 'hello Dave' }, { quoted: message })
  const answer = await world.message(room, 'hello Dave')
  expect(answer.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: mine } })
  await dave.reply(room, answer.event_id, 'how are you?')
  const reply = await world.text('*Dave*: how are you?')
  expect(reply.content.extendedTextMessage?.contextInfo?.quotedMessage?.conversation).toBe('hello Dave')
  await dave.send(room, 'm.room.message', { msgtype: 'm.emote', body: 'waves' })
  await world.text('*Dave* waves')
  await world.alice.user.sendText(room, 'as myself')
  expect(isFrom(world.her)((await world.text('as myself')).message)).toBe(true)
  await admin.user.sendText(room, 'as the account itself')
  expect(isFrom(relay)((await world.text('as the account itself')).message)).toBe(true)
})

test('they send files, edit and take back', async () => {
  await attach(dave, room, {
    msgtype: 'm.image',
    mimetype: 'image/png',
    bytes: Buffer.from('a cat'),
    name: 'p.png',
    caption: { body: 'my cat' },
  })
  const cat = await world.text('*Dave*: my cat')
  expect((await bytesOf(cat.message)).toString()).toBe('a cat')
  await dave.send(room, 'm.room.message', {
    msgtype: 'm.location',
    body: 'here',
    geo_uri: 'geo:52.5,13.4',
  })
  await world.text('*Dave*:')
  await world.sees(({ locationMessage }) => locationMessage?.degreesLatitude === 52.5, 'the place')
  const mine = await dave.sendText(room, 'I liek it')
  const { message } = await world.text('*Dave*: I liek it')
  await dave.edit(room, mine, 'I like it')
  await world.edited(message.key, '*Dave*: I like it')
  await dave.redact(room, mine)
  await world.revoked(message.key)
})

test('they react in words, of which the account has one for all', async () => {
  const joke = await world.bobSays(group, { text: 'a joke' })
  const { event_id } = await world.message(room, 'a joke')
  const thumb = await dave.react(room, event_id, '👍')
  const { content } = await world.text('*Dave* reacted 👍')
  expect(content.extendedTextMessage?.contextInfo?.stanzaId).toBe(joke.key.id)
  await dave.redact(room, thumb)
  await world.text('*Dave* took back 👍')
  await admin.user.react(room, event_id, '🔥')
  await world.sees(({ reactionMessage }) => reactionMessage?.text === '🔥', 'the fire of the account')
})

describe('polls', () => {
  test('they make them, and contacts vote in them', async () => {
    const poll = await askPoll(dave, room, 'Lunch?', ['Pizza', 'Soup'])
    const { message } = await world.sees((content) => questionOf(content) === 'Lunch?', 'the poll')
    await cast(world.bob, group, message, relay, ['Soup'])
    const isHis = (e: { sender: string }) => e.sender === world.ghost(world.bob)
    const ballot = await world.related(room, poll, isHis, 'the vote')
    expect(voteIn(ballot)).toEqual({ answers: ['soup'] })
    await world.quiet()
    await endPoll(dave, room, poll)
    await world.sees((content) => textOf(content)?.includes('👍 Soup — 1 (100%)'), 'the result')
  })

  test('they vote in those of others, in words', async () => {
    await world.bobSays(group, { poll: { name: 'Tea?', values: ['yes', 'no'], selectableCount: 1 } })
    const poll = await world.happens(room, isPoll('Tea?'), 'the poll')
    await vote(dave, room, poll.event_id, [pollIn(poll).answers[0]?.id])
    await world.text('*Dave* voted for yes')
    await vote(dave, room, poll.event_id, [])
    await world.text('*Dave* took back the vote')
  })
})

test('what was said while the account was away is said when it is back', async () => {
  const { faults } = world.wa.world
  const device = [...relay.account.devices.keys()].find((number) => number !== 0) ?? 0
  faults.disconnect(relay.account.phone, device)
  await dave.sendText(room, 'through the storm')
  await world.text('*Dave*: through the storm')
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
