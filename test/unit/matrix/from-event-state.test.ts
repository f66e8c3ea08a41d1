import { describe, expect, test } from 'vitest'
import type { RawEvent } from '../../../src/matrix/event.ts'
import { fromEvent } from '../../../src/matrix/from-event.ts'
import { matrixEventId } from '../../../src/model/ids.ts'
import { event, MXC, TARGET, text } from './samples.ts'

describe('reactions, redactions and state', () => {
  const annotation = (key: unknown, more: object = {}) =>
    event('m.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: TARGET, key }, ...more })
  const state = (type: string, content: Record<string, unknown>, key = '') =>
    event(type, content, { state_key: key })
  const member = (content: Record<string, unknown>, more: Partial<RawEvent> = {}) =>
    event('m.room.member', content, { state_key: '@bob:x', ...more })

  test.each<[string, RawEvent, object]>([
    ['reaction', annotation('👍'), { kind: 'reaction', target: TARGET, key: '👍' }],
    [
      'picture reaction',
      annotation(MXC, { shortcode: 'party' }),
      { kind: 'reaction', target: TARGET, key: ':party:' },
    ],
    [
      'picture reaction with colons',
      annotation(MXC, { 'com.beeper.reaction.shortcode': ':party:' }),
      { kind: 'reaction', target: TARGET, key: ':party:' },
    ],
    [
      'redaction, room version 10',
      event('m.room.redaction', { reason: 'spam' }, { redacts: matrixEventId(TARGET) }),
      { kind: 'redaction', target: TARGET, reason: 'spam' },
    ],
    [
      'redaction, room version 11',
      event('m.room.redaction', { redacts: TARGET }),
      { kind: 'redaction', target: TARGET },
    ],
    [
      'the homeserver knows which',
      event('m.room.redaction', { redacts: '$other' }, { redacts: matrixEventId(TARGET) }),
      { kind: 'redaction', target: TARGET },
    ],
    ['encrypted', event('m.room.encrypted', {}), { kind: 'encrypted' }],
    [
      'call',
      event('m.call.invite', {}),
      {
        kind: 'message',
        content: {
          kind: 'unsupported',
          what: 'm.call.invite',
          text: 'sent a call; calls do not cross the bridge',
        },
      },
    ],
    [
      'join',
      member(
        { membership: 'join', displayname: 'Bob' },
        { unsigned: { prev_content: { membership: 'invite' } } },
      ),
      { kind: 'membership', user: '@bob:x', membership: 'join', previous: 'invite', displayname: 'Bob' },
    ],
    [
      'direct invite',
      member({ membership: 'invite', is_direct: true }),
      { kind: 'membership', user: '@bob:x', membership: 'invite', direct: true },
    ],
    [
      'ban',
      member({ membership: 'ban', reason: 'spam' }),
      { kind: 'membership', user: '@bob:x', membership: 'ban', reason: 'spam' },
    ],
    ['topic', state('m.room.topic', { topic: 'new' }), { kind: 'topic', topic: 'new' }],
    [
      'MSC3765 topic',
      state('m.room.topic', {
        'm.topic': { 'm.text': [{ mimetype: 'text/html', body: '<b>n</b>' }, { body: 'n' }] },
      }),
      { kind: 'topic', topic: 'n' },
    ],
    ['removed topic', state('m.room.topic', {}), { kind: 'topic', topic: '' }],
    ['name', state('m.room.name', { name: 'new' }), { kind: 'name', name: 'new' }],
    ['avatar', state('m.room.avatar', { url: MXC }), { kind: 'avatar', mxc: MXC }],
    ['removed avatar', state('m.room.avatar', {}), { kind: 'avatar' }],
    [
      'tombstone',
      state('m.room.tombstone', { replacement_room: '!new' }),
      { kind: 'tombstone', replacement: '!new' },
    ],
    [
      'power',
      state('m.room.power_levels', {
        users: { '@a:x': 100, '@b:x': '50', '@c:x': 'many', nobody: 1, '@d:x': Infinity },
        users_default: 5,
      }),
      { kind: 'power', users: { '@a:x': 100, '@b:x': 50 }, usersDefault: 5 },
    ],
    [
      'live location',
      state(
        'org.matrix.msc3672.beacon_info',
        { live: true, timeout: 60_000, description: ' way ' },
        '@alice:example.org',
      ),
      { kind: 'live-begin', name: 'way' },
    ],
    [
      'end of a live location',
      state('m.beacon_info', { live: false }, '@alice:example.org'),
      { kind: 'live-end' },
    ],
  ])('%s', (_name, raw, expected) => {
    expect(fromEvent(raw)).toMatchObject(expected)
  })

  test.each<[string, RawEvent]>([
    ['reaction without a key', annotation(undefined)],
    ['reaction with a long key', annotation('x'.repeat(300))],
    ['reaction to nothing', event('m.reaction', {})],
    ['redaction of nothing', event('m.room.redaction', {})],
    ['membership of nobody', member({ membership: 'join' }, { state_key: 'x' })],
    ['membership of no kind', member({ membership: 'dance' })],
    ['tombstone without successor', state('m.room.tombstone', {})],
    ['state with a key of its own', state('m.room.topic', { topic: 'x' }, 'key')],
    ['a message as state', state('m.room.message', text('x'))],
    ['a topic that is no state', event('m.room.topic', { topic: 'x' })],
    ['unknown type', event('com.example.x', {})],
    ['unknown state', state('com.example.x', {})],
    ['live location of another', state('m.beacon_info', { live: false }, '@b:x')],
    ['place of a live location without coordinates', event('m.beacon', {})],
    ['deleted before it arrived', event('m.room.message', {}, { unsigned: { redacted_because: {} } })],
  ])('%s is ignored, with the reason', (_name, raw) => {
    expect(fromEvent(raw)).toEqual({ kind: 'ignored', why: expect.stringMatching(/\w+ \w+/) })
  })
})
