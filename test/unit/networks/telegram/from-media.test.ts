import type { tl } from '@mtcute/core'
import { Long } from '@mtcute/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageContent } from '../../../../src/model/content.ts'
import { documentFacts } from '../../../../src/networks/telegram/from-file.ts'
import { fromMedia, mediaKey } from '../../../../src/networks/telegram/from-media.ts'
import { readMediaRef } from '../../../../src/networks/telegram/picture.ts'
import { readWaveform, writeWaveform } from '../../../../src/networks/telegram/waveform.ts'
import { BOB, view } from './setup.ts'

const place = { chat: { kind: 'user' as const, id: BOB }, message: { account: 1000, n: 10 } }
const source = (id: string) => ({
  at: 'remote' as const,
  ref: { of: 'message', chat: 'user:2000', account: 1000, n: 10, id },
})
const caption = { body: 'look' }
const geo: tl.TypeGeoPoint = { _: 'geoPoint', lat: 52.5, long: 13.25, accessHash: Long.ZERO }

export const document = (mimeType: string, attributes: tl.TypeDocumentAttribute[]): tl.RawDocument => ({
  _: 'document',
  id: Long.fromNumber(77),
  accessHash: Long.ZERO,
  fileReference: new Uint8Array(),
  date: 0,
  mimeType,
  size: 1234,
  dcId: 2,
  attributes,
})

const file = (
  mimeType: string,
  attributes: tl.TypeDocumentAttribute[],
  more: Partial<tl.RawMessageMediaDocument> = {},
): tl.RawMessageMediaDocument => ({
  _: 'messageMediaDocument',
  document: document(mimeType, attributes),
  ...more,
})

const photo: tl.RawPhoto = {
  _: 'photo',
  id: Long.fromNumber(55),
  accessHash: Long.ZERO,
  fileReference: new Uint8Array(),
  date: 0,
  dcId: 2,
  sizes: [
    { _: 'photoStrippedSize', type: 'i', bytes: new Uint8Array(3) },
    { _: 'photoSize', type: 'm', w: 320, h: 200, size: 900 },
    { _: 'photoSizeProgressive', type: 'y', w: 1280, h: 800, sizes: [100, 500, 4000] },
  ],
}
const named = (fileName: string): tl.TypeDocumentAttribute => ({ _: 'documentAttributeFilename', fileName })
const video = (more: Partial<tl.RawDocumentAttributeVideo> = {}): tl.TypeDocumentAttribute => ({
  _: 'documentAttributeVideo',
  duration: 2.5,
  w: 640,
  h: 480,
  ...more,
})
const sticker: tl.TypeDocumentAttribute = {
  _: 'documentAttributeSticker',
  alt: '😺',
  stickerset: { _: 'inputStickerSetEmpty' },
}
const size: tl.TypeDocumentAttribute = { _: 'documentAttributeImageSize', w: 512, h: 512 }
const base = { kind: 'media' as const, mimeType: 'x/y', sizeBytes: 1234, source: source('77'), caption }

