import { describe, expect, test } from 'vitest'
import { excerptOf, renderFallback } from '../../../src/bridge/fallback.ts'
import type { Capabilities } from '../../../src/model/capabilities.ts'
import type { MediaContent, MessageContent } from '../../../src/model/content.ts'
import { matrixUserId, remoteUserId } from '../../../src/model/ids.ts'
import type { RemoteAction } from '../../../src/model/remote-action.ts'
import {
  EVERYTHING,
  mediaLink,
  NOTHING,
  options,
  photo,
  poll,
  say,
  target,
  text,
  without,
  wordsOf,
} from './actions.ts'

describe('reactions and redactions', () => {
  const key = '👍'
  test.each<[string, RemoteAction, string]>([
    ['reaction', { kind: 'reaction', target: target(), key }, 'emote: reacted 👍 to "shall we meet at noon"'],
    [
      'to a long text',
      { kind: 'reaction', target: target({ excerpt: 'x'.repeat(60) }), key },
      `emote: reacted 👍 to "${'x'.repeat(50)}…"`,
    ],
    [
      'to several lines',
      { kind: 'reaction', target: target({ excerpt: 'a\n\n b' }), key },
      'emote: reacted 👍 to "a b"',
    ],
    [
      'to a forgotten text',
      { kind: 'reaction', target: without('excerpt'), key },
      'emote: reacted 👍 to a message of bob',
    ],
    [
      'to an own one',
      { kind: 'reaction', target: target({ own: true, excerpt: '' }), key },
      'emote: reacted 👍 to an own message',
    ],
    [
      'removal',
      { kind: 'reaction-removal', target: target(), key },
      'emote: removed the reaction 👍 from "shall we meet at noon"',
    ],
    ['redaction', { kind: 'redaction', target: target() }, 'emote: deleted "shall we meet at noon"'],
    [
      'with a reason',
      { kind: 'redaction', target: target(), reason: 'spam\nspam' },
      'emote: deleted "shall we meet at noon" (spam spam)',
    ],
  ])('%s', (_name, action, expected) => {
    expect(wordsOf(action)).toBe(expected)
  })

  test('the sender is told what became of it', () => {
    const caps: Capabilities = {
      ...NOTHING,
      notes: { reactions: 'as text', redactions: 'it stays', edits: 'as text' },
    }
    const noteOf = (action: RemoteAction) => renderFallback(action, caps, options)
    expect(noteOf({ kind: 'reaction', target: target(), key })).toHaveProperty('note', 'as text')
    expect(noteOf({ kind: 'redaction', target: target() })).toHaveProperty('note', 'it stays')
    expect(noteOf({ kind: 'edit', target: target(), content: text('x') })).toHaveProperty('note', 'as text')
  })
})

describe('content', () => {
  const media = (more: Partial<MediaContent>): MediaContent => ({ ...photo, ...more })
  test.each<[string, MessageContent, string]>([
    ['text', text('a', { html: '<b>a</b>' }), 'text: a'],
    ['image', photo, 'text: image cat.jpg (1.2 MB): https://m.example/x'],
    [
      'caption',
      media({ caption: { body: 'my cat' } }),
      'text: my cat — image cat.jpg (1.2 MB): https://m.example/x',
    ],
    [
      'caption of lines',
      media({ caption: { body: 'my\ncat' } }),
      'text: my\ncat\nimage cat.jpg (1.2 MB): https://m.example/x',
    ],
    [
      'voice',
      media({ media: 'voice', durationMs: 12_400, sizeBytes: 34_000 }),
      'text: voice message (0:12, 34 KB): https://m.example/x',
    ],
    [
      'long video',
      media({ media: 'video', durationMs: 3_723_000 }),
      'text: video cat.jpg (1:02:03, 1.2 MB): https://m.example/x',
    ],
    [
      'spoiler',
      media({ spoiler: true, sizeBytes: 812 }),
      'text: image cat.jpg (spoiler, 812 bytes): https://m.example/x',
    ],
    [
      'location',
      { kind: 'location', latitude: 52.5, longitude: -13.4, name: 'Home' },
      'text: location Home: 52.5, -13.4 geo:52.5,-13.4',
    ],
    [
      'live location',
      { kind: 'location', latitude: 1e-9, longitude: 100, live: true },
      'text: live location: 0, 100 geo:0,100',
    ],
    [
      'contacts',
      {
        kind: 'contact',
        contacts: [
          { name: 'Ann', phones: ['+1', '+2'] },
          { name: 'Bo', phones: [] },
        ],
      },
      'text: contact: Ann, +1, +2\ncontact: Bo',
    ],
    ['poll', poll, 'text: Poll: Lunch?\n1. Pizza\n2. Soup\nVote with !vote and the number'],
    [
      'poll with several',
      { ...poll, maxSelections: 2, hidden: true },
      'text: Poll: Lunch?\n1. Pizza\n2. Soup\nVote with !vote 1 or, for up to 2 answers, !vote 1,2; the result is shown at the end',
    ],
    ['unsupported', { kind: 'unsupported', what: 'x', text: 'sent a game' }, 'emote: sent a game'],
  ])('%s', (_name, content, expected) => {
    expect(wordsOf(say(content), NOTHING, { mediaLink })).toBe(expected)
  })

  test('without a public address the sender is told', () => {
    expect(renderFallback(say(photo), NOTHING, options)).toEqual({
      action: say(text('image cat.jpg (1.2 MB)')),
      note: 'The network was told about the attachment, but not where to get it.',
    })
  })
})

