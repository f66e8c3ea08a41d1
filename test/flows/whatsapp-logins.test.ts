import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askPoll, isVote, vote } from '../support/matrix-events.ts'
import type { Person as MatrixPerson } from '../support/stack.ts'
import { words } from '../support/stack.ts'
import type { Person } from '../support/whatsapp.ts'
import { cast, questionOf, votedIn } from '../support/whatsapp-polls.ts'
import { WhatsAppWorld, textOf } from '../support/whatsapp-world.ts'
import { doublePuppet } from '../support/worlds.ts'

/** Several people of the bridge in one group: everything is in its room once, under the name of whoever did it. */
let world: WhatsAppWorld
let erin: MatrixPerson
let hers: Person
let group: string
let room: string

beforeAll(async () => {
  world = await WhatsAppWorld.start(doublePuppet)
  hers = await world.whatsapp.person('4915611111111', 'Erin')
  erin = await world.stack.person('erin')
  await world.logIn(erin, hers)
  const entered = await world.enterGroup('Tea room', world.her, hers)
  group = entered.group.jid
  room = entered.room
  await world.until(() => world.homeserver.members(room).includes(erin.user.userId), 'erin to be in it')
})

afterAll(() => world.end())

/** The people of the bridge with their phones. */
const users = (): [MatrixPerson, Person][] => [
  [world.alice, world.her],
  [erin, hers],
]
const localpart = (userId: string) => userId.slice(1).split(':')[0]
const PROVEN = 'all of it is here'
/** Who said a text in the room, each time that it was said, once everything that was said before has come. */
const speakersOf = async (text: string): Promise<string[]> => {
  await world.quiet()
  return words(world.homeserver, room)
    .filter((line) => line.endsWith(`: ${text}`))
    .map((line) => line.slice(0, line.indexOf(':')))
}
/** Resolves when both accounts have taken in all that was said up to now. */
const settled = async () => {
  for (const [, { account }] of users())
    for (const device of account.devices.values())
      await world.until(() => device.mailbox.waiting.length === 0, `${account.name} to have everything`)
  await world.quiet()
}

test('what a contact says, edits, reacts and takes back is there once', async () => {
  const { bob } = world
  const ghost = localpart(world.ghost(bob))
  const sent = await world.bobSays(group, { text: 'once' })
  const { event_id } = await world.message(room, 'once')
  await world.bobSays(group, { text: 'only once', edit: sent.key })
  await world.bobSays(group, { react: { text: '👍', key: sent.key } })
  await world.related(room, event_id, (e) => e.type === 'm.reaction', 'the thumb')
  await settled()
  expect(await speakersOf('once')).toEqual([ghost])
  const about = world.homeserver
    .timeline(room)
    .filter(({ content }) => JSON.stringify(content).includes(event_id))
    .map(({ content }) => (content['m.relates_to'] as { rel_type: string }).rel_type)
  expect(about.toSorted()).toEqual(['m.annotation', 'm.replace'])
  await world.bobSays(group, { delete: sent.key })
  await world.redacted(room, event_id)
})

test('what one of them says on Matrix is there once, and goes out as their own', async () => {
  for (const [person, phone] of users()) {
    const text = `said by ${phone.account.name}`
    await person.user.sendText(room, text)
    const { message } = await world.text(text)
    expect(message.key.participant).toBe(phone.lid)
    await settled()
    expect(await speakersOf(text)).toEqual([localpart(person.user.userId)])
  }
})

test('what is said on a phone appears under the name of whoever said it', async () => {
  for (const [person, phone] of users()) {
    const text = `typed by ${phone.account.name}`
    await world.says(phone, group, { text })
    await world.message(room, text)
    await settled()
    expect(await speakersOf(text)).toEqual([localpart(person.user.userId)])
  }
})