describe('attachments', () => {
  const cases: [string, tl.TypeMessageMedia, MessageContent][] = [
    [
      'a photo, the largest size',
      { _: 'messageMediaPhoto', photo, spoiler: true },
      {
        ...base,
        media: 'image',
        fileName: 'photo.jpg',
        mimeType: 'image/jpeg',
        width: 1280,
        height: 800,
        sizeBytes: 4000,
        source: source('55'),
        spoiler: true,
      },
    ],
    ['a file', file('x/y', [named('a/b.bin')]), { ...base, media: 'file', fileName: 'a_b.bin' }],
    [
      'a file without a name',
      file('application/pdf', []),
      { ...base, media: 'file', fileName: 'file.pdf', mimeType: 'application/pdf' },
    ],
    [
      'a picture sent as a file',
      file('image/png', [named('a.png'), size]),
      { ...base, media: 'image', fileName: 'a.png', mimeType: 'image/png', width: 512, height: 512 },
    ],
    [
      'a video',
      file('video/mp4', [video(), named('a.mp4')]),
      {
        ...base,
        media: 'video',
        fileName: 'a.mp4',
        mimeType: 'video/mp4',
        width: 640,
        height: 480,
        durationMs: 2500,
      },
    ],
    [
      'a video message',
      file('video/mp4', [video({ roundMessage: true })]),
      {
        ...base,
        media: 'video',
        fileName: 'video.mp4',
        mimeType: 'video/mp4',
        width: 640,
        height: 480,
        durationMs: 2500,
        round: true,
      },
    ],
    [
      'a GIF',
      file('video/mp4', [video({ duration: 0 }), { _: 'documentAttributeAnimated' }]),
      {
        ...base,
        media: 'video',
        fileName: 'video.mp4',
        mimeType: 'video/mp4',
        width: 640,
        height: 480,
        animated: true,
      },
    ],
    [
      'a voice message',
      file('audio/ogg', [
        { _: 'documentAttributeAudio', voice: true, duration: 3, waveform: Uint8Array.of(0xff, 0x03) },
      ]),
      {
        ...base,
        media: 'voice',
        fileName: 'voice.ogg',
        mimeType: 'audio/ogg',
        durationMs: 3000,
        waveform: [1024, 1024, 0],
      },
    ],
    [
      'music',
      file('audio/mpeg', [{ _: 'documentAttributeAudio', duration: 3, title: 'T', performer: 'P' }]),
      { ...base, media: 'audio', fileName: 'P - T.mp3', mimeType: 'audio/mpeg', durationMs: 3000 },
    ],
    [
      'a sticker',
      file('image/webp', [sticker, size]),
      {
        ...base,
        media: 'sticker',
        fileName: 'sticker.webp',
        mimeType: 'image/webp',
        width: 512,
        height: 512,
        alt: '😺',
      },
    ],
    [
      'an animated sticker',
      file('application/x-tgsticker', [sticker, size]),
      {
        ...base,
        media: 'sticker',
        fileName: 'sticker.tgs',
        mimeType: 'application/x-tgsticker',
        width: 512,
        height: 512,
        animated: true,
        alt: '😺',
      },
    ],
    [
      'a video sticker',
      file('video/webm', [sticker, video({ duration: 0 })]),
      {
        ...base,
        media: 'sticker',
        fileName: 'sticker.webm',
        mimeType: 'video/webm',
        width: 640,
        height: 480,
        animated: true,
        alt: '😺',
      },
    ],
    ['a place', { _: 'messageMediaGeo', geo }, { kind: 'location', latitude: 52.5, longitude: 13.25 }],
    [
      'a live location',
      { _: 'messageMediaGeoLive', geo, period: 900 },
      { kind: 'location', latitude: 52.5, longitude: 13.25, live: true, liveForMs: 900_000 },
    ],
    [
      'a live location without end',
      { _: 'messageMediaGeoLive', geo, period: 0x7fffffff },
      { kind: 'location', latitude: 52.5, longitude: 13.25, live: true },
    ],
    [
      'a venue',
      {
        _: 'messageMediaVenue',
        geo,
        title: 'Café',
        address: 'Ring 1',
        provider: '',
        venueId: '',
        venueType: '',
      },
      { kind: 'location', latitude: 52.5, longitude: 13.25, name: 'Café, Ring 1' },
    ],
    [
      'a contact',
      {
        _: 'messageMediaContact',
        phoneNumber: '4912345678',
        firstName: 'Zoe',
        lastName: 'Z',
        vcard: 'BEGIN:VCARD',
        userId: 0,
      },
      { kind: 'contact', contacts: [{ name: 'Zoe Z', phones: ['+4912345678'], vcard: 'BEGIN:VCARD' }] },
    ],
    [
      'a die',
      { _: 'messageMediaDice', emoticon: '🎲', value: 5 },
      { kind: 'text', style: 'text', body: '🎲 5\nlook' },
    ],
    [
      'a list of tasks',
      {
        _: 'messageMediaToDo',
        todo: {
          _: 'todoList',
          title: { _: 'textWithEntities', text: 'Buy', entities: [] },
          list: [
            { _: 'todoItem', id: 1, title: { _: 'textWithEntities', text: 'milk', entities: [] } },
            { _: 'todoItem', id: 2, title: { _: 'textWithEntities', text: '<tea>', entities: [] } },
          ],
        },
        completions: [{ _: 'todoCompletion', id: 1, completedBy: { _: 'peerUser', userId: BOB }, date: 0 }],
      },
      {
        kind: 'text',
        style: 'text',
        body: 'Buy\n☑ milk\n☐ <tea>\nlook',
        html: '<strong>Buy</strong><br>☑ milk<br>☐ &lt;tea&gt;<br>look',
      },
    ],
  ]
  it.each(cases)('shows %s', (_, media, content) => {
    expect(fromMedia(media, caption, place, view())).toEqual(content)
  })

  const refused: [string, tl.TypeMessageMedia, string][] = [
    [
      'a photo to be seen once',
      { _: 'messageMediaPhoto', photo, ttlSeconds: 10 },
      'A photo that can be seen once only.',
    ],
    [
      'a voice message to be heard once',
      file('audio/ogg', [{ _: 'documentAttributeAudio', voice: true, duration: 3 }], {
        ttlSeconds: 0x7fffffff,
      }),
      'A voice message that can be seen once only.',
    ],
    ['a photo that is gone', { _: 'messageMediaPhoto' }, 'A photo that is gone.'],
    ['a file that is gone', { _: 'messageMediaDocument' }, 'A file that is gone.'],
    ['what the bridge is too old for', { _: 'messageMediaUnsupported' }, 'newer than this bridge'],
    [
      'a story',
      { _: 'messageMediaStory', peer: { _: 'peerUser', userId: BOB }, id: 1 },
      'A story of Bob Bee.',
    ],
    [
      'an invoice',
      {
        _: 'messageMediaInvoice',
        title: 'Tea',
        description: 'Green',
        currency: 'EUR',
        totalAmount: Long.fromNumber(250),
        startParam: '',
      },
      'An invoice for “Tea”: 2.50 EUR.',
    ],
    [
      'paid media',
      {
        _: 'messageMediaPaidMedia',
        starsAmount: Long.fromNumber(5),
        extendedMedia: [{ _: 'messageExtendedMediaPreview' }],
      },
      'A photo or video for 5 stars.',
    ],
    [
      'a giveaway',
      {
        _: 'messageMediaGiveaway',
        channels: [],
        quantity: 3,
        untilDate: 1_700_000_000,
        prizeDescription: 'a mug',
      },
      'A giveaway of 3 × a mug, until 2023-11-14 22:13 UTC.',
    ],
  ]
  it.each(refused)('says %s in words, with the app and the caption', (_, media, words) => {
    const content = fromMedia(media, caption, place, view())
    expect(content).toMatchObject({ kind: 'unsupported' })
    const text = content?.kind === 'unsupported' ? content.text : ''
    expect(text).toContain(words)
    expect(text).toContain('Open the Telegram app')
    expect(text).toMatch(/\nlook$/)
  })

  it('takes a preview of a link for no attachment', () => {
    const webpage: tl.TypeWebPage = { _: 'webPageEmpty', id: Long.ZERO }
    expect(fromMedia({ _: 'messageMediaWebPage', webpage }, caption, place, view())).toBeUndefined()
    expect(fromMedia(undefined, caption, place, view())).toBeUndefined()
  })

  it('reads back where the bytes are', () => {
    expect(readMediaRef(source('77').ref)).toEqual(source('77').ref)
    for (const wrong of [
      {},
      { of: 'message', id: '1' },
      { of: 'profile', id: '1', peer: 'x', peerId: 1 },
      { of: 1, id: '1' },
    ]) {
      expect(readMediaRef(wrong)).toBeUndefined()
    }
  })

  it('tells a place that moved from one that did not', () => {
    const live = (lat: number): tl.TypeMessageMedia => ({
      _: 'messageMediaGeoLive',
      geo: { ...geo, lat },
      period: 900,
    })
    expect(mediaKey(live(1))).toEqual(mediaKey(live(1)))
    expect(mediaKey(live(1))).not.toEqual(mediaKey(live(2)))
  })

  it.each(['../../etc/passwd', '..', '\u202egpj.exe', '', '   ', 'a\nb', 'x'.repeat(500)])(
    'makes a safe name of %j',
    (name) => {
      const { fileName = '' } = documentFacts(document('x/y', [named(name)])) ?? {}
      expect(fileName).not.toBe('')
      expect(fileName).not.toMatch(/[/\\\p{Cc}\u202e]|^\.+$/u)
      expect(fileName.length).toBeLessThanOrEqual(200)
    },
  )
})

describe('wave forms', () => {
  it('are the same there and back, as exactly as five bits can be', () => {
    const heights = fc.array(fc.integer({ min: 0, max: 1024 }), { minLength: 1, maxLength: 100 })
    fc.assert(
      fc.property(heights, (given) => {
        const back = readWaveform(writeWaveform(given))
        given.forEach((height, i) => expect(Math.abs((back[i] ?? -99) - height)).toBeLessThanOrEqual(17))
      }),
    )
  })

  it('have a hundred samples at most', () => {
    expect(writeWaveform(Array.from({ length: 1000 }, () => 1024))).toEqual(
      new Uint8Array(63).fill(0xff, 0, 62).fill(0x0f, 62),
    )
    expect(writeWaveform([])).toEqual(new Uint8Array())
    expect(readWaveform(new Uint8Array())).toEqual([])
    expect(readWaveform(new Uint8Array(1000))).toHaveLength(256)
  })
})