describe('the rest', () => {
  const remote = remoteUserId('net/bob')
  test.each<[string, RemoteAction, string]>([
    [
      'vote',
      { kind: 'poll-vote', target: target(), options: [] },
      'drop: Your vote is counted; the network is told the result only.',
    ],
    [
      'vote with a tally',
      { kind: 'poll-vote', target: target(), options: [], tally: 'Pizza — 1 (100%)' },
      'text: Pizza — 1 (100%)',
    ],
    [
      'end',
      { kind: 'poll-end', target: target({ excerpt: 'Lunch?' }), tally: 'Pizza — 1 (100%)' },
      'text: The poll "Lunch?" has ended.\nPizza — 1 (100%)',
    ],
    ['topic', { kind: 'topic', topic: 'new' }, 'emote: changed the topic to: new'],
    ['no topic', { kind: 'topic', topic: '' }, 'emote: removed the topic'],
    ['name', { kind: 'name', name: 'new' }, 'emote: renamed the room to: new'],
    [
      'kick',
      { kind: 'membership', user: matrixUserId('@b:c'), remote, change: 'kick' },
      'drop: The network does not let alice change who is in this conversation.',
    ],
    [
      'power',
      { kind: 'power', changes: [{ remote, level: 50 }] },
      'drop: The network has no permissions that could be changed like this.',
    ],
  ])('%s', (_name, action, expected) => {
    expect(wordsOf(action)).toBe(expected)
  })

  test.each<[RemoteAction]>([
    [say(text('a', { html: '<b>a</b>' }), { replyTo: target() })],
    [say(photo)],
    [say(poll)],
    [{ kind: 'edit', target: target(), content: text('x'), previous: 'y' }],
    [{ kind: 'redaction', target: target() }],
    [{ kind: 'reaction', target: target(), key: 'x' }],
    [{ kind: 'reaction-removal', target: target(), key: 'x' }],
    [{ kind: 'poll-vote', target: target(), options: [] }],
    [{ kind: 'poll-end', target: target() }],
    [{ kind: 'topic', topic: 'x' }],
    [{ kind: 'name', name: 'x' }],
    [{ kind: 'membership', user: matrixUserId('@b:c'), change: 'kick' }],
    [{ kind: 'power', changes: [] }],
  ])('what the network can do is left as it is: $kind', (action) => {
    expect(renderFallback(action, EVERYTHING, options)).toEqual({ action })
  })
})

test.each([
  ['short', 10, 'short'],
  ['exactly ten', 11, 'exactly ten'],
  ['one two three', 7, 'one two…'],
  ['one two three', 8, 'one two…'],
  [' a \n\t b ', 10, 'a b'],
  ['👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 2, '👨‍👩‍👧‍👦👨‍👩‍👧‍👦…'],
  ['é'.normalize('NFD').repeat(3), 2, `${'é'.normalize('NFD').repeat(2)}…`],
  ['🇩🇪🇫🇷', 1, '🇩🇪…'],
  ['a\uD800b', 5, 'a\uFFFDb'],
  ['', 5, ''],
])('excerptOf %j', (whole, max, expected) => {
  expect(excerptOf(whole, max)).toBe(expected)
})

test('an excerpt is short whatever it is made of', () => {
  expect(excerptOf(`a${'\u0301'.repeat(100_000)}b`, 50).length).toBeLessThan(2_000)
  expect(excerptOf('x '.repeat(1_000_000), 50)).toBe(`${'x '.repeat(24)}x…`)
})

describe('a file that is larger than the network takes', () => {
  const caps = { ...EVERYTHING, largestMediaBytes: 1_000 }
  const large = { ...photo, sizeBytes: 2_000 }

  test('goes as a link, and its sender is told', () => {
    const rendered = renderFallback({ kind: 'message', content: large }, caps, { ...options, mediaLink })
    expect(rendered).toMatchObject({
      action: { content: { kind: 'text' } },
      note: 'The file is larger than the network takes: a link to it was sent.',
    })
  })

  test('is told of in words where there are no links', () => {
    expect(renderFallback({ kind: 'message', content: large }, caps, options)).toMatchObject({
      action: { content: { kind: 'text' } },
      note: 'The network was told about the attachment, but not where to get it.',
    })
  })

  test('goes as it is when it fits', () => {
    const action: RemoteAction = { kind: 'message', content: { ...photo, sizeBytes: 1_000 } }
    expect(renderFallback(action, caps, options)).toEqual({ action })
  })
})
