import { expect, test } from 'vitest'
import type { TlObject } from '../contract.ts'
import { listOf, objectOf, pair, updatesIn } from './test-device.ts'
import type { TestDevice } from './test-device.ts'

let lastId = 0n

const sendMedia = (device: TestDevice, peer: TlObject, media: TlObject, message = '', random_id = ++lastId) =>
  device.ask('messages.sendMedia', { peer, media, message, random_id })

const mediaOf = (update: TlObject | undefined) => objectOf(objectOf(update?.['message'])['media'])

function newPoll(fields: Record<string, boolean> = {}) {
  const text = (value: string) => ({ _: 'textWithEntities', text: value, entities: [] })
  const answers = ['a', 'b', 'c'].map((value) => ({ _: 'inputPollAnswer', text: text(value) }))
  return { _: 'poll', id: 0n, hash: 0n, question: text('Q?'), answers, public_voters: true, ...fields }
}

test('a poll: options made by the server, votes replaced and taken back, closed', () => {
  const { tg, alice, bob, a, b } = pair()
  sendMedia(a, a.peer(bob), { _: 'inputMediaPoll', poll: newPoll() })
  const options = listOf(objectOf(mediaOf(b.updates.at(-1))['poll'])['answers']).map(({ option }) => option)
  expect(options.map((option) => Buffer.from(option as Uint8Array).toString())).toEqual(['0', '1', '2'])
  const vote = (...chosen: number[]) =>
    b.ask('messages.sendVote', { peer: b.peer(alice), msg_id: 1, options: chosen.map((i) => options[i]) })
  expect(updatesIn(vote(1))[0]).toMatchObject({
    _: 'updateMessagePoll',
    poll: { _: 'poll' },
    results: { total_voters: 1 },
  })
  vote(2)
  expect(tg.view(alice, bob)[0]?.poll?.answers.map(({ voters }) => voters)).toEqual([0, 0, 1])
  expect(a.updates.at(-1)).toMatchObject({ _: 'updateMessagePoll', msg_id: 1, results: { min: true } })
  expect(() => vote(0, 1)).toThrow('OPTIONS_TOO_MUCH')
  const votes = { peer: a.peer(bob), id: 1, limit: 10 }
  expect(() => a.ask('messages.getPollVotes', votes)).toThrow('403 POLL_VOTE_REQUIRED')
  const closed = { _: 'inputMediaPoll', poll: newPoll({ closed: true }) }
  const end = a.ask('messages.editMessage', { peer: a.peer(bob), id: 1, media: closed })
  expect(updatesIn(end).map(({ _ }) => _)).toEqual(['updateMessagePoll', 'updateEditMessage'])
  expect(() => vote(1)).toThrow('MESSAGE_POLL_CLOSED')
  expect(a.ask('messages.getPollVotes', votes)['votes']).toMatchObject([{ peer: { user_id: bob.id } }])
})

test.each([true, false])('pushed results without the own choice: %s', (minPollResults) => {
  const { tg, alice, bob, a } = pair({ minPollResults })
  const media = tg.media.poll(bob, { question: 'Q?', answers: ['a', 'b'] })
  const post = tg.say(bob, alice, { media })
  tg.vote(alice, post, 0)
  a.pushes.length = 0
  tg.vote(bob, post, 1)
  const results = objectOf(a.updates[0]?.['results'])
  expect([results['min'] === true, listOf(results['results'])[0]?.['chosen'] === true]).toEqual([
    minPollResults,
    !minPollResults,
  ])
})

test('a quiz: one answer for good, the right one shown afterwards', () => {
  const { tg, alice, bob, a, b } = pair()
  const post = tg.say(alice, bob, {
    media: tg.media.poll(alice, { question: 'Q?', answers: ['a', 'b'], correct: 1, solution: 'b it is' }),
  })
  const results = () => {
    const answer = b.ask('messages.getPollResults', { peer: b.peer(alice), msg_id: 1, poll_hash: 0n })
    return objectOf(updatesIn(answer)[0]?.['results'])
  }
  expect(results()['solution']).toBeUndefined()
  tg.vote(bob, post, 0)
  expect(results()).toMatchObject({ solution: 'b it is', results: [{ chosen: true }, { correct: true }] })
  expect(() => tg.vote(bob, post)).toThrow('REVOTE_NOT_ALLOWED')
  const quiz = { _: 'inputMediaPoll', poll: newPoll({ quiz: true }) }
  expect(() => sendMedia(a, a.peer(bob), quiz)).toThrow('QUIZ_CORRECT_ANSWERS_EMPTY')
  sendMedia(a, a.peer(bob), { ...quiz, correct_answers: [2] })
  expect(
    tg
      .view(alice, bob)
      .at(-1)
      ?.poll?.answers.map(({ correct }) => correct),
  ).toEqual([false, false, true])
})

test.each([
  [
    (poll: ReturnType<typeof newPoll>) => ({ ...poll, answers: poll.answers.slice(0, 1) }),
    'POLL_ANSWERS_INVALID',
  ],
  [
    (poll: ReturnType<typeof newPoll>) => ({
      ...poll,
      answers: Array.from({ length: 13 }, () => poll.answers[0]),
    }),
    'POLL_ANSWERS_INVALID',
  ],
  [
    (poll: ReturnType<typeof newPoll>) => ({
      ...poll,
      question: { ...poll.question, text: 'x'.repeat(301) },
    }),
    'POLL_QUESTION_INVALID',
  ],
])('a wrong poll is refused', (change, error) => {
  const { bob, a } = pair()
  expect(() => sendMedia(a, a.peer(bob), { _: 'inputMediaPoll', poll: change(newPoll()) })).toThrow(error)
})
