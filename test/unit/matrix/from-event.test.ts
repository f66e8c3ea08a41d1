import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromEvent } from '../../../src/matrix/from-event.ts'
import { remoteUserId } from '../../../src/model/ids.ts'
import {
  event,
  html,
  inReplyTo,
  media,
  message,
  MXC,
  plain,
  replaces,
  said,
  TARGET,
  text,
} from './samples.ts'

describe('text', () => {
  test.each<[string, Record<string, unknown>, object]>([
    ['m.text', text('hi'), said(plain('hi'), 'hi')],
    ['m.notice', { msgtype: 'm.notice', body: 'hi' }, said(plain('hi', { style: 'notice' }), 'hi')],
    ['m.emote', { msgtype: 'm.emote', body: 'waves' }, said(plain('waves', { style: 'emote' }), 'waves')],
    [
      'm.server_notice',
      { msgtype: 'm.server_notice', body: 'x' },
      said(plain('x', { style: 'notice' }), 'x'),
    ],
    ['html', html('a b', 'a <b>b</b>'), said(plain('a b', { html: 'a <b>b</b>' }), 'a b')],
    [
      'html is sanitised',
      html('a', '<b onclick="x">a</b><script>x</script>'),
      said(plain('a', { html: '<b>a</b>' }), 'a'),
    ],
    ['html without markup', html('a & b', 'a &amp; b'), said(plain('a & b'), 'a & b')],
    [
      'html of another format',
      text('a', { format: 'text/x', formatted_body: '<b>a</b>' }),
      said(plain('a'), 'a'),
    ],
    [
      'html without body',
      { msgtype: 'm.text', format: 'org.matrix.custom.html', formatted_body: '<b>a</b>' },
      said(plain('a', { html: '<b>a</b>' }), 'a'),
    ],
    ['extensible text', { msgtype: 'm.text', 'org.matrix.msc1767.text': 'a' }, said(plain('a'), 'a')],
    ['NUL and a lone surrogate', text('a\0b\uD800'), said(plain('a\uFFFDb\uFFFD'), 'a\uFFFDb\uFFFD')],
    ['reply', text('hi', inReplyTo), said(plain('hi'), 'hi', { replyTo: TARGET })],
    [
      'reply with a fallback',
      text('> <@b:c> old\n\nhi', inReplyTo),
      said(plain('hi'), 'hi', { replyTo: TARGET }),
    ],
    [
      'reply with a fallback in html',
      html('> <@b:c> old\n\nhi', '<mx-reply><blockquote>old</blockquote></mx-reply><b>hi</b>', inReplyTo),
      said(plain('hi', { html: '<b>hi</b>' }), 'hi', { replyTo: TARGET }),
    ],
    [
      'quote that is no fallback',
      text('> <@b:c> old\n\nhi'),
      said(plain('> <@b:c> old\n\nhi'), '> <@b:c> old\n\nhi'),
    ],
    [
      'reply to something malformed',
      text('hi', { 'm.relates_to': { 'm.in_reply_to': { event_id: 7 } } }),
      said(plain('hi'), 'hi'),
    ],
    [
      'thread',
      text('hi', {
        'm.relates_to': {
          rel_type: 'm.thread',
          event_id: '$root',
          is_falling_back: true,
          'm.in_reply_to': { event_id: TARGET },
        },
      }),
      said(plain('hi'), 'hi', { threadRoot: '$root' }),
    ],
    [
      'reply in a thread',
      text('hi', {
        'm.relates_to': {
          rel_type: 'm.thread',
          event_id: '$root',
          is_falling_back: false,
          'm.in_reply_to': { event_id: TARGET },
        },
      }),
      said(plain('hi'), 'hi', { threadRoot: '$root', replyTo: TARGET }),
    ],
    ['m.relates_to that is no object', text('hi', { 'm.relates_to': [1] }), said(plain('hi'), 'hi')],
  ])('%s', (_name, content, expected) => {
    expect(message(content)).toEqual(expected)
  })

  test.each<[string, Record<string, unknown>, string]>([
    [
      'unknown msgtype',
      { msgtype: 'com.example.dice', body: 'rolled 6' },
      'sent a message of a kind that does not cross: rolled 6',
    ],
    ['no msgtype', { body: 'x' }, 'sent a message of a kind that does not cross: x'],
    [
      'msgtype that is no string',
      { msgtype: {}, body: 'x' },
      'sent a message of a kind that does not cross: x',
    ],
    ['a name of every object', { msgtype: 'constructor' }, 'sent a message of a kind that does not cross'],
    ['no body', { msgtype: 'm.text' }, 'sent a message without text'],
    ['body that is no string', { msgtype: 'm.text', body: 5 }, 'sent a message without text'],
    [
      'image without address',
      { msgtype: 'm.image', body: 'x.png' },
      'sent an image without a readable address: x.png',
    ],
    [
      'image from the web',
      { msgtype: 'm.image', body: 'x.png', url: 'https://x/y' },
      'sent an image without a readable address: x.png',
    ],
    [
      'location without coordinates',
      { msgtype: 'm.location', body: 'here' },
      'sent a location without readable coordinates: here',
    ],
    [
      'location off the globe',
      { msgtype: 'm.location', body: 'here', geo_uri: 'geo:91,0' },
      'sent a location without readable coordinates: here',
    ],
  ])('%s is unsupported, with words', (_name, content, words) => {
    expect(message(content)).toMatchObject({ kind: 'message', content: { kind: 'unsupported', text: words } })
  })

  test('a device verification is ignored', () => {
    expect(message({ msgtype: 'm.key.verification.request', body: 'x' })).toMatchObject({ kind: 'ignored' })
  })
})

