import type { tl } from '@mtcute/core'
import { describe, expect, it } from 'vitest'
import type { PollContent } from '../../../../src/model/content.ts'
import { remoteMessageId } from '../../../../src/model/ids.ts'
import { remoteChat } from '../../../../src/networks/telegram/chats.ts'
import { fromPoll, optionBytes, optionId } from '../../../../src/networks/telegram/from-poll.ts'
import { newPoll, pollChange, withVote } from '../../../../src/networks/telegram/polls.ts'
import type { PollState } from '../../../../src/networks/telegram/polls.ts'
import { chosenBytes, pollTrouble, pollWords, toPoll } from '../../../../src/networks/telegram/to-poll.ts'
import { BOB, DAN, ME, SUPER, option, poll, view } from './setup.ts'

const now = new Date(1_700_000_500_000)
const of = { chat: remoteChat(view(), { kind: 'channel', id: SUPER }), target: remoteMessageId('10'), now }
const who = (userId: number): tl.TypePeer => ({ _: 'peerUser', userId })

/** Results as `[voters, people who are named, chosen]` for each answer. */
const results = (
  rows: [number, number[], boolean?][],
  more: Partial<tl.RawPollResults> = {},
): tl.RawPollResults => ({
  _: 'pollResults',
  results: rows.map(([voters, named, chosen], n) => ({
    _: 'pollAnswerVoters',
    option: option(n),
    voters,
    recentVoters: named.map(who),
    ...(chosen === true && { chosen }),
  })),
  totalVoters: rows.reduce((sum, [voters]) => sum + voters, 0),
  ...more,
})

function change(
  before: PollState,
  given: tl.RawPollResults,
  more: { poll?: tl.RawPoll; list?: tl.TypeMessagePeerVote[] } = {},
): { told: unknown[]; ids: string[]; state: PollState; wantsVotes: boolean } {
  const { events, state, wantsVotes } = pollChange(
    before,
    { poll: more.poll, results: given },
    of,
    view(),
    more.list,
  )
  const told = events.map((event) => {
    switch (event.kind) {
      case 'poll-vote':
        return [event.sender?.id, ...event.optionIds]
      case 'poll-tally':
        return [...event.counts.map(({ votes }) => votes), event.voters]
      default:
        return event.kind
    }
  })
  return { told, ids: events.map(({ id }) => id), state, wantsVotes }
}

const open = newPoll(poll({ publicVoters: true }).poll)
const secret = newPoll(poll().poll)
const several = newPoll(poll({ publicVoters: true, multipleChoice: true }).poll)
const none: [number, number[]] = [0, []]

describe('pollChange', () => {
  it('tells votes where people are named', () => {
    const first = change(open, results([[1, [BOB]], [1, [DAN]], none]))
    expect(first.told).toEqual([
      ['user:2000', '30'],
      ['user:4000', '31'],
    ])
    expect(first.wantsVotes).toBe(false)
    expect(change(first.state, results([[1, [BOB]], [1, [DAN]], none])).told).toEqual([])
    expect(change(first.state, results([[0, []], [2, [DAN, BOB]], none])).told).toEqual([['user:2000', '31']])
    expect(change(first.state, results([[1, [BOB]], none, none])).told).toEqual([['user:4000']])
  })

  it('asks for the votes of those who are not named, and then knows all', () => {
    const first = change(open, results([[3, [BOB]], none, none]))
    expect(first.told).toEqual([['user:2000', '30']])
    expect(first.wantsVotes).toBe(true)
    const list: tl.TypeMessagePeerVote[] = [
      { _: 'messagePeerVote', peer: who(DAN), option: option(0), date: 0 },
      { _: 'messagePeerVoteMultiple', peer: who(ME), options: [option(0)], date: 0 },
    ]
    const all = change(first.state, results([[2, []], none, none]), { list })
    expect(all.told).toEqual([['user:1000', '30'], ['user:4000', '30'], ['user:2000']])
    expect(all.wantsVotes).toBe(false)
  })

  it('guesses nothing where somebody may have chosen more than is seen', () => {
    const first = change(several, results([[2, [BOB, DAN]], [2, [BOB]], none]))
    expect(first.told).toEqual([])
    expect(first.wantsVotes).toBe(true)
    expect(change(several, results([[2, [BOB, DAN]], [1, [BOB]], none])).told).toEqual([
      ['user:2000', '30', '31'],
      ['user:4000', '30'],
    ])
  })

  it('counts where nobody is named', () => {
    const first = change(secret, results([[2, []], [1, []], none]))
    expect(first.told).toEqual([[2, 1, 0, 3]])
    expect(first.wantsVotes).toBe(false)
    expect(change(first.state, results([[2, []], [1, []], none])).told).toEqual([])
    const second = change(first.state, results([[3, []], [0, []], none]))
    const back = change(second.state, results([[2, []], [1, []], none]))
    expect(back.told).toEqual([[2, 1, 0, 3]])
    expect(back.ids).not.toEqual(first.ids)
  })

  it('knows the vote of the account in every poll, but not from results that leave it out', () => {
    const first = change(secret, results([[2, [], true], none, none]))
    expect(first.told).toEqual([
      ['user:1000', '30'],
      [2, 0, 0, 2],
    ])
    expect(change(first.state, results([[2, []], none, none], { min: true })).told).toEqual([])
    expect(change(first.state, results([[1, []], none, none])).told).toEqual([['user:1000'], [1, 0, 0, 1]])
    const named = change(open, results([[1, [ME], true], none, none]))
    expect(change(named.state, results([[1, [ME]], none, none], { min: true })).told).toEqual([])
    expect(change(named.state, results([none, none, none], { min: true })).told).toEqual([])
  })

  it('does not tell back a vote of the bridge', () => {
    const state = withVote(open, ME, ['30'])
    expect(change(state, results([[1, [ME], true], none, none])).told).toEqual([])
    expect(change(withVote(state, ME, []), results([none, none, none])).told).toEqual([])
  })

  it('ends once', () => {
    const closed = poll({ publicVoters: true, closed: true }).poll
    const first = change(open, results([none, none, none]), { poll: closed })
    expect(first.told).toEqual(['poll-end'])
    expect(first.ids).toEqual(['10/end'])
    expect(change(first.state, results([none, none, none]), { poll: closed }).told).toEqual([])
  })

  it('speaks of the answers as Matrix calls them', () => {
    const made = newPoll(poll({ publicVoters: true }).poll, ['a', 'b', 'c'])
    expect(change(made, results([none, [1, [BOB]], none])).told).toEqual([['user:2000', 'b']])
    expect(chosenBytes([{ id: 'c', text: '' }], made)).toEqual([option(2)])
    expect(chosenBytes([{ id: 'z', text: '' }], made)).toBeUndefined()
  })

  it('takes in answers that are added later', () => {
    const longer = poll({ publicVoters: true }).poll
    longer.answers.push({
      _: 'pollAnswer',
      text: { _: 'textWithEntities', text: 'Fish', entities: [] },
      option: option(3),
    })
    const { state, told } = change(open, results([none, none, none, [1, [BOB]]]), { poll: longer })
    expect(state.options.at(-1)).toEqual({ tg: '33', id: '33' })
    expect(told).toEqual([['user:2000', '33']])
  })

  it('survives being kept as JSON', () => {
    const { state } = change(open, results([[1, [BOB]], none, none]))
    expect(JSON.parse(JSON.stringify(state))).toEqual(state)
  })
})

