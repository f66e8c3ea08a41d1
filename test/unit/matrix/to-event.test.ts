import { describe, expect, test } from 'vitest'
import {
  noticeEvent,
  pollEndEvent,
  pollResponseEvent,
  reactionEvent,
  toEvent,
} from '../../../src/matrix/to-event.ts'
import type { EventOptions } from '../../../src/matrix/to-event.ts'
import type { MessageContent } from '../../../src/model/content.ts'
import { matrixUserId } from '../../../src/model/ids.ts'
import { MXC, photo, poll, root, target, written } from './contents.ts'

describe('content', () => {
  test.each<[string, MessageContent, EventOptions, object]>([
    ['text', written('hi'), {}, { msgtype: 'm.text', body: 'hi', 'm.mentions': {} }],
    ['notice', written('hi', { style: 'notice' }), {}, { msgtype: 'm.notice', body: 'hi', 'm.mentions': {} }],
    [
      'emote',
      written('waves', { style: 'emote' }),
      {},
      { msgtype: 'm.emote', body: 'waves', 'm.mentions': {} },
    ],
    [
      'html',
      written('a', { html: '<b onclick=x>a</b>' }),
      {},
      {
        msgtype: 'm.text',
        body: 'a',
        format: 'org.matrix.custom.html',
        formatted_body: '<b>a</b>',
        'm.mentions': {},
      },
    ],
    [
      'html without markup',
      written('a', { html: 'a' }),
      {},
      { msgtype: 'm.text', body: 'a', 'm.mentions': {} },
    ],
    [
      'mentions',
      written('hi', { mentions: [{ user: matrixUserId('@a:b') }, { user: matrixUserId('@a:b') }] }),
      {},
      { msgtype: 'm.text', body: 'hi', 'm.mentions': { user_ids: ['@a:b'] } },
    ],
    [
      'the room',
      written('hi', { mentionsRoom: true }),
      {},
      { msgtype: 'm.text', body: 'hi', 'm.mentions': { room: true } },
    ],
    ['NUL', written('a\0b'), {}, { msgtype: 'm.text', body: 'a\uFFFDb', 'm.mentions': {} }],
    [
      'reply',
      written('hi'),
      { replyTo: target },
      {
        msgtype: 'm.text',
        body: 'hi',
        'm.mentions': {},
        'm.relates_to': { 'm.in_reply_to': { event_id: '$target' } },
      },
    ],
    [
      'thread',
      written('hi'),
      { threadRoot: root },
      {
        msgtype: 'm.text',
        body: 'hi',
        'm.mentions': {},
        'm.relates_to': {
          rel_type: 'm.thread',
          event_id: '$root',
          is_falling_back: true,
          'm.in_reply_to': { event_id: '$root' },
        },
      },
    ],
    [
      'reply in a thread',
      written('hi'),
      { threadRoot: root, replyTo: target },
      {
        msgtype: 'm.text',
        body: 'hi',
        'm.mentions': {},
        'm.relates_to': {
          rel_type: 'm.thread',
          event_id: '$root',
          is_falling_back: false,
          'm.in_reply_to': { event_id: '$target' },
        },
      },
    ],
    [
      'origin',
      written('hi'),
      { externalUrl: 'https://x.y/1' },
      { msgtype: 'm.text', body: 'hi', 'm.mentions': {}, external_url: 'https://x.y/1' },
    ],
    [
      'origin that is no safe link',
      written('hi'),
      { externalUrl: 'javascript:x' },
      { msgtype: 'm.text', body: 'hi', 'm.mentions': {} },
    ],
    [
      'edit',
      written('new', { html: '<b>new</b>', mentionsRoom: true }),
      { edit: target },
      {
        msgtype: 'm.text',
        body: '* new',
        format: 'org.matrix.custom.html',
        formatted_body: '* <b>new</b>',
        'm.mentions': {},
        'm.new_content': {
          msgtype: 'm.text',
          body: 'new',
          format: 'org.matrix.custom.html',
          formatted_body: '<b>new</b>',
          'm.mentions': { room: true },
        },
        'm.relates_to': { rel_type: 'm.replace', event_id: '$target' },
      },
    ],
    [
      'image',
      photo({ mimeType: 'image/png', sizeBytes: 9.6, width: 1, height: 2 }),
      { uploaded: MXC },
      {
        msgtype: 'm.image',
        body: 'a.png',
        filename: 'a.png',
        url: MXC,
        info: { mimetype: 'image/png', size: 10, w: 1, h: 2 },
        'm.mentions': {},
      },
    ],
    [
      'caption',
      photo({ caption: { body: 'look', html: '<i>look</i>' } }),
      { uploaded: MXC },
      {
        msgtype: 'm.image',
        body: 'look',
        format: 'org.matrix.custom.html',
        formatted_body: '<i>look</i>',
        filename: 'a.png',
        url: MXC,
        info: {},
        'm.mentions': {},
      },
    ],
    [
      'file on the homeserver',
      photo({ media: 'file', source: { at: 'matrix', mxc: MXC } }),
      {},
      { msgtype: 'm.file', body: 'a.png', filename: 'a.png', url: MXC, info: {}, 'm.mentions': {} },
    ],
    [
      'encrypted file',
      photo({
        media: 'file',
        source: {
          at: 'matrix',
          mxc: MXC,
          file: { url: MXC, key: { k: 'k' }, iv: 'i', hashes: { sha256: 'h' } },
        },
      }),
      {},
      {
        msgtype: 'm.file',
        body: 'a.png',
        filename: 'a.png',
        file: {
          v: 'v2',
          url: MXC,
          key: { kty: 'oct', key_ops: ['encrypt', 'decrypt'], alg: 'A256CTR', ext: true, k: 'k' },
          iv: 'i',
          hashes: { sha256: 'h' },
        },
        info: {},
        'm.mentions': {},
      },
    ],
    [
      'voice',
      photo({ media: 'voice', fileName: 'v.ogg', durationMs: 1500, waveform: [1, 2000, NaN] }),
      { uploaded: MXC },
      {
        msgtype: 'm.audio',
        body: 'v.ogg',
        filename: 'v.ogg',
        url: MXC,
        info: { duration: 1500 },
        'org.matrix.msc3245.voice': {},
        'org.matrix.msc1767.audio': { duration: 1500, waveform: [1, 1024, 0] },
        'm.mentions': {},
      },
    ],
    [
      'GIF as video',
      photo({ media: 'video', animated: true }),
      { uploaded: MXC },
      {
        msgtype: 'm.video',
        body: 'a.png',
        filename: 'a.png',
        url: MXC,
        info: {
          'org.matrix.msc4230.is_animated': true,
          'fi.mau.gif': true,
          'fi.mau.loop': true,
          'fi.mau.autoplay': true,
          'fi.mau.hide_controls': true,
          'fi.mau.no_audio': true,
        },
        'm.mentions': {},
      },
    ],
    [
      'spoiler',
      photo({ spoiler: true }),
      { uploaded: MXC },
      {
        msgtype: 'm.image',
        body: 'a.png',
        filename: 'a.png',
        url: MXC,
        info: {},
        'page.codeberg.everypizza.msc4193.spoiler': true,
        'm.spoiler': true,
        'm.mentions': {},
      },
    ],
    [
      'without an address',
      photo({ caption: { body: 'look' } }),
      {},
      { msgtype: 'm.notice', body: 'look\n(image "a.png" could not be fetched)', 'm.mentions': {} },
    ],
    [
      'location',
      { kind: 'location', latitude: 52.5, longitude: 1e-7, name: 'Home' },
      {},
      {
        msgtype: 'm.location',
        body: 'Home: geo:52.5,0.0000001',
        geo_uri: 'geo:52.5,0.0000001',
        'org.matrix.msc3488.location': { uri: 'geo:52.5,0.0000001', description: 'Home' },
        'org.matrix.msc3488.asset': { type: 'm.pin' },
        'm.mentions': {},
      },
    ],
    [
      'live location',
      { kind: 'location', latitude: 10, longitude: -20, live: true },
      {},
      {
        msgtype: 'm.location',
        body: 'Live location: geo:10,-20',
        geo_uri: 'geo:10,-20',
        'org.matrix.msc3488.location': { uri: 'geo:10,-20' },
        'org.matrix.msc3488.asset': { type: 'm.self' },
        'm.mentions': {},
      },
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
      {},
      { msgtype: 'm.text', body: 'Contact: Ann, +1, +2\nContact: Bo', 'm.mentions': {} },
    ],
    [
      'unsupported',
      { kind: 'unsupported', what: 'game', text: 'A game; open the app to play it.' },
      {},
      { msgtype: 'm.notice', body: 'A game; open the app to play it.', 'm.mentions': {} },
    ],
  ])('%s', (_name, content, options, expected) => {
    expect(toEvent(content, options)).toEqual({ type: 'm.room.message', content: expected })
  })

  test('sticker', () => {
    const sticker = photo({ media: 'sticker', mimeType: 'image/webp' })
    expect(toEvent(sticker, { uploaded: MXC, replyTo: target })).toEqual({
      type: 'm.sticker',
      content: {
        body: 'a.png',
        url: MXC,
        info: { mimetype: 'image/webp' },
        'm.mentions': {},
        'm.relates_to': { 'm.in_reply_to': { event_id: '$target' } },
      },
    })
    expect(toEvent(sticker, { uploaded: MXC, edit: target }).type).toBe('m.room.message')
  })

  test('poll', () => {
    const { type, content } = toEvent({ ...poll, hidden: true, maxSelections: 9 }, { replyTo: target })
    expect(type).toBe('org.matrix.msc3381.poll.start')
    expect(content).toMatchObject({
      body: 'Lunch?\n1. Pizza\n2. Soup',
      'm.mentions': {},
      'm.relates_to': { 'm.in_reply_to': { event_id: '$target' } },
      'org.matrix.msc3381.poll.start': {
        question: { 'org.matrix.msc1767.text': 'Lunch?' },
        kind: 'org.matrix.msc3381.poll.undisclosed',
        max_selections: 2,
        answers: [
          { id: 'a', 'org.matrix.msc1767.text': 'Pizza' },
          { id: 'b', 'org.matrix.msc1767.text': 'Soup' },
        ],
      },
    })
  })
})

test('the other events', () => {
  expect(reactionEvent(target, '👍')).toEqual({
    type: 'm.reaction',
    content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: '$target', key: '👍' } },
  })
  expect(pollResponseEvent(target, ['a'])).toEqual({
    type: 'org.matrix.msc3381.poll.response',
    content: {
      'm.relates_to': { rel_type: 'm.reference', event_id: '$target' },
      'org.matrix.msc3381.poll.response': { answers: ['a'] },
    },
  })
  expect(pollEndEvent(target)).toMatchObject({
    type: 'org.matrix.msc3381.poll.end',
    content: { 'org.matrix.msc3381.poll.end': {}, body: 'The poll has ended.' },
  })
  expect(noticeEvent('a', '<b>a</b>').content).toMatchObject({
    msgtype: 'm.notice',
    formatted_body: '<b>a</b>',
  })
})

test('a reaction is cut between characters that people see', () => {
  const family = '👨‍👩‍👧‍👦'
  const relates = reactionEvent(target, family.repeat(10)).content['m.relates_to']
  expect(relates).toMatchObject({ key: family.repeat(4) })
})
