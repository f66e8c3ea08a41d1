import { describe, expect, test } from 'vitest'
import type { TlObject } from '../contract.ts'
import { downgraded } from './downgrade.ts'
import { NEWEST, olderLayer, schemaFor } from './layers.ts'
import { shapeOf } from './schema.ts'
import { decodeObject } from './tl-decode.ts'
import { encodeObject, encodeValue } from './tl-encode.ts'
import { upgraded } from './upgrade.ts'

const OLDER = olderLayer()

/** As a client of the older layer reads it. */
function readByOlder(object: TlObject, type: string): TlObject {
  const shape = shapeOf(type, 'no')
  return decodeObject(OLDER, encodeValue(OLDER, shape, downgraded(OLDER, shape, object)))
}

const plainText = (text: string): TlObject => ({ _: 'textWithEntities', text, entities: [] })
const option = (text: string) => Buffer.from(text)

const POLL = {
  _: 'poll',
  id: 1n,
  quiz: true,
  shuffle_answers: true,
  question: plainText('Which?'),
  answers: [
    {
      _: 'pollAnswer',
      text: plainText('a'),
      option: option('0'),
      date: 5,
      added_by: { _: 'peerUser', user_id: 1n },
    },
    { _: 'pollAnswer', text: plainText('b'), option: option('1') },
  ],
  hash: 99n,
}

test('which schema speaks to whom', () => {
  expect(schemaFor(NEWEST.layer)).toBe(NEWEST)
  expect(schemaFor(NEWEST.layer + 1)).toBe(NEWEST)
  expect(schemaFor(OLDER.layer)).toBe(OLDER)
  expect([NEWEST.layer, OLDER.layer]).toEqual([227, 198])
})

describe('for an older client', () => {
  test('a poll loses what is new', () => {
    expect(readByOlder(POLL, 'Poll')).toEqual({
      _: 'poll',
      id: 1n,
      quiz: true,
      question: plainText('Which?'),
      answers: [
        { _: 'pollAnswer', text: plainText('a'), option: option('0') },
        { _: 'pollAnswer', text: plainText('b'), option: option('1') },
      ],
    })
  })

  test('results without a count count nothing', () => {
    const results = {
      _: 'pollResults',
      results: [{ _: 'pollAnswerVoters', chosen: true, option: option('0') }],
      total_voters: 1,
      can_view_stats: true,
    }
    expect(readByOlder(results, 'PollResults')).toEqual({
      _: 'pollResults',
      results: [{ _: 'pollAnswerVoters', chosen: true, option: option('0'), voters: 0 }],
      total_voters: 1,
    })
  })

  test('updates that it does not know are left out of their vector', () => {
    const known = { _: 'updateUserTyping', user_id: 1n, action: { _: 'sendMessageTypingAction' } }
    const onlyNew = [...NEWEST.classes.values()].find(
      ({ name, result }) => result.type === 'Update' && !OLDER.classes.has(name),
    )
    expect(onlyNew).toBeDefined()
    const updates = [{ _: onlyNew?.name ?? '' }, known]
    const object = { _: 'updates', updates, users: [], chats: [], date: 1, seq: 0 }
    expect(readByOlder(object, 'Updates')['updates']).toEqual([known])
  })

  test('media and actions that it does not know have something in their place', () => {
    const message = {
      _: 'message',
      id: 1,
      peer_id: { _: 'peerUser', user_id: 1n },
      date: 1,
      message: '',
      media: { _: 'messageMediaToDo' },
    }
    expect(readByOlder(message, 'Message')['media']).toEqual({ _: 'messageMediaUnsupported' })
    const service = {
      _: 'messageService',
      id: 1,
      peer_id: { _: 'peerUser', user_id: 1n },
      date: 1,
      action: { _: 'messageActionPollAppendAnswer' },
    }
    expect(readByOlder(service, 'Message')['action']).toEqual({ _: 'messageActionEmpty' })
  })

  test('joining answers with the updates themselves', () => {
    const updates = { _: 'updates', updates: [], users: [], chats: [], date: 1, seq: 0 }
    const result = { _: 'messages.chatInviteJoinResultOk', updates }
    const shape = OLDER.methods.get('channels.joinChannel')?.result
    expect(shape?.type).toBe('Updates')
    expect(downgraded(OLDER, shapeOf('Updates', 'no'), result)).toEqual(updates)
  })

  test('a field that changed its type is left out', () => {
    const user = { _: 'user', id: 1n, first_name: 'A', stories_max_id: { _: 'recentStory', max_id: 4 } }
    expect(readByOlder(user, 'User')).toEqual({ _: 'user', id: 1n, first_name: 'A' })
  })

  test('a mandatory object without a likeness is an error', () => {
    const update = { _: 'updateShort', update: { _: 'updateNothing' }, date: 1 }
    expect(() => downgraded(OLDER, shapeOf('Updates', 'no'), update)).toThrow(/can't say updateShort/)
  })
})

describe('from an older client', () => {
  const fromOlder = (request: TlObject) => upgraded(decodeObject(OLDER, encodeObject(OLDER, request)))

  test('a quiz names its correct answers by index and leaves the options to the server', () => {
    const { hash: _, shuffle_answers: __, ...poll } = POLL
    const answers = POLL.answers.map(({ text, option }) => ({ _: 'pollAnswer', text, option }))
    const request = fromOlder({
      _: 'messages.uploadMedia',
      peer: { _: 'inputPeerSelf' },
      media: {
        _: 'inputMediaPoll',
        poll: { ...poll, answers },
        correct_answers: [option('1')],
        solution: 'so',
        solution_entities: [],
      },
    })
    expect(request['media']).toMatchObject({
      correct_answers: [1],
      solution: 'so',
      poll: {
        hash: 0n,
        quiz: true,
        answers: [
          { _: 'inputPollAnswer', text: plainText('a') },
          { _: 'inputPollAnswer', text: plainText('b') },
        ],
      },
    })
    expect(() => encodeObject(NEWEST, request)).not.toThrow()
  })

  test.each<[TlObject, TlObject]>([
    [
      { _: 'messages.getPollResults', peer: { _: 'inputPeerSelf' }, msg_id: 1 },
      { _: 'messages.getPollResults', peer: { _: 'inputPeerSelf' }, msg_id: 1, poll_hash: 0n },
    ],
    [
      { _: 'channels.toggleForum', channel: { _: 'inputChannelEmpty' }, enabled: true },
      { _: 'channels.toggleForum', channel: { _: 'inputChannelEmpty' }, enabled: true, tabs: false },
    ],
  ])('%o gets what is new', (request, expected) => {
    expect(fromOlder(request)).toEqual(expected)
  })
})
