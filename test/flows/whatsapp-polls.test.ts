import type { WAMessage } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimEvent } from '../sim/homeserver/index.ts'
import type { Person } from '../support/whatsapp.ts'
import { cast, questionOf, votedIn } from '../support/whatsapp-polls.ts'
import { WhatsAppWorld, textOf } from '../support/whatsapp-world.ts'
import { doublePuppet } from '../support/worlds.ts'

/** Polls, between a Matrix user and contacts with apps of WhatsApp. */
let world: WhatsAppWorld
let carol: Person
let group: string
let room: string
let direct: string

beforeAll(async () => {
  world = await WhatsAppWorld.start(doublePuppet)
  const { bob, her } = world
  carol = await world.whatsapp.person('4915312345678', 'Carol')
  direct = await world.enter(bob, her.lid)
  group = (await bob.socket.groupCreate('Tea room', [her.pn, carol.pn])).id
  room = await world.enter(bob, group)
})

afterAll(async () => {
  await world.proveDelivered(['The poll has ended', 'cannot vote in it'])
  await world.close()
})

const START = 'org.matrix.msc3381.poll.start'
const RESPONSE = 'org.matrix.msc3381.poll.response'
const END = 'org.matrix.msc3381.poll.end'
type Start = {
  question: { 'org.matrix.msc1767.text': string }
  max_selections: number
  answers: { id: string; 'org.matrix.msc1767.text': string }[]
}

const startOf = ({ content }: SimEvent) => content[START] as Start
const answersOf = ({ content }: SimEvent) => (content[RESPONSE] as { answers: string[] }).answers

const create = (question: string, answers: string[], most = 1, where = room) =>
  world.alice.user.send(where, START, {
    [START]: {
      question: { 'org.matrix.msc1767.text': question },
      kind: 'org.matrix.msc3381.poll.disclosed',
      max_selections: most,
      answers: answers.map((text) => ({ id: text.toLowerCase(), 'org.matrix.msc1767.text': text })),
    },
    'org.matrix.msc1767.text': question,
  })

const vote = (poll: string, answers: (string | undefined)[], where = room) =>
  world.alice.user.send(where, RESPONSE, {
    'm.relates_to': { rel_type: 'm.reference', event_id: poll },
    [RESPONSE]: { answers },
  })

/** The poll as an app has it. */
const onWhatsApp = async (question: string, by = world.bob): Promise<WAMessage> =>
  (await world.sees((content) => questionOf(content) === question, question, by)).message
const onMatrix = (question: string, where = room) =>
  world.happens(
    where,
    (e) => e.type === START && startOf(e).question['org.matrix.msc1767.text'] === question,
    'the poll',
  )
/** Waits for a vote of Matrix, as bob's app has it. */
const herVote = (poll: WAMessage, answers: string[], by = world.bob) =>
  world.sees(
    (content) => votedIn(poll, content, [world.her, world.bob])?.join() === answers.join(),
    `a vote for ${answers.join() || 'nothing'}`,
    by,
  )
const voteOf = (poll: string, who: string, ids: (string | undefined)[], where = room) =>
  world.related(
    where,
    poll,
    (e) => e.type === RESPONSE && e.sender === who && answersOf(e).join() === ids.join(),
    `the vote of ${who} for ${ids.join() || 'nothing'}`,
  )

describe('of Matrix', () => {
  test('is created, voted in by both, voted anew, taken back, and ended in words', async () => {
    const { bob } = world
    const poll = await create('Lunch?', ['Pizza', 'Soup'])
    const seen = await onWhatsApp('Lunch?')
    expect(seen.message?.pollCreationMessageV3?.selectableOptionsCount).toBe(1)
    await cast(bob, group, seen, world.her, ['Soup'])
    await voteOf(poll, world.ghost(bob), ['soup'])
    await cast(bob, group, seen, world.her, [])
    await voteOf(poll, world.ghost(bob), [])
    await cast(bob, group, seen, world.her, ['Pizza'])
    await voteOf(poll, world.ghost(bob), ['pizza'])
    await vote(poll, ['pizza'])
    await herVote(seen, ['Pizza'])
    await vote(poll, ['soup'])
    await herVote(seen, ['Soup'])
    await vote(poll, [])
    await herVote(seen, [])
    await world.quiet()
    await world.alice.user.send(room, END, {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll },
      [END]: {},
      'org.matrix.msc1767.text': 'over',
    })
    const end = await world.sees((content) => textOf(content)?.startsWith('The poll has ended'), 'the end')
    expect(textOf(end.content)).toContain('👍 Pizza — 1 (100%)')
    expect(end.content.extendedTextMessage?.contextInfo?.stanzaId).toBe(seen.key.id)
    await world.see(room, 'WhatsApp has no end for polls')
    await vote(poll, ['soup'])
    await world.see(room, 'The poll has ended.')
  })

  test('with several answers each, in a direct chat', async () => {
    const poll = await create('Toppings?', ['Cheese', 'Ham', 'Olives'], 3, direct)
    const seen = await onWhatsApp('Toppings?')
    expect(seen.message?.pollCreationMessage?.selectableOptionsCount).toBe(0)
    await vote(poll, ['cheese', 'olives'], direct)
    await herVote(seen, ['Cheese', 'Olives'])
    await cast(world.bob, world.her.lid, seen, world.her, ['Ham', 'Olives'])
    await voteOf(poll, world.ghost(world.bob), ['ham', 'olives'], direct)
  })

  test('is voted in on her own phone', async () => {
    const poll = await create('Which tea?', ['Green', 'Black'])
    const seen = await onWhatsApp('Which tea?', world.her)
    await cast(world.her, group, seen, world.her, ['Black'])
    await voteOf(poll, world.alice.user.userId, ['black'])
  })

  test('a vote in the moment of its creation is not lost', async () => {
    const { her, bob } = world
    // The vote is at the server before the bridge knows that its poll is.
    world.wa.world.faults.dropAck({ phone: her.account.phone, count: 1 })
    const poll = await create('Quick?', ['Yes', 'No'])
    const seen = await onWhatsApp('Quick?')
    await cast(bob, group, seen, her, ['No'])
    await voteOf(poll, world.ghost(bob), ['no'])
  })

  test('that WhatsApp would not take is written out, and its sender is told', async () => {
    const many = Array.from({ length: 13 }, (_, i) => `Answer ${i}`)
    await create('Too many?', many)
    const { content } = await world.sees((each) => textOf(each)?.includes('Too many?'), 'the words')
    expect(textOf(content)).toContain('13. Answer 12')
    await world.see(room, 'WhatsApp takes polls with 2 to 12 answers')
    await create('Twice?', ['Same', 'Same '])
    await world.sees((each) => textOf(each)?.includes('Twice?'), 'the words')
    await world.see(room, 'WhatsApp does not take the same answer twice')
  })
})