describe('mentions', () => {
  const known = {
    resolveMention: (user: string) =>
      user === '@_irc_bob:example.org' ? { remote: remoteUserId('net/bob'), name: 'Bob' } : undefined,
  }
  const bob = { user: '@_irc_bob:example.org', remote: 'net/bob', name: 'Bob' }
  const pill = '<a href="https://matrix.to/#/%40_irc_bob%3Aexample.org">Bob</a>: hi'

  test.each<[string, Record<string, unknown>, object]>([
    [
      'm.mentions',
      text('hi', { 'm.mentions': { user_ids: ['@_irc_bob:example.org', '@x:y', 7, 'nobody'] } }),
      { mentions: [bob, { user: '@x:y' }] },
    ],
    ['a pill', html('Bob: hi', pill), { mentions: [bob] }],
    [
      'both are one',
      html('Bob: hi', pill, { 'm.mentions': { user_ids: ['@_irc_bob:example.org'] } }),
      { mentions: [bob] },
    ],
    ['a matrix: link', html('Bob', '<a href="matrix:u/_irc_bob:example.org">Bob</a>'), { mentions: [bob] }],
    ['the room', text('hi', { 'm.mentions': { room: true } }), { mentionsRoom: true }],
    ['@room of older clients', text('hey @room'), { mentionsRoom: true }],
  ])('%s', (_name, content, expected) => {
    expect(fromEvent(event('m.room.message', content), known)).toMatchObject({ content: expected })
  })

  test.each([
    ['an empty m.mentions calls nobody', text('hey @room', { 'm.mentions': {} })],
    ['a room pill', html('x', '<a href="https://matrix.to/#/#room:x">x</a>')],
    ['a broken escape', html('x', '<a href="https://matrix.to/#/%zz">x</a>')],
  ])('%s', (_name, content) => {
    const act = fromEvent(event('m.room.message', content), known)
    expect(act).not.toHaveProperty('content.mentions')
    expect(act).not.toHaveProperty('content.mentionsRoom')
  })
})

describe('edits', () => {
  test.each<[string, Record<string, unknown>, object]>([
    ['text', { ...text('* new'), 'm.new_content': text('new'), ...replaces }, plain('new')],
    ['without m.new_content', { ...text('* new'), ...replaces }, plain('new')],
    [
      'html',
      { ...text('* new'), 'm.new_content': html('new', '<b>new</b>'), ...replaces },
      plain('new', { html: '<b>new</b>' }),
    ],
    [
      'msgtype of the outside',
      { ...text('* new'), 'm.new_content': { body: 'new' }, ...replaces },
      plain('new'),
    ],
    [
      'media',
      {
        ...text('* new'),
        'm.new_content': { msgtype: 'm.image', body: 'new', filename: 'a.png', url: MXC },
        ...replaces,
      },
      media({ media: 'image', fileName: 'a.png', caption: { body: 'new' } }),
    ],
  ])('%s', (_name, content, expected) => {
    const act = message(content)
    expect(act).toMatchObject({ kind: 'edit', target: TARGET, content: expected })
    expect(act).toHaveProperty('text', 'new')
  })

  test('without a target it is a message', () => {
    const content = {
      ...text('* new'),
      'm.new_content': text('new'),
      'm.relates_to': { rel_type: 'm.replace' },
    }
    expect(message(content)).toEqual(said(plain('* new'), '* new'))
  })
})

test('no event makes it throw', () => {
  const keys =
    'msgtype body format formatted_body filename url file info m.relates_to m.new_content m.mentions user_ids rel_type event_id key m.in_reply_to geo_uri m.poll m.text answers question org.matrix.msc3381.poll.start org.matrix.msc3381.poll.response m.selections users membership topic m.topic redacts org.matrix.msc3245.voice org.matrix.msc1767.audio waveform __proto__ constructor'
  const words = [
    'm.text',
    'm.image',
    'm.location',
    'org.matrix.custom.html',
    '<b>x',
    MXC,
    'm.replace',
    '$e',
    'geo:1,2',
    '',
  ]
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(...words, 0, 1.5, Infinity, null, true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys.split(' ')), tie('value'), { maxKeys: 6 }),
    ),
  })).value
  const content = fc.dictionary(fc.constantFrom(...keys.split(' ')), json, { maxKeys: 8 })
  const types =
    'm.room.message m.sticker m.reaction m.room.redaction m.poll.start org.matrix.msc3381.poll.response m.poll.end m.location m.room.member m.room.power_levels m.room.topic m.room.tombstone'
  fc.assert(
    fc.property(fc.constantFrom(...types.split(' ')), content, fc.boolean(), (type, body, isState) => {
      const act = fromEvent(event(type, body, isState ? { state_key: '' } : {}))
      expect(act.kind).toBeTypeOf('string')
      expect(() => JSON.stringify(act)).not.toThrow()
    }),
    { numRuns: Number(process.env['VIADUCT_FUZZ_ITERATIONS'] ?? 2_000) },
  )
})
