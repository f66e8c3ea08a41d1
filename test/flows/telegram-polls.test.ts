import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Phone } from '../sim/telegram/clients/phone.ts'
import type { Account, Channel, Seen } from '../sim/telegram/world/index.ts'
import type { SimEvent } from '../sim/homeserver/index.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/** Polls, between a Matrix user and contacts with apps of Telegram. */
let world: TelegramWorld
let phone: Phone
let group: Channel
let carol: Account
let room: string

beforeAll(async () => {
  world = await TelegramWorld.start({ switches: { pollOptions: 'random' } })
  const { tg, bob, her } = world
  carol = tg.user({ firstName: 'Carol', phone: '4915312345678' })
  group = tg.supergroup({ title: 'Tea room', members: [bob, her, carol] })
  room = await world.enter(bob, group)
  phone = await world.phone(bob)
})

afterAll(async () => {
  await world.proveDelivered(['The poll has ended', 'a vote cannot be changed'])
  await phone.close()
  await world.close()
})

const START = 'org.matrix.msc3381.poll.start'
const RESPONSE = 'org.matrix.msc3381.poll.response'
const END = 'org.matrix.msc3381.poll.end'
type Start = {
  question: { 'org.matrix.msc1767.text': string }
  max_selections: number
  kind: string
  answers: { id: string }[]
}

const startOf = ({ content }: SimEvent) => content[START] as Start
const answersOf = ({ content }: SimEvent) => (content[RESPONSE] as { answers: string[] }).answers

const create = (question: string, answers: string[], o: { most?: number; kind?: string } = {}) =>
  world.alice.user.send(room, START, {
    [START]: {
      question: { 'org.matrix.msc1767.text': question },
      kind: o.kind ?? 'org.matrix.msc3381.poll.disclosed',
      max_selections: o.most ?? 1,
      answers: answers.map((text) => ({ id: text.toLowerCase(), 'org.matrix.msc1767.text': text })),
    },
    'org.matrix.msc1767.text': question,
  })

const vote = (poll: string, ...answers: (string | undefined)[]) =>
  world.alice.user.send(room, RESPONSE, {
    'm.relates_to': { rel_type: 'm.reference', event_id: poll },
    [RESPONSE]: { answers },
  })

const isOf = (question: string) => (seen: Seen) => seen.poll?.question === question
/** How many voted for each answer. */
const counts = ({ poll }: Seen) => poll?.answers.map(({ voters }) => voters).join() ?? ''
const standing = (question: string, numbers: string) => (seen: Seen) =>
  isOf(question)(seen) && counts(seen) === numbers

const fromTelegram = (question: string) =>
  world.happens(
    room,
    (e) => e.type === START && startOf(e).question['org.matrix.msc1767.text'] === question,
    'the poll',
  )
const isAnswer = (e: SimEvent) =>
  e.type === 'm.room.message' && String(e.content['body']).includes('The right answer')
const answersTo = ({ event_id: id }: SimEvent) =>
  world.homeserver.timeline(room).filter((e) => isAnswer(e) && JSON.stringify(e.content).includes(id))

const voteOf = (poll: string, who: Account, ids: (string | undefined)[]) =>
  world.related(
    room,
    poll,
    (e) => e.type === RESPONSE && e.sender === world.ghost(who) && answersOf(e).join() === ids.join(),
    `the vote of ${who.firstName}`,
  )

describe('of Matrix', () => {
  test('is created, voted in by both, voted anew, taken back, and ended', async () => {
    const poll = await create('Lunch?', ['Pizza', 'Soup'])
    const seen = await world.sees(group, isOf('Lunch?'), 'the poll')
    expect(seen.poll).toMatchObject({ multipleChoice: false, quiz: false, publicVoters: true })
    expect(seen.author).toBe(world.her)
    await phone.vote(world.peer(group), seen.id, 1)
    await voteOf(poll, world.bob, ['soup'])
    await phone.vote(world.peer(group), seen.id)
    await voteOf(poll, world.bob, [])
    await phone.vote(world.peer(group), seen.id, 0)
    await voteOf(poll, world.bob, ['pizza'])
    await vote(poll, 'pizza')
    await world.sees(group, standing('Lunch?', '2,0'), 'her vote')
    await vote(poll, 'soup')
    await world.sees(group, standing('Lunch?', '1,1'), 'her other vote')
    await vote(poll)
    await world.sees(group, standing('Lunch?', '1,0'), 'her vote to be gone')
    await world.alice.user.send(room, END, {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll },
      [END]: {},
      'org.matrix.msc1767.text': 'over',
    })
    await world.sees(group, (each) => isOf('Lunch?')(each) && each.poll?.closed === true, 'the end')
  })

  test('a vote in the moment of its creation is not lost', async () => {
    const { tg, bob } = world
    const undo = tg.onEvent((event) => {
      if (event.kind === 'posted' && event.post.media?.kind === 'poll') tg.vote(bob, event.post, 1)
    })
    const poll = await create('Quick?', ['Yes', 'No'])
    await voteOf(poll, bob, ['no'])
    undo()
  })

  test('with several answers each', async () => {
    const poll = await create('Toppings?', ['Cheese', 'Ham', 'Olives'], { most: 3 })
    const seen = await world.sees(group, isOf('Toppings?'), 'the poll')
    expect(seen.poll?.multipleChoice).toBe(true)
    await vote(poll, 'cheese', 'olives')
    await world.sees(group, standing('Toppings?', '1,0,1'), 'her votes')
    await phone.vote(world.peer(group), seen.id, 1, 2)
    await voteOf(poll, world.bob, ['ham', 'olives'])
  })
})

