import { describe, expect, test } from 'vitest'
import { parsePollCommand, renderTally, tallyOf, votedOptions } from '../../../src/bridge/poll-text.ts'
import type { PollContent } from '../../../src/model/content.ts'

const options = ['Pizza', 'Soup', 'Salad'].map((text, i) => ({ id: `o${i + 1}`, text }))
const poll: PollContent = { kind: 'poll', question: 'Lunch?', options, maxSelections: 1 }
const double: PollContent = { ...poll, maxSelections: 2 }
const vote = (voter: string, at: number, ...optionIds: string[]) => ({ voter, at: new Date(at), optionIds })

describe('commands', () => {
  test.each<[string, number[]]>([
    ['!vote 2', [2]],
    ['!vote 1,3', [1, 3]],
    ['!vote 1, 3', [1, 3]],
    ['!vote 1 3', [1, 3]],
    ['!vote #2', [2]],
    ['!vote 2.', [2]],
    ['!VOTE 2', [2]],
    ['  !vote   2  ', [2]],
    ['!vote 2 2', [2]],
    ['!vote', []],
    ['!vote none', []],
  ])('%j', (text, numbers) => {
    expect(parsePollCommand(text)).toEqual({ kind: 'vote', numbers })
  })

  test.each(['vote 2', 'I !vote 2', '!voted 2', '!pollen', '', 'hello', '!votes', '! vote 2'])(
    '%j is none',
    (text) => {
      expect(parsePollCommand(text)).toBeUndefined()
    },
  )

  test('a poll', () => {
    expect(parsePollCommand('!poll Lunch  today? | Pizza|Soup | | Pizza')).toEqual({
      kind: 'poll',
      poll: {
        kind: 'poll',
        question: 'Lunch today?',
        options: [
          { id: '1', text: 'Pizza' },
          { id: '2', text: 'Soup' },
        ],
        maxSelections: 1,
      },
    })
  })

  test.each([
    '!vote pizza',
    '!vote 0',
    '!vote -1',
    '!vote 1 and 2',
    '!vote 1234',
    '!poll',
    '!poll Lunch?',
    '!poll Lunch? | Pizza',
    '!poll | a | b',
    '!poll Lunch? | a | a',
    `!poll x${'x'.repeat(300)} | a | b`,
    `!poll x | a | ${'b'.repeat(101)}`,
    `!poll x | ${Array.from({ length: 21 }, (_, i) => i).join('|')}`,
  ])('%j is answered with words', (text) => {
    expect(parsePollCommand(text)).toEqual({ kind: 'invalid', why: expect.stringMatching(/\w+ \w+/) })
  })
})

test.each<[string, PollContent, number[], string[] | { why: string }]>([
  ['one', poll, [2], ['o2']],
  ['none', poll, [], []],
  ['several', double, [3, 1], ['o3', 'o1']],
  ['too many', poll, [1, 2], { why: 'This poll takes at most one answer.' }],
  ['too many of several', double, [1, 2, 3], { why: 'This poll takes at most 2 answers.' }],
  ['out of range', poll, [4], { why: 'The answers are numbered from 1 to 3.' }],
])('votedOptions: %s', (_name, of, numbers, expected) => {
  const voted = votedOptions(of, numbers)
  expect(Array.isArray(voted) ? voted.map((option) => option.id) : voted).toEqual(expected)
})

describe('tally', () => {
  test.each<[string, PollContent, ReturnType<typeof vote>[], number[], number]>([
    ['nobody', poll, [], [0, 0, 0], 0],
    ['each one', poll, [vote('a', 1, 'o1'), vote('b', 2, 'o1'), vote('c', 3, 'o2')], [2, 1, 0], 3],
    ['the latest counts', poll, [vote('a', 1, 'o1'), vote('a', 2, 'o2')], [0, 1, 0], 1],
    ['the latest by time, not by arrival', poll, [vote('a', 2, 'o2'), vote('a', 1, 'o1')], [0, 1, 0], 1],
    ['at the same instant the later arrival', poll, [vote('a', 1, 'o1'), vote('a', 1, 'o2')], [0, 1, 0], 1],
    ['taken back', poll, [vote('a', 1, 'o1'), vote('a', 2)], [0, 0, 0], 0],
    ['an unknown answer spoils', double, [vote('a', 1, 'o1'), vote('a', 2, 'o1', 'x')], [0, 0, 0], 0],
    ['too many are cut', poll, [vote('a', 1, 'o1', 'o2')], [1, 0, 0], 1],
    ['what is cut spoils nothing', poll, [vote('a', 1, 'o1', 'x')], [1, 0, 0], 1],
    ['several', double, [vote('a', 1, 'o1', 'o2'), vote('b', 1, 'o2')], [1, 2, 0], 2],
    ['twice the same is once', double, [vote('a', 1, 'o1', 'o1')], [1, 0, 0], 1],
  ])('%s', (_name, of, votes, counts, voters) => {
    const tally = tallyOf(of, votes)
    expect(tally.rows.map((row) => row.votes)).toEqual(counts)
    expect(tally.voters).toBe(voters)
  })

  test('in words', () => {
    const votes = [
      vote('a', 1, 'o1'),
      vote('b', 1, 'o1'),
      vote('c', 1, 'o1'),
      vote('d', 1, 'o2'),
      vote('e', 1, 'o2'),
    ]
    expect(renderTally(poll, votes)).toBe('👍 Pizza — 3 (60%)\nSoup — 2 (40%)\nSalad — 0')
    expect(renderTally(poll, votes.slice(2, 4))).toBe('👍 Pizza — 1 (50%)\n👍 Soup — 1 (50%)\nSalad — 0')
    expect(renderTally(poll, [])).toBe('No votes.')
  })
})
