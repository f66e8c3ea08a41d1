import { proto } from '@whiskeysockets/baileys'
import type { AnyMessageContent } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { STILL, made, photo } from '../support/whatsapp-media.ts'
import { WhatsAppRooms } from '../support/whatsapp-rooms.ts'
import { WhatsAppWorld, digits } from '../support/whatsapp-world.ts'

/** Attachments of WhatsApp with their captions, as a Matrix user gets them. */
let world: WhatsAppWorld
let rooms: WhatsAppRooms

const LIMIT = 1_000_000
const { HD_IMAGE_DUAL_UPLOAD, MEDIA_ALBUM } = proto.MessageAssociation.AssociationType

beforeAll(async () => {
  world = await WhatsAppWorld.start({
    change: (usual) => ({ matrix: { ...usual.matrix, mediaLimitBytes: LIMIT } }),
  })
  rooms = await WhatsAppRooms.enter(world)
})

afterAll(() => world.end())

/** What makes a message a part of another one. */
const partOf = (associationType: proto.MessageAssociation.AssociationType, id: string) => ({
  messageAssociation: {
    associationType,
    parentMessageKey: { remoteJid: rooms.directJid, fromMe: true, id },
  },
})

describe('files', () => {
  test('a picture, a video, a moving picture, a document: each with its caption', async () => {
    const all: [string, AnyMessageContent, object][] = [
      [
        'm.image',
        { image: Buffer.from('bytes of one'), caption: 'see *this*', ...STILL, width: 30, height: 40 },
        { info: { mimetype: 'image/jpeg', w: 30, h: 40 } },
      ],
      [
        'm.video',
        { video: Buffer.from('bytes of one'), caption: 'see *this*', ...STILL, seconds: 7 },
        { info: { mimetype: 'video/mp4', duration: 7000 } },
      ],
      [
        'm.video',
        { video: Buffer.from('bytes of one'), caption: 'see *this*', ...STILL, gifPlayback: true },
        { info: { 'org.matrix.msc4230.is_animated': true, 'fi.mau.gif': true } },
      ],
      [
        'm.file',
        {
          document: Buffer.from('bytes of one'),
          caption: 'see *this*',
          fileName: 'report.pdf',
          mimetype: 'application/pdf',
        },
        { filename: 'report.pdf', info: { mimetype: 'application/pdf' } },
      ],
    ]
    for (const [msgtype, one, more] of all) {
      const { content } = await rooms.shown(one)
      expect(content).toMatchObject({
        msgtype,
        body: 'see *this*',
        formatted_body: 'see <strong>this</strong>',
        ...more,
      })
      expect(content['filename']).not.toBe(content['body'])
      expect(await world.fileText(content['url'])).toBe('bytes of one')
    }
  })

  test('a caption that names her is a mention', async () => {
    const { content } = await rooms.next(rooms.group, () =>
      world.bobSays(rooms.groupJid, {
        image: Buffer.from('p'),
        ...STILL,
        caption: `@${digits(world.her.lid)} look`,
        mentions: [world.her.lid],
      }),
    )
    expect(content['m.mentions']).toEqual({ user_ids: [world.alice.user.userId] })
  })

  test('a voice message with its waveform, music, a round video', async () => {
    const waveform = Uint8Array.from({ length: 64 }, (_, i) => i)
    const spoken = {
      audio: Buffer.from('opus'),
      mimetype: 'audio/ogg; codecs=opus',
      ptt: true,
      seconds: 4,
      waveform,
    }
    const { content } = await rooms.raw(await made(world.bob, spoken))
    expect(content).toMatchObject({
      msgtype: 'm.audio',
      'org.matrix.msc3245.voice': {},
      info: { duration: 4000, mimetype: 'audio/ogg' },
    })
    const audio = content['org.matrix.msc1767.audio'] as { duration: number; waveform: number[] }
    expect(audio.duration).toBe(4000)
    expect(audio.waveform).toHaveLength(64)
    expect(audio.waveform.toSorted((a, b) => a - b)).toEqual(audio.waveform)
    expect(audio.waveform.at(-1)).toBeGreaterThan(600)
    const music = await rooms.shown({ audio: Buffer.from('mp3'), mimetype: 'audio/mpeg', seconds: 9 })
    expect(music.content).toMatchObject({ msgtype: 'm.audio', info: { duration: 9000 } })
    expect(music.content['org.matrix.msc3245.voice']).toBeUndefined()
    const round = await rooms.shown({ video: Buffer.from('mp4'), ...STILL, ptv: true })
    expect(round.content).toMatchObject({ msgtype: 'm.video' })
    expect(await world.fileText(round.content['url'])).toBe('mp4')
  })

  test('stickers: still, animated, and of vectors', async () => {
    const still = await rooms.shown({ sticker: Buffer.from('webp') })
    expect(still).toMatchObject({ type: 'm.sticker', content: { info: { mimetype: 'image/webp' } } })
    expect(await world.fileText(still.content['url'])).toBe('webp')
    const animated = await made(world.bob, { sticker: Buffer.from('moving webp'), isAnimated: true })
    const moving = await rooms.raw(animated)
    expect(moving).toMatchObject({
      type: 'm.sticker',
      content: { info: { 'org.matrix.msc4230.is_animated': true } },
    })
    const { stickerMessage } = await made(world.bob, { sticker: Buffer.from('lottie') })
    const lottie = await rooms.raw({
      lottieStickerMessage: {
        message: { stickerMessage: { ...stickerMessage, isLottie: true, mimetype: 'application/was' } },
      },
    })
    expect(lottie.content).toMatchObject({ msgtype: 'm.file', info: { mimetype: 'application/was' } })
    expect(await world.fileText(lottie.content['url'])).toBe('lottie')
  })

  test('an album: each picture once, in order, known to be one', async () => {
    const after = world.homeserver.timeline(rooms.direct).length
    const id = await rooms.relay({ albumMessage: { expectedImageCount: 2, expectedVideoCount: 0 } })
    for (const [i, caption] of ['our trip', undefined].entries())
      await rooms.relay({
        ...(await made(world.bob, photo(`picture ${i}`, caption))),
        messageContextInfo: partOf(MEDIA_ALBUM, id),
      })
    await world.proveAlbum(rooms.direct, after, ['picture 0', 'picture 1'], 'our trip')
  })

  test('a picture that comes again in better quality takes the place of the first', async () => {
    const id = await rooms.relay(await made(world.bob, photo('poor', 'a view')))
    const { event_id } = await world.message(rooms.direct, 'a view')
    const good = await made(world.bob, photo('good', 'a view'))
    const message = { ...good, messageContextInfo: partOf(HD_IMAGE_DUAL_UPLOAD, id) }
    await rooms.relay({ associatedChildMessage: { message } })
    const edit = await world.related(rooms.direct, event_id, () => true, 'the better one')
    expect(await world.fileText((edit.content['m.new_content'] as { url?: string }).url)).toBe('good')
  })

  test('a caption that is edited, with and without its picture', async () => {
    const sent = await world.bobSays(rooms.directJid, photo('a cat', 'my cta'))
    const first = await world.happens(rooms.direct, (e) => e.content['body'] === 'my cta', 'the cat')
    await world.bobSays(rooms.directJid, { ...photo('a cat', 'my cat'), edit: sent.key })
    const edit = await world.related(rooms.direct, first.event_id, () => true, 'the edit')
    expect(edit.content['m.new_content']).toMatchObject({ msgtype: 'm.image', body: 'my cat' })
    const { content } = await rooms.raw({
      protocolMessage: {
        key: sent.key,
        type: 14,
        editedMessage: { imageMessage: { caption: 'my *old* cat' } },
        timestampMs: Date.now(),
      },
    })
    expect(content).toMatchObject({
      body: 'New caption:\nmy *old* cat',
      'm.relates_to': { 'm.in_reply_to': { event_id: first.event_id } },
    })
  })
})

