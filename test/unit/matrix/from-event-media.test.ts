import { describe, expect, test } from 'vitest'
import { fromEvent } from '../../../src/matrix/from-event.ts'
import { event, html, inReplyTo, media, message, MXC, said, TARGET } from './samples.ts'

describe('media', () => {
  const info = { mimetype: 'image/png', size: 10, w: 3, h: 4 }
  const facts = { mimeType: 'image/png', sizeBytes: 10, width: 3, height: 4 }
  const file = { v: 'v2', url: MXC, key: { k: 'key', kty: 'oct' }, iv: 'iv', hashes: { sha256: 'hash' } }

  test.each<[string, Record<string, unknown>, object, string]>([
    [
      'image',
      { msgtype: 'm.image', body: 'a.png', url: MXC, info },
      media({ media: 'image', fileName: 'a.png', ...facts }),
      'a.png',
    ],
    [
      'caption',
      { msgtype: 'm.image', body: 'look', filename: 'a.png', url: MXC },
      media({ media: 'image', fileName: 'a.png', caption: { body: 'look' } }),
      'look',
    ],
    [
      'formatted caption',
      { ...html('look', '<b>look</b>'), msgtype: 'm.video', filename: 'a.mp4', url: MXC },
      media({ media: 'video', fileName: 'a.mp4', caption: { body: 'look', html: '<b>look</b>' } }),
      'look',
    ],
    [
      'same name and body',
      { msgtype: 'm.file', body: 'a.pdf', filename: 'a.pdf', url: MXC },
      media({ media: 'file', fileName: 'a.pdf' }),
      'a.pdf',
    ],
    [
      'empty name',
      { msgtype: 'm.file', body: 'a.pdf', filename: '', url: MXC },
      media({ media: 'file', fileName: 'a.pdf' }),
      'a.pdf',
    ],
    [
      'no name at all',
      { msgtype: 'm.image', url: MXC, info: { mimetype: 'image/jpeg' } },
      media({ media: 'image', fileName: 'image.jpg', mimeType: 'image/jpeg' }),
      'image.jpg',
    ],
    [
      'a name with folders',
      { msgtype: 'm.file', body: '../../etc\\pass\nwd', url: MXC },
      media({ media: 'file', fileName: 'pass wd' }),
      'pass wd',
    ],
    [
      'a name of dots',
      { msgtype: 'm.file', body: '..', url: MXC },
      media({ media: 'file', fileName: 'file' }),
      'file',
    ],
    [
      'encrypted',
      { msgtype: 'm.file', body: 'a', file },
      {
        kind: 'media',
        media: 'file',
        fileName: 'a',
        source: {
          at: 'matrix',
          mxc: MXC,
          file: { url: MXC, key: { k: 'key' }, iv: 'iv', hashes: { sha256: 'hash' } },
        },
      },
      'a',
    ],
    [
      'audio',
      { msgtype: 'm.audio', body: 'a.ogg', url: MXC, info: { duration: 1500 } },
      media({ media: 'audio', fileName: 'a.ogg', durationMs: 1500 }),
      'a.ogg',
    ],
    [
      'voice',
      {
        msgtype: 'm.audio',
        body: 'v.ogg',
        url: MXC,
        'org.matrix.msc3245.voice': {},
        'org.matrix.msc1767.audio': { duration: 2000, waveform: [0, 512.4, 9999, -1, 'x'] },
      },
      media({ media: 'voice', fileName: 'v.ogg', durationMs: 2000, waveform: [0, 512, 1024, 0, 0] }),
      'v.ogg',
    ],
    [
      'spoiler',
      { msgtype: 'm.image', body: 'a', url: MXC, 'page.codeberg.everypizza.msc4193.spoiler': true },
      media({ media: 'image', fileName: 'a', spoiler: true }),
      'a',
    ],
    [
      'content warning',
      {
        msgtype: 'm.image',
        body: 'a',
        url: MXC,
        'town.robin.msc3725.content_warning': { type: 'town.robin.msc3725.spoiler' },
      },
      media({ media: 'image', fileName: 'a', spoiler: true }),
      'a',
    ],
    [
      'animated',
      { msgtype: 'm.video', body: 'a', url: MXC, info: { 'fi.mau.gif': true } },
      media({ media: 'video', fileName: 'a', animated: true }),
      'a',
    ],
    [
      'nonsense in info',
      {
        msgtype: 'm.image',
        body: 'a',
        url: MXC,
        info: { mimetype: 'x', size: -1, w: 'wide', h: Infinity, duration: null },
      },
      media({ media: 'image', fileName: 'a' }),
      'a',
    ],
  ])('%s', (_name, content, expected, words) => {
    expect(message(content)).toEqual(said(expected, words))
  })

  test('a caption in a reply loses its fallback', () => {
    const content = {
      msgtype: 'm.image',
      body: '> <@b:c> old\n\nlook',
      filename: 'a.png',
      url: MXC,
      ...inReplyTo,
    }
    expect(message(content)).toMatchObject({ content: { caption: { body: 'look' } }, replyTo: TARGET })
  })

  test('a long name keeps its extension', () => {
    const act = message({ msgtype: 'm.file', body: `${'x'.repeat(5000)}.tar`, url: MXC })
    expect(act).toMatchObject({ content: { fileName: `${'x'.repeat(196)}.tar` } })
  })

  test('sticker', () => {
    const act = fromEvent(event('m.sticker', { body: 'cat', url: MXC, info: { mimetype: 'image/webp' } }))
    expect(act).toEqual(
      said(media({ media: 'sticker', fileName: 'cat', alt: 'cat', mimeType: 'image/webp' }), 'cat'),
    )
  })
})

test.each<[string, Record<string, unknown>, object]>([
  ['geo_uri', { body: 'Home', geo_uri: 'geo:52.5,13.4' }, { latitude: 52.5, longitude: 13.4, name: 'Home' }],
  ['parameters', { body: 'at geo:1,2', geo_uri: 'geo:-1.5,2,30;u=35' }, { latitude: -1.5, longitude: 2 }],
  [
    'MSC3488',
    { body: 'x', geo_uri: 'geo:0,0', 'org.matrix.msc3488.location': { uri: 'geo:1,2', description: 'Here' } },
    { latitude: 1, longitude: 2, name: 'Here' },
  ],
  ['MSC3488 alone', { 'm.location': { uri: 'geo:1,2' } }, { latitude: 1, longitude: 2 }],
])('location: %s', (_name, content, expected) => {
  expect(message({ msgtype: 'm.location', ...content })).toMatchObject({
    kind: 'message',
    content: { kind: 'location', ...expected },
  })
})
