import type { WAMessage } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askPoll, endPoll, isPoll, isVote, pollIn, vote } from '../support/matrix-events.ts'
import type { Person } from '../support/whatsapp.ts'
import { cast, questionOf, votedIn } from '../support/whatsapp-polls.ts'
import { WhatsAppRooms } from '../support/whatsapp-rooms.ts'
import { WhatsAppWorld, textOf } from '../support/whatsapp-world.ts'
import { doublePuppet } from '../support/worlds.ts'

/** Polls, between a Matrix user and contacts with apps of WhatsApp. */
let world: WhatsAppWorld
let rooms: WhatsAppRooms
let carol: Person

beforeAll(async () => {
  world = await WhatsAppWorld.start(doublePuppet)
  carol = await world.carol()
  rooms = await WhatsAppRooms.enter(world, { others: [carol] })
})

afterAll(() => world.end(['The poll has ended', 'cannot vote in it']))

const create = (question: string, answers: string[], most = 1, where = rooms.group) =>
  askPoll(world.alice.user, where, question, answers, most)
const votes = (poll: string, answers: (string | undefined)[], where = rooms.group) =>
  vote(world.alice.user, where, poll, answers)

/** The poll as an app has it. */
const onWhatsApp = async (question: string, by = world.bob): Promise<WAMessage> =>
  (await world.sees((content) => questionOf(content) === question, question, by)).message
const onMatrix = (question: string, where = rooms.group) => world.happens(where, isPoll(question), 'the poll')
/** Waits for a vote of Matrix, as bob's app has it. */
const herVote = (poll: WAMessage, answers: string[], by = world.bob) =>
  world.sees(
    (content) => votedIn(poll, content, [world.her, world.bob])?.join() === answers.join(),
    `a vote for ${answers.join() || 'nothing'}`,
    by,
  )
const voteOf = (poll: string, who: string, ids: (string | undefined)[], where = rooms.group) =>
  world.related(where, poll, isVote(who, ids), `the vote of ${who} for ${ids.join() || 'nothing'}`)

describe('of Matrix', () => {
  test('is created, voted in by both, voted anew, taken back, and ended in words', async () => {
    const { bob } = world
    const poll = await create('Lunch?', ['Pizza', 'Soup'])
    const seen = await onWhatsApp('Lunch?')
    expect(seen.message?.pollCreationMessageV3?.selectableOptionsCount).toBe(1)
    await cast(bob, rooms.groupJid, seen, world.her, ['Soup'])
    await voteOf(poll, world.ghost(bob), ['soup'])
    await cast(bob, rooms.groupJid, seen, world.her, [])
    await voteOf(poll, world.ghost(bob), [])
    await cast(bob, rooms.groupJid, seen, world.her, ['Pizza'])
    await voteOf(poll, world.ghost(bob), ['pizza'])
    await votes(poll, ['pizza'])
    await herVote(seen, ['Pizza'])
    await votes(poll, ['soup'])
    await herVote(seen, ['Soup'])
    await votes(poll, [])
    await herVote(seen, [])
    await world.quiet()
    await endPoll(world.alice.user, rooms.group, poll)
    const end = await world.sees((content) => textOf(content)?.startsWith('The poll has ended'), 'the end')
    expect(textOf(end.content)).toContain('👍 Pizza — 1 (100%)')
    expect(end.content.extendedTextMessage?.contextInfo?.stanzaId).toBe(seen.key.id)
    await world.see(rooms.group, 'WhatsApp has no end for polls')
    await votes(poll, ['soup'])
    await world.see(rooms.group, 'The poll has ended.')
  })

  test('with several answers each, in a direct chat', async () => {
    const poll = await create('Toppings?', ['Cheese', 'Ham', 'Olives'], 3, rooms.direct)
    const seen = await onWhatsApp('Toppings?')
    expect(seen.message?.pollCreationMessage?.selectableOptionsCount).toBe(0)
    await votes(poll, ['cheese', 'olives'], rooms.direct)
    await herVote(seen, ['Cheese', 'Olives'])
    await cast(world.bob, world.her.lid, seen, world.her, ['Ham', 'Olives'])
    await voteOf(poll, world.ghost(world.bob), ['ham', 'olives'], rooms.direct)
  })

  test('is voted in on her own phone', async () => {
    const poll = await create('Which tea?', ['Green', 'Black'])
    const seen = await onWhatsApp('Which tea?', world.her)
    await cast(world.her, rooms.groupJid, seen, world.her, ['Black'])
    await voteOf(poll, world.alice.user.userId, ['black'])
  })

  test('a vote in the moment of its creation is not lost', async () => {
    const { her, bob } = world
    // The vote is at the server before the bridge knows that its poll is.
    world.wa.world.faults.dropAck({ phone: her.account.phone, count: 1 })
    const poll = await create('Quick?', ['Yes', 'No'])
    const seen = await onWhatsApp('Quick?')
    await cast(bob, rooms.groupJid, seen, her, ['No'])
    await voteOf(poll, world.ghost(bob), ['no'])
  })

  test('that WhatsApp would not take is written out, and its sender is told', async () => {
    const many = Array.from({ length: 13 }, (_, i) => `Answer ${i}`)
    await create('Too many?', many)
    const { content } = await world.sees((each) => textOf(each)?.includes('Too many?'), 'the words')
    expect(textOf(content)).toContain('13. Answer 12')
    await world.see(rooms.group, 'WhatsApp takes polls with 2 to 12 answers')
    await create('Twice?', ['Same', 'Same '])
    await world.sees((each) => textOf(each)?.includes('Twice?'), 'the words')
    await world.see(rooms.group, 'WhatsApp does not take the same answer twice')
  })
})

