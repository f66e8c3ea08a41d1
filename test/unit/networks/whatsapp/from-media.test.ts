import type { proto } from '@whiskeysockets/baileys'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromMessage } from '../../../../src/networks/whatsapp/from-message.ts'
import { readMediaRef } from '../../../../src/networks/whatsapp/media-ref.ts'
import { readWaveform, writeWaveform } from '../../../../src/networks/whatsapp/waveform.ts'
import { bob, contentOf, direct, now, read, view, waMessage } from './setup.ts'

const file = {
  mediaKey: new Uint8Array(32).fill(1),
  directPath: '/v/x',
  url: 'https://mmg.example/v/x',
  fileSha256: new Uint8Array(32).fill(2),
  fileEncSha256: new Uint8Array(32).fill(3),
  fileLength: 1234,
}
const key = Buffer.from(file.mediaKey).toString('base64')

describe('attachments', () => {
  test.each<[string, proto.IMessage, object]>([
    [
      'a photo',
      { imageMessage: { ...file, mimetype: 'image/jpeg', caption: '*hi*', width: 4, height: 3 } },
      {
        media: 'image',
        fileName: 'image.jpg',
        mimeType: 'image/jpeg',
        sizeBytes: 1234,
        width: 4,
        height: 3,
        caption: { body: '*hi*', html: '<strong>hi</strong>' },
      },
    ],
    [
      'a video',
      { videoMessage: { ...file, mimetype: 'video/mp4', seconds: 3 } },
      { media: 'video', fileName: 'video.mp4', durationMs: 3000 },
    ],
    [
      'a GIF',
      { videoMessage: { ...file, mimetype: 'video/mp4', gifPlayback: true } },
      { media: 'video', animated: true },
    ],
    ['a video message', { ptvMessage: { ...file, mimetype: 'video/mp4' } }, { media: 'video', round: true }],
    [
      'a voice message',
      {
        audioMessage: {
          ...file,
          mimetype: 'audio/ogg; codecs=opus',
          ptt: true,
          seconds: 2,
          waveform: Uint8Array.of(0, 50, 100),
        },
      },
      {
        media: 'voice',
        mimeType: 'audio/ogg',
        fileName: 'voice.ogg',
        waveform: [0, 512, 1024],
        durationMs: 2000,
      },
    ],
    [
      'music',
      { audioMessage: { ...file, mimetype: 'audio/mp4' } },
      { media: 'audio', fileName: 'audio.m4a' },
    ],
    [
      'a file with a caption',
      {
        documentWithCaptionMessage: {
          message: {
            documentMessage: {
              ...file,
              mimetype: 'application/pdf',
              fileName: '../a\u202eb.pdf',
              caption: 'c',
            },
          },
        },
      },
      { media: 'file', fileName: '.._ab.pdf', caption: { body: 'c' } },
    ],
    [
      'a sticker',
      { stickerMessage: { ...file, mimetype: 'image/webp', isAnimated: true, accessibilityLabel: 'cat' } },
      { media: 'sticker', animated: true, alt: 'cat' },
    ],
    [
      'an animated sticker of the new kind',
      {
        lottieStickerMessage: {
          message: { stickerMessage: { ...file, mimetype: 'application/was', isLottie: true } },
        },
      },
      { media: 'sticker', animated: true, fileName: 'sticker.was' },
    ],
  ])('%s', (_, message, expected) => {
    expect(contentOf(message)).toMatchObject({ kind: 'media', ...expected })
  })

  test('a reference survives the ledger, and names the message for a file that was put away', () => {
    const content = contentOf({ imageMessage: file })
    if (content.kind !== 'media' || content.source.at !== 'remote') throw new Error('no attachment')
    const ref: unknown = JSON.parse(JSON.stringify(content.source.ref))
    expect(readMediaRef(ref as Record<string, unknown>)).toEqual({
      of: 'message',
      type: 'image',
      mediaKey: key,
      path: '/v/x',
      url: 'https://mmg.example/v/x',
      sha256: Buffer.from(file.fileSha256).toString('base64'),
      encSha256: Buffer.from(file.fileEncSha256).toString('base64'),
      sizeBytes: 1234,
      key: { remoteJid: bob, fromMe: false, id: 'A1' },
    })
    expect(readMediaRef({ of: 'message', type: 'image' })).toBeUndefined()
    expect(readMediaRef({ of: 'picture', jid: 'x', id: '1' })).toEqual({ of: 'picture', jid: 'x', id: '1' })
  })

  test('what cannot be fetched is said in words, its caption kept', () => {
    expect(contentOf({ imageMessage: { caption: 'c' } })).toMatchObject({
      kind: 'unsupported',
      text: 'c\nA photo that WhatsApp keeps to the phone. Open WhatsApp to see it.',
    })
  })

  test.each<[string, proto.IMessage]>([
    ['wrapped', { viewOnceMessageV2: { message: { imageMessage: file } } }],
    ['marked', { imageMessage: { ...file, viewOnce: true } }],
    ['deep', { ephemeralMessage: { message: { viewOnceMessage: { message: { imageMessage: file } } } } }],
  ])('what may be seen once is a notice: %s', (_, message) => {
    expect(contentOf(message)).toEqual({
      kind: 'unsupported',
      what: 'view-once',
      text: 'A photo that can be viewed once. Open WhatsApp to see it.',
    })
  })

  test('a view-once message that never came to this device is a notice', () => {
    expect(read(undefined, { ...direct, isViewOnce: true })).toMatchObject([
      { kind: 'message', content: { what: 'view-once' } },
    ])
  })

  test('photos of one album belong together, a better copy takes the place of the first', () => {
    const part = (associationType: number, id: string) => ({
      imageMessage: file,
      messageContextInfo: { messageAssociation: { associationType, parentMessageKey: { id } } },
    })
    expect(read(part(1, 'ALB'))).toMatchObject([{ kind: 'message', album: '9002@lid/ALB' }])
    expect(read({ associatedChildMessage: { message: part(10, 'FIRST') } })).toMatchObject([
      { kind: 'edit', target: 'them/FIRST', content: { kind: 'media' } },
    ])
  })

  test('heights of a voice message both ways', () => {
    expect(writeWaveform([])).toBeUndefined()
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1024 }), { minLength: 1, maxLength: 300 }),
        (heights) => {
          const bytes = writeWaveform(heights)
          expect(bytes).toHaveLength(64)
          expect(Math.max(...(bytes ?? []))).toBe(Math.round((Math.max(...heights) * 100) / 1024))
          expect(readWaveform(bytes ?? new Uint8Array()).every((each) => each >= 0 && each <= 1024)).toBe(
            true,
          )
        },
      ),
    )
  })
})