describe('of Telegram', () => {
  test('is shown, voted in by both, and ended', async () => {
    const id = await phone.sendPoll(world.peer(group), {
      question: 'Tea?',
      answers: ['yes', 'no'],
      publicVoters: true,
    })
    const poll = await fromTelegram('Tea?')
    expect(poll.sender).toBe(world.ghost(world.bob))
    expect(startOf(poll)).toMatchObject({ kind: 'org.matrix.msc3381.poll.disclosed', max_selections: 1 })
    const [yes, no] = startOf(poll).answers.map((answer) => answer.id)
    await vote(poll.event_id, yes)
    await world.sees(group, standing('Tea?', '1,0'), 'her vote')
    const post = world.post(group, await world.sees(group, isOf('Tea?'), 'the poll'))
    world.tg.vote(carol, post, 1)
    await voteOf(poll.event_id, carol, [no])
    world.tg.vote(carol, post, 0)
    await voteOf(poll.event_id, carol, [yes])
    await vote(poll.event_id, no)
    await world.sees(group, standing('Tea?', '1,1'), 'her other vote')
    await phone.closePoll(world.peer(group), id)
    const end = await world.related(room, poll.event_id, (e) => e.type === END, 'the end')
    expect(end.sender).toBe(world.ghost(world.bob))
  })

  test('a vote after its end is refused with a reason', async () => {
    const poll = await fromTelegram('Tea?')
    await vote(poll.event_id, startOf(poll).answers[0]?.id)
    await world.see(room, 'poll has ended')
  })

  test('that hides who voted shows counts', async () => {
    const post = world.tg.say(world.bob, group, {
      media: world.tg.media.poll(world.bob, {
        question: 'Secret?',
        answers: ['a', 'b'],
        publicVoters: false,
      }),
    })
    const poll = await fromTelegram('Secret?')
    world.tg.vote(carol, post, 1)
    world.tg.vote(world.bob, post, 1)
    const tally = () => world.find(room, '📊 Secret?').at(-1) ?? ''
    await world.until(() => /b — 2/.test(tally()), 'the counts')
    await vote(poll.event_id, startOf(poll).answers[0]?.id)
    await world.sees(group, standing('Secret?', '1,2'), 'her vote')
    await world.until(() => /a — 1/.test(tally()), 'the counts with hers')
    // No ghost is said to have voted.
    expect(
      world.homeserver
        .timeline(room)
        .filter(
          (e) =>
            e.type === RESPONSE &&
            e.sender.includes('_telegram_') &&
            JSON.stringify(e).includes(poll.event_id),
        ),
    ).toEqual([])
  })

  test('a quiz is voted in by both, and a vote in it stands', async () => {
    const post = world.tg.say(world.bob, group, {
      media: world.tg.media.poll(world.bob, {
        question: 'Capital of France?',
        answers: ['Lyon', 'Paris'],
        correct: 1,
        solution: 'Look at a map',
      }),
    })
    const poll = await fromTelegram('Quiz: Capital of France?')
    await vote(poll.event_id, startOf(poll).answers[1]?.id)
    await world.sees(group, standing('Capital of France?', '0,1'), 'her vote')
    // Others may still want to guess, so it is covered; and it is told once.
    const right = await world.related(room, poll.event_id, isAnswer, 'the answer')
    expect(right.content).toMatchObject({
      msgtype: 'm.notice',
      body: expect.stringMatching(/The right answer: Paris\nLook at a map$/),
      formatted_body: expect.stringContaining('<span data-mx-spoiler>Paris</span>'),
    })
    world.tg.vote(carol, post, 0)
    await voteOf(poll.event_id, carol, [startOf(poll).answers[0]?.id])
    // Who has voted in a quiz is bound by it.
    await vote(poll.event_id, startOf(poll).answers[0]?.id)
    await world.see(room, 'a vote cannot be changed')
    expect(counts(await world.sees(group, isOf('Capital of France?'), 'it'))).toBe('1,1')
    await world.quiet()
    expect(answersTo(poll)).toHaveLength(1)
  })

  test('the answer of a quiz is told at its end to those who have not voted', async () => {
    const question = 'Capital of Spain?'
    const id = await phone.sendPoll(world.peer(group), {
      question,
      answers: ['Seville', 'Madrid'],
      publicVoters: true,
      right: 1,
    })
    const poll = await fromTelegram(`Quiz: ${question}`)
    const post = world.post(group, await world.sees(group, isOf(question), 'the quiz'))
    world.tg.vote(carol, post, 0)
    await world.sees(group, standing(question, '1,0'), 'a vote')
    await world.quiet()
    expect(answersTo(poll)).toEqual([])
    await phone.closePoll(world.peer(group), id)
    const right = await world.related(room, poll.event_id, isAnswer, 'the answer')
    expect(right.content['body']).toMatch(/The right answer: Madrid$/)
  })

  test('votes of the time when the bridge was away are shown, once Telegram shows them to her', async () => {
    const { tg, bob, stack } = world
    const ask = (question: string) =>
      tg.say(bob, group, { media: tg.media.poll(bob, { question, answers: ['yes', 'no'] }) })
    const posts = [ask('She has voted?'), ask('She has not?')]
    const [voted, open] = [await fromTelegram('She has voted?'), await fromTelegram('She has not?')]
    const [yes, no] = startOf(voted).answers.map((answer) => answer.id)
    await vote(voted.event_id, yes)
    await world.sees(group, standing('She has voted?', '1,0'), 'her vote')
    await stack.restart(() => {
      for (const post of posts) tg.vote(carol, post, 1)
    })
    await voteOf(voted.event_id, carol, [no])
    // Who has not voted is not told what others voted for.
    await vote(open.event_id, yes)
    await voteOf(open.event_id, carol, [no])
  })
})
