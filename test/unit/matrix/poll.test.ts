import { describe, expect, test } from 'vitest'
import { fromEvent } from '../../../src/matrix/from-event.ts'
import { readPollResponse, readPollStart } from '../../../src/matrix/poll.ts'
import { event, replaces, TARGET } from './samples.ts'

const START = 'org.matrix.msc3381.poll.start'
const RESPONSE = 'org.matrix.msc3381.poll.response'
const answer = (id: string, text = id) => ({ id, 'org.matrix.msc1767.text': text })
const unstable = (more: object = {}) => ({
  question: { 'org.matrix.msc1767.text': 'Lunch?' },
  kind: 'org.matrix.msc3381.poll.disclosed',
  max_selections: 1,
  answers: [answer('a', 'Pizza'), answer('b', 'Soup')],
  ...more,
})
const stable = (more: object = {}) => ({
  question: { 'm.text': [{ body: 'Lunch?' }] },
  kind: 'm.disclosed',
  answers: [
    { 'm.id': 'a', 'm.text': [{ body: 'Pizza' }] },
    {
      'm.id': 'b',
      'm.text': [
        { mimetype: 'text/html', body: '<b>' },
        { mimetype: 'text/plain', body: 'Soup' },
      ],
    },
  ],
  ...more,
})
const lunch = {
  kind: 'poll',
  question: 'Lunch?',
  options: [
    { id: 'a', text: 'Pizza' },
    { id: 'b', text: 'Soup' },
  ],
  maxSelections: 1,
}

describe('start', () => {
  test.each<[string, Record<string, unknown>, object]>([
    ['unstable', { [START]: unstable() }, lunch],
    ['stable', { 'm.poll': stable() }, lunch],
    [
      'undisclosed',
      { [START]: unstable({ kind: 'org.matrix.msc3381.poll.undisclosed' }) },
      { ...lunch, hidden: true },
    ],
    ['stable, undisclosed', { 'm.poll': stable({ kind: 'm.undisclosed' }) }, { ...lunch, hidden: true }],
    ['unknown kind', { [START]: unstable({ kind: 'x' }) }, { ...lunch, hidden: true }],
    ['several', { [START]: unstable({ max_selections: 2 }) }, { ...lunch, maxSelections: 2 }],
    ['more than there are', { [START]: unstable({ max_selections: 99 }) }, { ...lunch, maxSelections: 2 }],
    ['fewer than one', { [START]: unstable({ max_selections: -1 }) }, lunch],
    ['no number', { [START]: unstable({ max_selections: 'x' }) }, lunch],
    [
      'broken answers are left out',
      {
        [START]: unstable({
          answers: [answer('a', 'Pizza'), 7, { id: 'x' }, answer('a'), answer('b', 'Soup')],
        }),
      },
      lunch,
    ],
    ['question as a body', { [START]: unstable({ question: { body: 'Lunch?' } }) }, lunch],
  ])('%s', (_name, content, expected) => {
    expect(readPollStart(content)).toEqual(expected)
  })

  test('at most 20 answers count', () => {
    const answers = Array.from({ length: 30 }, (_, i) => answer(String(i)))
    expect(readPollStart({ [START]: unstable({ answers }) })?.options).toHaveLength(20)
  })

  test.each<[string, Record<string, unknown>]>([
    ['nothing', {}],
    ['no question', { [START]: unstable({ question: 5 }) }],
    ['no answers', { [START]: unstable({ answers: {} }) }],
  ])('%s is no poll', (_name, content) => {
    expect(readPollStart(content)).toBeUndefined()
    expect(fromEvent(event(START, content))).toMatchObject({
      kind: 'message',
      content: { kind: 'unsupported' },
    })
  })

  test.each([START, 'm.poll.start'])('as the event %s', (type) => {
    expect(fromEvent(event(type, { [START]: unstable() }))).toEqual({
      kind: 'message',
      content: lunch,
      text: 'Lunch?',
    })
  })

  test('edited', () => {
    const content = {
      [START]: unstable({ question: { body: 'Old?' } }),
      'm.new_content': { [START]: unstable() },
      ...replaces,
    }
    expect(fromEvent(event(START, content))).toEqual({
      kind: 'edit',
      target: TARGET,
      content: lunch,
      text: 'Lunch?',
    })
  })
})

describe('response and end', () => {
  test.each<[string, Record<string, unknown>, string[] | undefined]>([
    ['unstable', { [RESPONSE]: { answers: ['a', 'b'] } }, ['a', 'b']],
    ['stable', { 'm.selections': ['a'] }, ['a']],
    ['taken back', { [RESPONSE]: { answers: [] } }, []],
    ['no answers', { [RESPONSE]: {} }, undefined],
    ['answers of other types', { [RESPONSE]: { answers: ['a', 1] } }, undefined],
    ['nothing', {}, undefined],
  ])('%s', (_name, content, expected) => {
    expect(readPollResponse(content)).toEqual(expected)
    const reference = { 'm.relates_to': { rel_type: 'm.reference', event_id: TARGET } }
    const act = fromEvent(event(RESPONSE, { ...content, ...reference }))
    if (expected === undefined) expect(act.kind).toBe('ignored')
    else expect(act).toEqual({ kind: 'poll-vote', target: TARGET, optionIds: expected })
    expect(fromEvent(event('m.poll.response', content)).kind).toBe('ignored')
  })

  test.each(['org.matrix.msc3381.poll.end', 'm.poll.end'])('%s', (type) => {
    const reference = { 'm.relates_to': { rel_type: 'm.reference', event_id: TARGET } }
    expect(fromEvent(event(type, reference))).toEqual({ kind: 'poll-end', target: TARGET })
    expect(fromEvent(event(type, {})).kind).toBe('ignored')
  })
})
