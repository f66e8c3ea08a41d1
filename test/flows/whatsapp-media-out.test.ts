import { downloadMediaMessage } from '@whiskeysockets/baileys'
import type { WAMessage, proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WhatsAppWorld, textOf } from '../support/whatsapp-world.ts'

/** Attachments, places and people of Matrix, with their captions, as a contact with an app of WhatsApp gets them. */
let world: WhatsAppWorld
let direct: string
let group: string
let room: string

beforeAll(async () => {
  world = await WhatsAppWorld.start()
  const { bob, her } = world
  direct = await world.enter(bob, her.lid)
  group = (await bob.socket.groupCreate('Tea room', [her.pn])).id
  room = await world.enter(bob, group)
})

afterAll(async () => {
  await world.proveDelivered(['HTTP 404'])
  await world.close()
})

const bytesOf = (message: WAMessage): Promise<Buffer> => downloadMediaMessage(message, 'buffer', {})

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
const send = async (
  where: string,
  { msgtype, mimetype, info, more }: Kind,
  bytes: Buffer,
  caption?: string,
) => {
  const url = await world.alice.user.upload(bytes, mimetype, 'file.bin')
  return world.alice.user.send(where, 'm.room.message', {
    msgtype,
    body: caption ?? 'file.bin',
    ...(caption !== undefined && {
      format: 'org.matrix.custom.html',
      formatted_body: caption.replace('this', '<em>this</em>'),
    }),
    filename: 'file.bin',
    url,
    info: { mimetype, size: bytes.length, ...info },
    ...more,
  })
}

const VOICE: Kind = {
  msgtype: 'm.audio',
  mimetype: 'audio/ogg',
  info: { duration: 3000 },
  more: {
    'org.matrix.msc3245.voice': {},
    'org.matrix.msc1767.audio': { duration: 3000, waveform: [0, 512, 1024] },
  },
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
    await send(direct, kind, bytes, `this ${name}`)
    const { content, message } = await world.text(`_this_ ${name}`)
    expect(content[kind.of]).toMatchObject(kind.is ?? {})
    expect((await bytesOf(message)).equals(bytes)).toBe(true)
    if (kind.note !== undefined) await world.see(direct, kind.note)
  })

  test.each([
    ['voice message', VOICE],
    ['piece of music', { ...VOICE, more: {}, mimetype: 'audio/mpeg', is: { seconds: 3 } }],
  ] as const)('a %s takes none: the words go before it', async (name, kind) => {
    const bytes = Buffer.from(`bytes of a ${name}`)
    const event = await send(direct, kind, bytes, `this ${name}`)
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
    await world.alice.user.redact(direct, event)
    for (const { key } of [words.message, message])
      await world.bob.saw('messages.update', (all) =>
        all.some(({ key: { id }, update }) => id === key.id && update.message === null),
      )
  })

  test('that names somebody', async () => {
    const bob = world.ghost(world.bob)
    const url = await world.alice.user.upload(Buffer.from('p'), 'image/png', 'p.png')
    await world.alice.user.send(room, 'm.room.message', {
      msgtype: 'm.image',
      body: 'Bob, look',
      format: 'org.matrix.custom.html',
      formatted_body: `<a href="https://matrix.to/#/${bob}">Bob</a>, look`,
      filename: 'p.png',
      url,
      info: { mimetype: 'image/png' },
      'm.mentions': { user_ids: [bob] },
    })
    const { content } = await world.text(`@${world.bob.lid.slice(0, -4)}, look`)
    expect(content.imageMessage?.contextInfo?.mentionedJid).toEqual([world.bob.lid])
  })

  test('in answer to something', async () => {
    const question = await world.says(world.bob, group, { text: 'how does it look?' })
    const { event_id } = await world.message(room, 'how does it look?')
    const reply = { 'm.relates_to': { 'm.in_reply_to': { event_id } } }
    await send(room, { ...PICTURE, more: reply }, Buffer.from('it'), 'like this')
    const { content } = await world.text('like _this_')
    expect(content.imageMessage?.contextInfo).toMatchObject({
      stanzaId: question.key.id,
      participant: world.bob.lid,
    })
  })

  test('that is changed within fifteen minutes, and after', async () => {
    const event = await send(direct, PICTURE, Buffer.from('a cat'), 'my cta')
    const { message, content } = await world.text('my cta')
    const changed = async (body: string) =>
      world.alice.user.send(direct, 'm.room.message', {
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
    await world.bob.saw('messages.update', (all) =>
      all.some(({ key, update }) => key.id === message.key.id && JSON.stringify(update).includes('my cat')),
    )
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
    await world.alice.user.send(direct, 'm.sticker', { body: '👋', url, info: { mimetype, ...info } })
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
    await world.see(direct, 'WhatsApp takes stickers as WebP only')
  })
})