describe('cards and places', () => {
  test('places, also live ones', () => {
    const at = { degreesLatitude: 52.5, degreesLongitude: 13.4 }
    expect(contentOf({ locationMessage: { ...at, name: 'Home', address: 'Street 1' } })).toEqual({
      kind: 'location',
      latitude: 52.5,
      longitude: 13.4,
      name: 'Home, Street 1',
    })
    expect(contentOf({ liveLocationMessage: { ...at, caption: 'coming' } })).toMatchObject({
      live: true,
      name: 'coming',
    })
    expect(contentOf({ locationMessage: { degreesLatitude: 520, degreesLongitude: 0 } })).toMatchObject({
      kind: 'unsupported',
    })
  })

  test('contacts', () => {
    const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nitem1.TEL;waid=4912:+49 12\nTEL:tel:+1-2\nEND:VCARD'
    expect(contentOf({ contactMessage: { displayName: 'Ann', vcard } })).toEqual({
      kind: 'contact',
      contacts: [{ name: 'Ann', phones: ['+49 12', '+1-2'], vcard }],
    })
    expect(
      contentOf({ contactsArrayMessage: { contacts: [{ vcard }, { displayName: 'Bo' }] } }),
    ).toMatchObject({
      contacts: [{ name: 'Ann' }, { name: 'Bo', phones: [] }],
    })
  })
})