describe('of WhatsApp', () => {
  const ask = (name: string, values: string[], selectableCount = 1, chat = group) =>
    world.says(world.bob, chat, { poll: { name, values, selectableCount } })

  test('is shown, voted in by all, and votes change', async () => {
    const { bob } = world
    const sent = await ask('Tea?', ['yes', 'no'])
    const poll = await onMatrix('Tea?')
    expect(poll.sender).toBe(world.ghost(bob))
    expect(startOf(poll)).toMatchObject({ max_selections: 1 })
    const [yes, no] = startOf(poll).answers.map(({ id }) => id)
    await vote(poll.event_id, [yes])
    await herVote(sent, ['yes'])
    await herVote(sent, ['yes'], carol)
    await cast(carol, group, sent, bob, ['no'])
    await voteOf(poll.event_id, world.ghost(carol), [no])
    await cast(carol, group, sent, bob, ['yes'])
    await voteOf(poll.event_id, world.ghost(carol), [yes])
    await cast(bob, group, sent, bob, ['no'])
    await voteOf(poll.event_id, world.ghost(bob), [no])
    await vote(poll.event_id, [no])
    await herVote(sent, ['no'])
    await vote(poll.event_id, [])
    await herVote(sent, [])
  })

  test('with several answers each, in a direct chat', async () => {
    const sent = await ask('Cakes?', ['plum', 'apple', 'cheese'], 0, world.her.lid)
    const poll = await onMatrix('Cakes?', direct)
    expect(startOf(poll).max_selections).toBe(3)
    const [plum, apple, cheese] = startOf(poll).answers.map(({ id }) => id)
    await vote(poll.event_id, [plum, cheese], direct)
    await herVote(sent, ['plum', 'cheese'])
    await cast(world.bob, world.her.lid, sent, world.bob, ['apple', 'cheese'])
    await voteOf(poll.event_id, world.ghost(world.bob), [apple, cheese], direct)
  })

  test('is voted in on her own phone, in a group and in a direct chat', async () => {
    const { her, bob } = world
    for (const [where, asked, called] of [
      [room, group, group],
      [direct, her.lid, bob.lid],
    ] as const) {
      const sent = await ask(`Sugar in ${where}?`, ['yes', 'no'], 1, asked)
      const poll = await onMatrix(`Sugar in ${where}?`, where)
      const [yes, no] = startOf(poll).answers.map(({ id }) => id)
      await cast(her, called, sent, bob, ['yes'])
      await voteOf(poll.event_id, world.alice.user.userId, [yes], where)
      await vote(poll.event_id, [no], where)
      await herVote(sent, ['no'])
    }
  })

  test('by her own phone', async () => {
    const sent = await world.says(world.her, group, {
      poll: { name: 'Biscuits?', values: ['yes', 'no'], selectableCount: 1 },
    })
    const poll = await onMatrix('Biscuits?')
    expect(poll.sender).toBe(world.alice.user.userId)
    const [yes, no] = startOf(poll).answers.map(({ id }) => id)
    await cast(carol, group, sent, world.her, ['yes'])
    await voteOf(poll.event_id, world.ghost(carol), [yes])
    await vote(poll.event_id, [no])
    await herVote(sent, ['no'], carol)
  })

  test('of the time when the bridge was away: the poll and its votes are there', async () => {
    const { bob, stack } = world
    let sent: WAMessage | undefined
    await stack.restart(async () => {
      sent = await ask('Missed?', ['yes', 'no'])
      await cast(carol, group, sent, bob, ['no'])
    })
    const poll = await onMatrix('Missed?')
    const [yes, no] = startOf(poll).answers.map(({ id }) => id)
    await voteOf(poll.event_id, world.ghost(carol), [no])
    await vote(poll.event_id, [yes])
    if (sent === undefined) throw new Error('not asked')
    await herVote(sent, ['yes'])
  })

  test('a vote in a poll that was never seen is told in words', async () => {
    const unseen: WAMessage = {
      key: { remoteJid: group, fromMe: true, id: '3EB0NEVERSEEN' },
      message: { messageContextInfo: { messageSecret: Buffer.alloc(32, 1) } },
    }
    await cast(world.bob, group, unseen, world.bob, ['yes'])
    await world.see(room, 'A vote in a poll. Open WhatsApp to see it.')
  })
})
