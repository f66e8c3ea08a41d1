import { describe, expect, test } from 'vitest'
import { readEvent } from '../../../src/matrix/event.ts'

describe('readEvent', () => {
  const good = {
    event_id: '$e',
    type: 'm.room.message',
    room_id: '!r:x',
    sender: '@a:x',
    origin_server_ts: 5,
    content: { body: 'x' },
  }

  test('takes what it knows', () => {
    const json = { ...good, state_key: '', redacts: '$r', unsigned: { age: 1 }, extra: 1 }
    expect(readEvent(json)).toEqual({ ...good, state_key: '', redacts: '$r', unsigned: { age: 1 } })
  })

  test.each<[string, object]>([
    ['not an object', []],
    ['no event id', { ...good, event_id: undefined }],
    ['event id without sigil', { ...good, event_id: 'e' }],
    ['event id too long', { ...good, event_id: `$${'x'.repeat(255)}` }],
    ['event id with a newline', { ...good, event_id: '$a\nb' }],
    ['no type', { ...good, type: '' }],
    ['room that is an alias', { ...good, room_id: '#r:x' }],
    ['sender without server', { ...good, sender: '@a' }],
    ['sender of 255 characters in more bytes', { ...good, sender: `@${'é'.repeat(200)}:x` }],
    ['content that is an array', { ...good, content: [] }],
    ['state key that is a number', { ...good, state_key: 1 }],
  ])('%s', (_name, json) => {
    expect(readEvent(json)).toEqual({ bad: expect.any(String) })
  })

  test.each([[undefined], [-1], ['5'], [Infinity], [9e15]])('a time of %j is no reason to refuse', (at) => {
    expect(readEvent({ ...good, origin_server_ts: at })).toMatchObject({ origin_server_ts: 0 })
  })
})