describe('fromPoll', () => {
  it('shows a poll, a quiz and what it hides', () => {
    const content: PollContent = {
      kind: 'poll',
      question: 'Lunch?',
      options: [
        { id: '30', text: 'Pizza' },
        { id: '31', text: 'Soup' },
        { id: '32', text: 'None' },
      ],
      maxSelections: 1,
    }
    expect(fromPoll(poll({ publicVoters: true }), view())).toEqual(content)
    expect(fromPoll(poll({ multipleChoice: true }), view())).toEqual({
      ...content,
      maxSelections: 3,
      anonymous: true,
    })
    const quiz = poll(
      { quiz: true, publicVoters: true, closed: true, hideResultsUntilClose: true },
      {
        results: [{ _: 'pollAnswerVoters', option: option(1), correct: true }],
        solution: 'why',
        solutionEntities: [],
      },
    )
    expect(fromPoll(quiz, view())).toEqual({
      ...content,
      hidden: true,
      closed: true,
      quiz: { correct: '31', explanation: { body: 'why' } },
    })
  })

  it('keeps the bytes of an answer, whatever they are', () => {
    for (const bytes of [Uint8Array.of(0), Uint8Array.of(255, 0, 127), new Uint8Array(100).fill(7)]) {
      expect(optionBytes(optionId(bytes))).toEqual(bytes)
    }
    for (const wrong of ['', 'x', '3', '3g', 'AB']) expect(optionBytes(wrong)).toBeUndefined()
  })
})

describe('toPoll', () => {
  const content: PollContent = {
    kind: 'poll',
    question: ' Lunch? ',
    options: [
      { id: 'a', text: 'Pizza' },
      { id: 'b', text: 'Soup' },
    ],
    maxSelections: 1,
  }
  const made = (more: Partial<PollContent>, broadcast = false) => {
    const { poll: of_, correctAnswers } = toPoll({ ...content, ...more }, { broadcast })
    const { publicVoters, multipleChoice, hideResultsUntilClose, quiz } = of_
    return { publicVoters, multipleChoice, hideResultsUntilClose, quiz, correctAnswers }
  }

  it('has the text and leaves the bytes of the answers to the server', () => {
    expect(toPoll(content, { broadcast: false }).poll).toMatchObject({
      question: { text: 'Lunch?' },
      answers: [
        { _: 'inputPollAnswer', text: { text: 'Pizza' } },
        { _: 'inputPollAnswer', text: { text: 'Soup' } },
      ],
    })
  })

  it('names voters when Matrix shows the votes, and hides results when it does not', () => {
    expect(made({})).toEqual({ publicVoters: true })
    expect(made({ hidden: true })).toEqual({ hideResultsUntilClose: true })
    expect(made({ maxSelections: 2 })).toEqual({ publicVoters: true, multipleChoice: true })
    expect(made({}, true)).toEqual({})
    expect(made({ quiz: { correct: 'b' } })).toEqual({ publicVoters: true, quiz: true, correctAnswers: [1] })
    expect(made({ quiz: {} })).toEqual({ publicVoters: true })
  })

  it('says what Telegram does not take', () => {
    const answers = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `${i}`, text: `${i}` }))
    const trouble = (more: Partial<PollContent>) => pollTrouble({ ...content, ...more })
    expect(trouble({})).toBeUndefined()
    expect(trouble({ options: answers(12) })).toBeUndefined()
    expect(trouble({ options: answers(13) })).toContain('2 to 12')
    expect(trouble({ options: answers(1) })).toContain('2 to 12')
    expect(trouble({ question: 'x'.repeat(301) })).toContain('300')
    expect(trouble({ question: '😀'.repeat(300) })).toBeUndefined()
    expect(trouble({ options: [...answers(1), { id: 'x', text: 'x'.repeat(101) }] })).toContain('100')
    expect(trouble({ options: [...answers(1), { id: 'x', text: ' ' }] })).toContain('empty')
    expect(pollWords(content)).toBe('📊 Lunch?\n1. Pizza\n2. Soup')
  })
})
