import type { proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { VOICE, attach, attachMissing, pictureNaming, place } from '../support/matrix-events.ts'
import { bytesOf } from '../support/whatsapp-media.ts'
import { WhatsAppRooms } from '../support/whatsapp-rooms.ts'
import { WhatsAppWorld, digits, textOf } from '../support/whatsapp-world.ts'

/** Attachments, places and people of Matrix, with their captions, as a contact with an app of WhatsApp gets them. */
let world: WhatsAppWorld
let rooms: WhatsAppRooms

beforeAll(async () => {
  world = await WhatsAppWorld.start()
  rooms = await WhatsAppRooms.enter(world)
})

afterAll(() => world.end(['HTTP 404']))

type Kind = {
  msgtype: string
  mimetype: string
  info?: object
  more?: object
  /** The part of the message that it becomes. */
  of: keyof proto.IMessage
  is?: object
  /** Words for its sender. */
  note?: string
}

/** Sends an attachment with or without a caption. @returns the event */
const send = (where: string, kind: Kind, bytes: Buffer, caption?: string) =>
  attach(world.alice.user, where, {
    ...kind,
    bytes,
    name: 'file.bin',
    ...(caption !== undefined && {
      caption: { body: caption, formatted: caption.replace('this', '<em>this</em>') },
    }),
    info: { size: bytes.length, ...kind.info },
  })

const SPOKEN: Kind = {
  msgtype: 'm.audio',
  mimetype: 'audio/ogg',
  info: { duration: 3000 },
  more: VOICE,
  of: 'audioMessage',
  is: { ptt: true, seconds: 3 },
}
const PICTURE: Kind = {
  msgtype: 'm.image',
  mimetype: 'image/png',
  info: { w: 30, h: 40 },
  of: 'imageMessage',
  is: { width: 30, height: 40, mimetype: 'image/png' },
}

describe('with a caption', () => {
  const kinds: Record<string, Kind> = {
    picture: PICTURE,
    video: {
      msgtype: 'm.video',
      mimetype: 'video/mp4',
      info: { w: 320, h: 240, duration: 2000 },
      of: 'videoMessage',
      is: { seconds: 2, width: 320, height: 240 },
    },
    'moving picture that is a video': {
      msgtype: 'm.video',
      mimetype: 'video/mp4',
      info: { 'org.matrix.msc4230.is_animated': true },
      of: 'videoMessage',
      is: { gifPlayback: true },
    },
    'moving picture of another kind': {
      msgtype: 'm.image',
      mimetype: 'image/gif',
      of: 'documentMessage',
      is: { mimetype: 'image/gif' },
      note: 'WhatsApp plays GIFs as videos only',
    },
    'video of another kind': {
      msgtype: 'm.video',
      mimetype: 'video/webm',
      of: 'documentMessage',
      note: 'WhatsApp does not play videos of this type',
    },
    file: {
      msgtype: 'm.file',
      mimetype: 'application/pdf',
      of: 'documentMessage',
      is: { mimetype: 'application/pdf', fileName: 'file.bin' },
    },
  }

  test.each(Object.keys(kinds))('a %s', async (name) => {
    const kind = kinds[name]
    if (kind === undefined) throw new Error('no kind')
    const bytes = Buffer.from(`bytes of a ${name}`)
    await send(rooms.direct, kind, bytes, `this ${name}`)
    const { content, message } = await world.text(`_this_ ${name}`)
    expect(content[kind.of]).toMatchObject(kind.is ?? {})
    expect((await bytesOf(message)).equals(bytes)).toBe(true)
    if (kind.note !== undefined) await world.see(rooms.direct, kind.note)
  })

  test.each([
    ['voice message', SPOKEN],
    ['piece of music', { ...SPOKEN, more: {}, mimetype: 'audio/mpeg', is: { seconds: 3 } }],
  ] as const)('a %s takes none: the words go before it', async (name, kind) => {
    const bytes = Buffer.from(`bytes of a ${name}`)
    const event = await send(rooms.direct, kind, bytes, `this ${name}`)
    const words = await world.text(`_this_ ${name}`)
    const { content, message } = await world.sees(
      ({ audioMessage }) => audioMessage && Number(audioMessage.fileLength) === bytes.length,
      'the sound',
    )
    expect(content.audioMessage).toMatchObject(kind.is ?? {})
    expect((await bytesOf(message)).equals(bytes)).toBe(true)
    const { messages } = world.bob.client
    const at = (id: string | null | undefined) => messages.findIndex(({ key }) => key.id === id)
    expect(at(words.message.key.id)).toBeLessThan(at(message.key.id))
    // Both are the one message of Matrix.
    await world.alice.user.redact(rooms.direct, event)
    for (const { key } of [words.message, message]) await world.revoked(key)
  })

  test('that names somebody', async () => {
    await pictureNaming(world.alice.user, rooms.group, world.ghost(world.bob))
    const { content } = await world.text(`@${digits(world.bob.lid)}, look`)
    expect(content.imageMessage?.contextInfo?.mentionedJid).toEqual([world.bob.lid])
  })

  test('in answer to something', async () => {
    const question = await world.bobSays(rooms.groupJid, { text: 'how does it look?' })
    const { event_id } = await world.message(rooms.group, 'how does it look?')
    const reply = { 'm.relates_to': { 'm.in_reply_to': { event_id } } }
    await send(rooms.group, { ...PICTURE, more: reply }, Buffer.from('it'), 'like this')
    const { content } = await world.text('like _this_')
    expect(content.imageMessage?.contextInfo).toMatchObject({
      stanzaId: question.key.id,
      participant: world.bob.lid,
    })
  })

  test('that is changed within fifteen minutes, and after', async () => {
    const event = await send(rooms.direct, PICTURE, Buffer.from('a cat'), 'my cta')
    const { message, content } = await world.text('my cta')
    const changed = async (body: string) =>
      world.alice.user.send(rooms.direct, 'm.room.message', {
        msgtype: 'm.image',
        body: `* ${body}`,
        'm.relates_to': { rel_type: 'm.replace', event_id: event },
        'm.new_content': {
          msgtype: 'm.image',
          body,
          filename: 'file.bin',
          url: await world.alice.user.upload(Buffer.from('a cat'), 'image/png', 'file.bin'),
          info: PICTURE.info,
        },
      })
    await changed('my cat')
    await world.edited(message.key, 'my cat')
    expect(content.imageMessage?.caption).toBe('my cta')
    await world.age(16 * 60_000)
    await changed('my old cat')
    const late = await world.text('my old cat')
    expect(late.content.extendedTextMessage?.contextInfo?.stanzaId).toBe(message.key.id)
  })
})

describe('stickers', () => {
  const sticker = async (mimetype: string, bytes: string, info: object = {}) => {
    const url = await world.alice.user.upload(Buffer.from(bytes), mimetype, 'hi')
    await world.alice.user.send(rooms.direct, 'm.sticker', { body: '👋', url, info: { mimetype, ...info } })
  }

  test('still and animated', async () => {
    await sticker('image/webp', 'webp')
    const still = await world.sees(({ stickerMessage }) => stickerMessage, 'a sticker')
    expect(still.content.stickerMessage?.isAnimated ?? false).toBe(false)
    expect((await bytesOf(still.message)).toString()).toBe('webp')
    await sticker('image/webp', 'moving', { 'org.matrix.msc4230.is_animated': true })
    const moving = await world.sees(({ stickerMessage }) => stickerMessage?.isAnimated, 'a moving one')
    expect((await bytesOf(moving.message)).toString()).toBe('moving')
  })

  test('of another kind are pictures, and their sender is told', async () => {
    await sticker('image/png', 'a small png')
    const { message } = await world.sees(
      ({ imageMessage }) => Number(imageMessage?.fileLength) === 11,
      'a picture',
    )
    expect((await bytesOf(message)).toString()).toBe('a small png')
    await world.see(rooms.direct, 'WhatsApp takes stickers as WebP only')
  })
})

test('a voice message with its waveform', async () => {
  await send(rooms.direct, SPOKEN, Buffer.from('loud at the end'))
  const { content } = await world.sees(
    ({ audioMessage }) => audioMessage?.ptt && Number(audioMessage.fileLength) === 15,
    'the voice',
  )
  const heights = [...(content.audioMessage?.waveform ?? [])]
  expect(heights).toHaveLength(64)
  expect([heights[0], heights.at(-1)]).toEqual([0, 100])
  expect(content.audioMessage?.mimetype).toBe('audio/ogg; codecs=opus')
})

describe('places and people', () => {
  test('a place, with and without a name', async () => {
    await world.alice.user.send(rooms.direct, 'm.room.message', place('geo:52.5,13.4'))
    const bare = await world.sees(
      ({ locationMessage }) => locationMessage?.degreesLatitude === 52.5,
      'the place',
    )
    expect(bare.content.locationMessage).toMatchObject({ degreesLongitude: 13.4 })
    await world.alice.user.send(
      rooms.direct,
      'm.room.message',
      place('geo:53.5,13.4', 'The pub, 1 High Street'),
    )
    const named = await world.sees(
      ({ locationMessage }) => locationMessage?.degreesLatitude === 53.5,
      'the pub',
    )
    expect(named.content.locationMessage).toMatchObject({ name: 'The pub', address: '1 High Street' })
  })

  test('a card is a file of its kind', async () => {
    const kind: Kind = { msgtype: 'm.file', mimetype: 'text/vcard', of: 'documentMessage' }
    await send(rooms.direct, kind, Buffer.from('BEGIN:VCARD\nFN:Carol\nEND:VCARD'), 'this is Carol')
    const { content } = await world.text('_this_ is Carol')
    expect(content.documentMessage?.mimetype).toBe('text/vcard')
  })
})

describe('what cannot be sent', () => {
  test('a file that is not there is said, and not sent', async () => {
    await world.botSays(rooms.direct, '', () => attachMissing(world.alice.user, rooms.direct))
    expect(
      world.bob.client.messages.some(({ message }) => message?.documentMessage?.fileName === 'gone.bin'),
    ).toBe(false)
  })

  test('a file larger than WhatsApp takes is said in words, also to its sender', async () => {
    await world.botSays(rooms.direct, 'The network was told about the attachment', () =>
      attach(world.alice.user, rooms.direct, {
        msgtype: 'm.file',
        mimetype: 'application/octet-stream',
        bytes: Buffer.from('huge'),
        name: 'huge.bin',
        info: { size: 3 * 1024 ** 3 },
      }),
    )
    const { content } = await world.sees((each) => textOf(each)?.includes('huge.bin'), 'words')
    expect(content.documentMessage).toBeFalsy()
  })

  test('an upload that fails is tried again', async () => {
    const { faults } = world.wa.world.media
    Object.assign(faults, { refuseUploads: 1, uploadStatus: 500 })
    await send(rooms.direct, PICTURE, Buffer.from('stubborn'), 'once more')
    await world.until(() => faults.refuseUploads === 0, 'the refusal')
    const there = () => world.bob.client.messages.some(({ message }) => textOf(message ?? {}) === 'once more')
    await world.clock.jumpUntil(there, 1_000, 'the picture')
  })
})