test('a voice message with its waveform', async () => {
  await send(direct, VOICE, Buffer.from('loud at the end'))
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
    const place = (latitude: number, description?: string) => ({
      msgtype: 'm.location',
      body: `geo:${latitude},13.4`,
      geo_uri: `geo:${latitude},13.4`,
      'org.matrix.msc3488.location': { uri: `geo:${latitude},13.4`, ...(description && { description }) },
    })
    await world.alice.user.send(direct, 'm.room.message', place(52.5))
    const bare = await world.sees(
      ({ locationMessage }) => locationMessage?.degreesLatitude === 52.5,
      'the place',
    )
    expect(bare.content.locationMessage).toMatchObject({ degreesLongitude: 13.4 })
    await world.alice.user.send(direct, 'm.room.message', place(53.5, 'The pub, 1 High Street'))
    const named = await world.sees(
      ({ locationMessage }) => locationMessage?.degreesLatitude === 53.5,
      'the pub',
    )
    expect(named.content.locationMessage).toMatchObject({ name: 'The pub', address: '1 High Street' })
  })

  test('a card is a file of its kind', async () => {
    const kind: Kind = { msgtype: 'm.file', mimetype: 'text/vcard', of: 'documentMessage' }
    await send(direct, kind, Buffer.from('BEGIN:VCARD\nFN:Carol\nEND:VCARD'), 'this is Carol')
    const { content } = await world.text('_this_ is Carol')
    expect(content.documentMessage?.mimetype).toBe('text/vcard')
  })
})

describe('what cannot be sent', () => {
  const botSays = async (words: string, act: () => Promise<unknown>) => {
    const after = world.homeserver.timeline(direct).length
    await act()
    return world.happens(
      direct,
      (e) => e.sender === '@viaductbot:sim.local' && String(e.content['body']).includes(words),
      `"${words}"`,
      after,
    )
  }

  test('a file that is not there is said, and not sent', async () => {
    await botSays('', () =>
      world.alice.user.send(direct, 'm.room.message', {
        msgtype: 'm.file',
        body: 'gone.bin',
        url: 'mxc://sim.local/not-there',
        info: { mimetype: 'application/octet-stream', size: 10 },
      }),
    )
    expect(
      world.bob.client.messages.some(({ message }) => message?.documentMessage?.fileName === 'gone.bin'),
    ).toBe(false)
  })

  test('a file larger than WhatsApp takes is said in words, also to its sender', async () => {
    await botSays('The network was told about the attachment', async () =>
      world.alice.user.send(direct, 'm.room.message', {
        msgtype: 'm.file',
        body: 'huge.bin',
        url: await world.alice.user.upload(Buffer.from('huge'), 'application/octet-stream', 'huge.bin'),
        info: { mimetype: 'application/octet-stream', size: 3 * 1024 ** 3 },
      }),
    )
    const { content } = await world.sees((each) => textOf(each)?.includes('huge.bin'), 'words')
    expect(content.documentMessage).toBeFalsy()
  })

  test('an upload that fails is tried again', async () => {
    const { faults } = world.wa.world.media
    Object.assign(faults, { refuseUploads: 1, uploadStatus: 500 })
    await send(direct, PICTURE, Buffer.from('stubborn'), 'once more')
    await world.until(() => faults.refuseUploads === 0, 'the refusal')
    const there = () => world.bob.client.messages.some(({ message }) => textOf(message ?? {}) === 'once more')
    await world.clock.jumpUntil(there, 1_000, 'the picture')
  })
})