describe('what only the app can do something with', () => {
  test.each<[string, proto.IMessage, string]>([
    [
      'payment',
      { requestPaymentMessage: { amount1000: 12_500, currencyCodeIso4217: 'EUR', requestFrom: bob } },
      'of 12.50 EUR was asked for from Bob',
    ],
    [
      'product',
      { productMessage: { product: { title: 'Hat', priceAmount1000: 9_000, currencyCode: 'USD' } } },
      'Hat – 9.00 USD',
    ],
    ['order', { orderMessage: { itemCount: 2, orderTitle: 'Shop' } }, 'An order of 2 items.'],
    ['call', { callLogMesssage: { isVideo: true, callOutcome: 1 } }, 'A missed video call.'],
    ['call', { call: { callKey: new Uint8Array(1) } }, 'Open WhatsApp'],
    [
      'event',
      { eventMessage: { name: 'Party', startTime: 1_700_000_000 } },
      '📅 Party\n2023-11-14 22:13 UTC',
    ],
    ['phone-only', { placeholderMessage: {} }, 'on the phone only'],
    ['richResponse', { richResponseMessage: {} }, 'of a kind that Matrix cannot show (rich response)'],
  ])('%s', (what, message, words) => {
    expect(contentOf(message)).toMatchObject({
      kind: 'unsupported',
      what,
      text: expect.stringContaining(words) as unknown,
    })
  })

  test('an unknown kind of message is never dropped', () => {
    const message = { ...waMessage({}), message: { brandNewMessageV2: {} } as proto.IMessage }
    expect(fromMessage(message, view, now).events).toMatchObject([
      { kind: 'message', content: { kind: 'unsupported', what: 'brandNew' } },
    ])
  })

  test('a status update is a notice, whatever is in it', () => {
    expect(
      read({ conversation: 'look' }, { remoteJid: 'status@broadcast', fromMe: false, participant: bob }),
    ).toMatchObject([
      { kind: 'message', chat: { id: 'status@broadcast', receiver: 1 }, content: { what: 'status' } },
    ])
  })
})

describe('messages of businesses', () => {
  test('buttons become lines, links links', () => {
    expect(
      contentOf({
        templateMessage: {
          hydratedTemplate: {
            hydratedContentText: 'Choose',
            hydratedButtons: [
              { quickReplyButton: { displayText: 'Yes' } },
              { urlButton: { displayText: 'Shop', url: 'https://x.example' } },
            ],
          },
        },
      }),
    ).toMatchObject({
      kind: 'text',
      body: 'Choose\n▸ Yes\nShop: https://x.example',
      html: 'Choose<br>▸ Yes<br><a href="https://x.example">Shop</a>',
    })
    expect(
      contentOf({
        listMessage: { title: 'T', sections: [{ title: 'S', rows: [{ title: 'r', description: 'd' }] }] },
      }),
    ).toMatchObject({ body: 'T\nS\n▸ r – d' })
    const buttons = [
      { buttonParamsJson: '{"display_text":"Go","url":"javascript:1"}' },
      { buttonParamsJson: 'no' },
    ]
    const made = contentOf({ interactiveMessage: { body: { text: 'B' }, nativeFlowMessage: { buttons } } })
    expect(made).toMatchObject({ body: 'B\nGo: javascript:1' })
    expect(made).not.toHaveProperty('html')
  })

  test('an attachment above buttons has the words as its caption', () => {
    expect(
      contentOf({ buttonsMessage: { imageMessage: file, contentText: 'x', buttons: [] } }),
    ).toMatchObject({
      kind: 'media',
      caption: { body: 'x' },
    })
  })

  test.each<[proto.IMessage, string]>([
    [{ buttonsResponseMessage: { selectedDisplayText: 'Yes' } }, 'Yes'],
    [{ listResponseMessage: { title: 'Row' } }, 'Row'],
    [{ templateButtonReplyMessage: { selectedId: 'id' } }, 'id'],
    [{ interactiveResponseMessage: {} }, 'Answered a form'],
  ])('an answer %#', (message, body) => {
    expect(contentOf(message)).toEqual({ kind: 'text', style: 'text', body })
  })

  test('an invitation to a group is a link', () => {
    expect(contentOf({ groupInviteMessage: { groupName: 'G', inviteCode: 'abc' } })).toMatchObject({
      kind: 'text',
      body: 'Invitation to G: https://chat.whatsapp.com/abc',
    })
  })
})