describe('what cannot be had', () => {
  test('a file that WhatsApp has put away is asked of the phone again', async () => {
    const message = await made(world.bob, photo('put away', 'an old picture'))
    const { directPath, mediaKey } = message.imageMessage ?? {}
    if (!directPath || !mediaKey) throw new Error('not uploaded')
    expect(world.wa.world.media.store.expire(directPath)).toBe(1)
    const messageId = world.bob.socket.generateMessageTag()
    world.wa.world.mediaRetries.keep(messageId, { mediaKey, directPath })
    const { content } = await rooms.next(rooms.direct, () =>
      world.bob.socket.relayMessage(world.her.lid, message, { messageId }),
    )
    expect(content).toMatchObject({ msgtype: 'm.image', body: 'an old picture' })
    expect(await world.fileText(content['url'])).toBe('put away')
  })

  test('a file that the phone has no more either is said in words, with its caption', async () => {
    const message = await made(world.bob, photo('gone', 'a lost picture'))
    world.wa.world.media.store.expire(message.imageMessage?.directPath ?? '')
    const { content } = await rooms.raw(message)
    expect(content['msgtype']).toBe('m.notice')
    expect(content['body']).toContain('a lost picture')
    expect(content['body']).toContain('WhatsApp does not have this file any more')
  })

  test('downloads that fail or end early are tried again', async () => {
    const { faults } = world.wa.world.media
    const message = await made(world.bob, photo('patience', 'at last'))
    Object.assign(faults, { failDownloads: 1, downloadStatus: 500, cutDownloads: 1 })
    await rooms.relay(message)
    await world.until(() => faults.failDownloads === 0, 'the refusal')
    await world.clock.jumpUntil(() => faults.cutDownloads === 0, 1_000, 'the cut')
    const there = () => world.homeserver.timeline(rooms.direct).find((e) => e.content['body'] === 'at last')
    await world.clock.jumpUntil(() => there() !== undefined, 1_000, 'the picture')
    expect(await world.fileText(there()?.content['url'])).toBe('patience')
  })

  test('a file that is damaged is not shown as if it were whole', async () => {
    const { imageMessage } = await made(world.bob, photo('right', 'with another hash'))
    await rooms.relay({ imageMessage: { ...imageMessage, fileSha256: Buffer.alloc(32, 7) } })
    const there = () =>
      world.homeserver
        .timeline(rooms.direct)
        .find((e) => String(e.content['body']).includes('with another hash'))
    await world.clock.jumpUntil(() => there() !== undefined, 120_000, 'words about it')
    expect(there()?.content).toMatchObject({ msgtype: 'm.notice' })
    expect(there()?.content['body']).toContain('damaged')
  })

  test('a file that is too large is said in words', async () => {
    const { content } = await rooms.shown({
      document: Buffer.alloc(LIMIT + 1),
      fileName: 'large.bin',
      mimetype: 'application/octet-stream',
      caption: 'all of it',
    })
    expect(content['msgtype']).toBe('m.notice')
    expect(content['body']).toMatch(/all of it[\s\S]*large\.bin[\s\S]*1\.0 MB/)
  })

  test('what says of no file at all is said in words', async () => {
    const { content } = await rooms.raw({ imageMessage: { caption: 'a hidden one', mimetype: 'image/jpeg' } })
    expect(content['body']).toContain('a hidden one')
    expect(content['body']).toContain('Open WhatsApp to see it')
  })
})
