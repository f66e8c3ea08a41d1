import { describe, expect, it } from 'vitest'
import type { MediaContent } from '../../../../src/model/content.ts'
import { mxcUri } from '../../../../src/model/ids.ts'
import { asDocument, isPhoto, toUpload } from '../../../../src/networks/telegram/to-upload.ts'
import { documentFacts } from '../../../../src/networks/telegram/from-file.ts'
import { Long } from '@mtcute/core'

const media = (
  kind: MediaContent['media'],
  mimeType: string,
  more: Partial<MediaContent> = {},
): MediaContent => ({
  kind: 'media',
  media: kind,
  fileName: 'a.bin',
  mimeType,
  width: 100,
  height: 50,
  durationMs: 2500,
  source: { at: 'matrix', mxc: mxcUri('mxc://hs/a') },
  ...more,
})
const kinds = (of: MediaContent) => toUpload(of).attributes.map(({ _ }) => _.replace('documentAttribute', ''))

describe('toUpload', () => {
  it.each<[string, MediaContent, 'photo' | 'document', string[]]>([
    ['a photo', media('image', 'image/jpeg'), 'photo', []],
    ['a picture that is no photo', media('image', 'image/heic'), 'document', ['ImageSize', 'Filename']],
    [
      'a picture that is too large',
      media('image', 'image/png', { sizeBytes: 11e6 }),
      'document',
      ['ImageSize', 'Filename'],
    ],
    [
      'a picture that is too wide',
      media('image', 'image/png', { width: 9000, height: 2000 }),
      'document',
      ['ImageSize', 'Filename'],
    ],
    [
      'a picture that is too flat',
      media('image', 'image/png', { width: 2100, height: 100 }),
      'document',
      ['ImageSize', 'Filename'],
    ],
    ['a GIF', media('image', 'image/gif'), 'document', ['ImageSize', 'Animated', 'Filename']],
    ['a video', media('video', 'video/mp4'), 'document', ['Video', 'Filename']],
    [
      'a video that plays as a GIF',
      media('video', 'video/mp4', { animated: true }),
      'document',
      ['Video', 'Animated', 'Filename'],
    ],
    ['a video that is none', media('video', 'application/x'), 'document', ['Filename']],
    ['music', media('audio', 'audio/mpeg'), 'document', ['Audio', 'Filename']],
    [
      'a sticker',
      media('sticker', 'image/webp', { alt: '😺' }),
      'document',
      ['Sticker', 'ImageSize', 'Filename'],
    ],
    ['a video sticker', media('sticker', 'video/webm'), 'document', ['Sticker', 'ImageSize', 'Filename']],
    ['a sticker of another kind', media('sticker', 'image/png'), 'photo', []],
    [
      'an animated picture as a sticker',
      media('sticker', 'image/gif'),
      'document',
      ['ImageSize', 'Animated', 'Filename'],
    ],
    ['a file', media('file', 'text/plain'), 'document', ['Filename']],
  ])('takes %s', (_, of, as, attributes) => {
    expect(toUpload(of).as).toBe(as)
    expect(kinds(of)).toEqual(attributes)
  })

  it('says what a voice message and a video message are', () => {
    expect(toUpload(media('voice', 'audio/ogg', { waveform: [1024, 0] })).attributes).toMatchObject([
      { voice: true, duration: 3, waveform: Uint8Array.of(0x1f, 0) },
      {},
    ])
    expect(toUpload(media('voice', 'audio/flac')).attributes).not.toMatchObject([{ voice: true }])
    expect(toUpload(media('video', 'video/mp4', { round: true })).attributes).toMatchObject([
      { roundMessage: true, duration: 2.5, w: 100, h: 50 },
      {},
    ])
    expect(toUpload(media('video', 'video/mp4', { animated: true }))).toMatchObject({ nosoundVideo: true })
    expect(toUpload(media('image', 'image/png', { spoiler: true }))).toMatchObject({ spoiler: true })
  })

  it('keeps its head when little is known', () => {
    const bare: MediaContent = {
      kind: 'media',
      media: 'video',
      fileName: '',
      source: { at: 'matrix', mxc: mxcUri('mxc://hs/a') },
    }
    expect(toUpload(bare)).toMatchObject({
      mimeType: 'video/mp4',
      fileName: 'video',
      attributes: [{ duration: 0, w: 0, h: 0 }, { fileName: 'video' }],
    })
  })

  it('makes a document of a photo that turns out too large', () => {
    const photo = toUpload(media('image', 'image/jpeg'))
    expect([isPhoto(photo, 1000), isPhoto(photo, 11 * 1024 * 1024)]).toEqual([true, false])
    expect(asDocument(photo)).toMatchObject({
      as: 'document',
      forceFile: true,
      attributes: [{ w: 100, h: 50 }, { fileName: 'a.bin' }],
    })
    expect(isPhoto(asDocument(photo), 1000)).toBe(false)
  })

  it.each(['video', 'audio', 'voice', 'file', 'sticker'] as const)('is read back as %s', (kind) => {
    const types = {
      video: 'video/mp4',
      audio: 'audio/mpeg',
      voice: 'audio/ogg',
      file: 'x/y',
      sticker: 'image/webp',
    }
    const { attributes, mimeType } = toUpload(media(kind, types[kind]))
    const facts = documentFacts({
      _: 'document',
      id: Long.ONE,
      accessHash: Long.ZERO,
      fileReference: new Uint8Array(),
      date: 0,
      mimeType,
      size: 1,
      dcId: 2,
      attributes,
    })
    expect(facts).toMatchObject({ media: kind, fileName: 'a.bin' })
  })
})