test('what is not acknowledged yet does not come back by the other account', async () => {
  const { faults } = world.wa.world
  const { phone } = world.her.account
  const release = ['ack', 'receipt'].map((tag) => faults.hold({ phone, tag }))
  await world.alice.user.sendText(room, 'in doubt')
  const { message } = await world.text('in doubt')
  const erinHas = () =>
    [...hers.account.devices.values()].every(
      ({ mailbox }) =>
        mailbox.waiting.length === 0 && mailbox.recent.some(({ attrs }) => attrs['id'] === message.key.id),
    )
  await world.until(erinHas, 'erin to have it')
  // Something later is in the room by way of erin's account.
  await world.says(hers, group, { text: PROVEN })
  await world.message(room, PROVEN)
  for (const each of release) each()
  await settled()
  expect(await speakersOf('in doubt')).toEqual(['alice'])
})

test('a conversation between two of them is a room for each', async () => {
  const before = world.homeserver.roomIds()
  await world.alice.ask(`start-chat +${hers.account.phone}`, 'a room with')
  const isNew = (id: string) =>
    !before.includes(id) && world.homeserver.members(id).includes(world.alice.user.userId)
  await world.until(() => world.homeserver.roomIds().some(isNew), 'her to be in the new room')
  const mine = world.homeserver.roomIds().find(isNew) ?? ''
  await world.alice.user.sendText(mine, 'psst')
  const rooms = () =>
    world.homeserver
      .roomIds()
      .filter((id) => world.homeserver.timeline(id).some((e) => e.content['body'] === 'psst'))
  await world.until(() => rooms().length === 2, 'a room for each')
  const [theirs = ''] = rooms().filter((id) => id !== mine)
  await world.until(() => world.homeserver.members(theirs).includes(erin.user.userId), 'erin to be in it')
  await erin.user.sendText(theirs, 'psst yourself')
  await world.message(mine, 'psst yourself')
})

describe('polls and reactions', () => {
  test('one asks on Matrix, the other votes on Matrix and on the phone', async () => {
    const poll = await askPoll(world.alice.user, room, 'Cake?', ['yes', 'no'])
    const { message: asked } = await world.sees((content) => questionOf(content) === 'Cake?', 'the poll')
    await settled()
    await vote(erin.user, room, poll, ['yes'])
    await world.sees(
      (content) => votedIn(asked, content, [world.her, hers])?.join() === 'yes',
      'the vote of erin',
    )
    await cast(hers, group, asked, world.her, ['no'])
    await world.related(room, poll, isVote(erin.user.userId, ['no']), 'her other vote')
  })

  test('a reaction of Matrix is replaced on the phone, and taken back there', async () => {
    const joke = await world.bobSays(group, { text: 'a joke' })
    const { event_id } = await world.message(room, 'a joke')
    const thumb = await world.alice.user.react(room, event_id, '👍')
    await world.sees(({ reactionMessage }) => reactionMessage?.text === '👍', 'the thumb')
    await world.quiet()
    const { message } = await world.text('a joke', world.her)
    expect(message.key.id).toBe(joke.key.id)
    await world.says(world.her, group, { react: { text: '🔥', key: message.key } })
    await world.redacted(room, thumb)
    const isFire = (e: { sender: string; content: Record<string, unknown> }) =>
      e.sender === world.alice.user.userId && JSON.stringify(e.content).includes('🔥')
    const fire = await world.related(room, event_id, isFire, 'the fire')
    await world.says(world.her, group, { react: { text: '', key: message.key } })
    await world.redacted(room, fire.event_id)
    const heart = await world.alice.user.react(room, event_id, '❤️')
    await world.sees(({ reactionMessage }) => reactionMessage?.text === '❤️', 'the heart')
    await world.quiet()
    await world.says(world.her, group, { react: { text: '', key: message.key } })
    await world.redacted(room, heart)
  })
})

test('one of them leaves: the other goes on', async () => {
  await erin.user.leave(room)
  await world.until(
    () => world.wa.world.groups.find(group)?.members.has(hers.account) === false,
    'erin to leave',
  )
  await world.bobSays(group, { text: 'without erin' })
  await world.message(room, 'without erin')
  await world.alice.user.sendText(room, 'so it is')
  expect(textOf((await world.text('so it is')).content)).toBe('so it is')
})