describe('of WhatsApp', () => {
  const ask = (name: string, values: string[], selectableCount = 1, chat = rooms.groupJid) =>
    world.bobSays(chat, { poll: { name, values, selectableCount } })

  test('is shown, voted in by all, and votes change', async () => {
    const { bob } = world
    const sent = await ask('Tea?', ['yes', 'no'])
    const poll = await onMatrix('Tea?')
    expect(poll.sender).toBe(world.ghost(bob))
    expect(pollIn(poll)).toMatchObject({ max_selections: 1 })
    const [yes, no] = pollIn(poll).answers.map(({ id }) => id)
    await votes(poll.event_id, [yes])
    await herVote(sent, ['yes'])
    await herVote(sent, ['yes'], carol)
    await cast(carol, rooms.groupJid, sent, bob, ['no'])
    await voteOf(poll.event_id, world.ghost(carol), [no])
    await cast(carol, rooms.groupJid, sent, bob, ['yes'])
    await voteOf(poll.event_id, world.ghost(carol), [yes])
    await cast(bob, rooms.groupJid, sent, bob, ['no'])
    await voteOf(poll.event_id, world.ghost(bob), [no])
    await votes(poll.event_id, [no])
    await herVote(sent, ['no'])
    await votes(poll.event_id, [])
    await herVote(sent, [])
  })

  test('with several answers each, in a direct chat', async () => {
    const sent = await ask('Cakes?', ['plum', 'apple', 'cheese'], 0, world.her.lid)
    const poll = await onMatrix('Cakes?', rooms.direct)
    expect(pollIn(poll).max_selections).toBe(3)
    const [plum, apple, cheese] = pollIn(poll).answers.map(({ id }) => id)
    await votes(poll.event_id, [plum, cheese], rooms.direct)
    await herVote(sent, ['plum', 'cheese'])
    await cast(world.bob, world.her.lid, sent, world.bob, ['apple', 'cheese'])
    await voteOf(poll.event_id, world.ghost(world.bob), [apple, cheese], rooms.direct)
  })

  test('is voted in on her own phone, in a group and in a direct chat', async () => {
    const { her, bob } = world
    for (const [where, asked, called] of [
      [rooms.group, rooms.groupJid, rooms.groupJid],
      [rooms.direct, her.lid, bob.lid],
    ] as const) {
      const sent = await ask(`Sugar in ${where}?`, ['yes', 'no'], 1, asked)
      const poll = await onMatrix(`Sugar in ${where}?`, where)
      const [yes, no] = pollIn(poll).answers.map(({ id }) => id)
      await cast(her, called, sent, bob, ['yes'])
      await voteOf(poll.event_id, world.alice.user.userId, [yes], where)
      await votes(poll.event_id, [no], where)
      await herVote(sent, ['no'])
    }
  })

  test('by her own phone', async () => {
    const sent = await world.says(world.her, rooms.groupJid, {
      poll: { name: 'Biscuits?', values: ['yes', 'no'], selectableCount: 1 },
    })
    const poll = await onMatrix('Biscuits?')
    expect(poll.sender).toBe(world.alice.user.userId)
    const [yes, no] = pollIn(poll).answers.map(({ id }) => id)
    await cast(carol, rooms.groupJid, sent, world.her, ['yes'])
    await voteOf(poll.event_id, world.ghost(carol), [yes])
    await votes(poll.event_id, [no])
    await herVote(sent, ['no'], carol)
  })

  test('of the time when the bridge was away: the poll and its votes are there', async () => {
    const { bob, stack } = world
    let sent: WAMessage | undefined
    await stack.restart(async () => {
      sent = await ask('Missed?', ['yes', 'no'])
      await cast(carol, rooms.groupJid, sent, bob, ['no'])
    })
    const poll = await onMatrix('Missed?')
    const [yes, no] = pollIn(poll).answers.map(({ id }) => id)
    await voteOf(poll.event_id, world.ghost(carol), [no])
    await votes(poll.event_id, [yes])
    if (sent === undefined) throw new Error('not asked')
    await herVote(sent, ['yes'])
  })

  test('a vote in a poll that was never seen is told in words', async () => {
    const unseen: WAMessage = {
      key: { remoteJid: rooms.groupJid, fromMe: true, id: '3EB0NEVERSEEN' },
      message: { messageContextInfo: { messageSecret: Buffer.alloc(32, 1) } },
    }
    await cast(world.bob, rooms.groupJid, unseen, world.bob, ['yes'])
    await world.see(rooms.group, 'A vote in a poll. Open WhatsApp to see it.')
  })
})
