import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Phone } from '../sim/telegram/clients/phone.ts'
import { isGif, isSticker, isVideo, isVoice } from '../sim/telegram/world/media.ts'
import type { Channel, Seen } from '../sim/telegram/world/index.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/** Attachments of Matrix, with their captions, as a contact with an app of Telegram gets them. */
let world: TelegramWorld
let phone: Phone
let group: Channel
let room: string

beforeAll(async () => {
  world = await TelegramWorld.start()
  const { tg, bob, her } = world
  group = tg.supergroup({ title: 'Tea room', members: [bob, her] })
  room = await world.enter(bob, group)
  phone = await world.phone(bob)
})

afterAll(async () => {
  await world.proveDelivered(['HTTP 404'])
  await phone.close()
  await world.close()
})

const bytesOf = ({ media }: Seen): Buffer => {
  if (media?.kind === 'photo') return Buffer.from(media.photo.bytes)
  if (media?.kind === 'document') return Buffer.from(media.document.bytes)
  throw new Error('no file')
}
const documentOf = ({ media }: Seen) => {
  if (media?.kind !== 'document') throw new Error(`no document but ${media?.kind ?? 'nothing'}`)
  return media.document
}

describe('from Matrix', () => {
  type Kind = { msgtype: string; mimetype: string; info?: object; more?: object; is: (seen: Seen) => unknown }
  const voice = {
    'org.matrix.msc3245.voice': {},
    'org.matrix.msc1767.audio': { duration: 3000, waveform: [0, 512, 1024] },
  }
  const kinds: Record<string, Kind> = {
    picture: {
      msgtype: 'm.image',
      mimetype: 'image/png',
      info: { w: 10, h: 10 },
      is: ({ media }) => media?.kind === 'photo',
    },
    video: {
      msgtype: 'm.video',
      mimetype: 'video/mp4',
      info: { w: 320, h: 240, duration: 2000 },
      is: (seen) => isVideo(documentOf(seen)),
    },
    'moving picture': {
      msgtype: 'm.image',
      mimetype: 'image/gif',
      info: { w: 10, h: 10 },
      is: (seen) => isGif(documentOf(seen)),
    },
    'piece of music': {
      msgtype: 'm.audio',
      mimetype: 'audio/mpeg',
      info: { duration: 2000 },
      is: (seen) => !isVoice(documentOf(seen)) && documentOf(seen).mimeType === 'audio/mpeg',
    },
    'voice message': {
      msgtype: 'm.audio',
      mimetype: 'audio/ogg',
      info: { duration: 3000 },
      more: voice,
      is: (seen) => isVoice(documentOf(seen)),
    },
    file: {
      msgtype: 'm.file',
      mimetype: 'application/pdf',
      is: (seen) => documentOf(seen).mimeType === 'application/pdf',
    },
  }

  test.each(Object.keys(kinds))('a %s with a caption', async (name) => {
    const kind = kinds[name]
    if (kind === undefined) throw new Error('no kind')
    const bytes = Buffer.from(`bytes of a ${name}`)
    const url = await world.alice.user.upload(bytes, kind.mimetype, `${name}.bin`)
    await world.alice.user.send(room, 'm.room.message', {
      msgtype: kind.msgtype,
      body: `this ${name}`,
      format: 'org.matrix.custom.html',
      formatted_body: `<em>this</em> ${name}`,
      filename: `${name}.bin`,
      url,
      info: { mimetype: kind.mimetype, size: bytes.length, ...kind.info },
      ...kind.more,
    })
    const seen = await world.text(group, `this ${name}`)
    expect(kind.is(seen)).toBe(true)
    expect(seen.entities).toMatchObject([{ _: 'messageEntityItalic', offset: 0, length: 4 }])
    expect(bytesOf(seen).equals(bytes)).toBe(true)
    // The contact's app, by its own way to files.
    expect((await phone.download(world.peer(group), seen.id)).equals(bytes)).toBe(true)
  })

  test('a sticker', async () => {
    const url = await world.alice.user.upload(Buffer.from('webp'), 'image/webp', 'hi.webp')
    await world.alice.user.send(room, 'm.sticker', {
      body: '👋',
      url,
      info: { mimetype: 'image/webp', w: 512, h: 512 },
    })
    const seen = await world.sees(
      group,
      ({ media }) => media?.kind === 'document' && isSticker(media.document),
      'a sticker',
    )
    expect(bytesOf(seen).toString()).toBe('webp')
    expect(documentOf(seen).attributes).toContainEqual(expect.objectContaining({ alt: '👋' }))
  })

  test('a caption that names somebody', async () => {
    const bob = world.ghost(world.bob)
    await world.alice.user.send(room, 'm.room.message', {
      msgtype: 'm.image',
      body: 'Bob, look',
      format: 'org.matrix.custom.html',
      formatted_body: `<a href="https://matrix.to/#/${bob}">Bob</a>, look`,
      filename: 'p.png',
      url: await world.alice.user.upload(Buffer.from('p'), 'image/png', 'p.png'),
      info: { mimetype: 'image/png' },
      'm.mentions': { user_ids: [bob] },
    })
    const seen = await world.text(group, 'Bob, look')
    expect(seen.entities).toMatchObject([{ _: 'messageEntityMentionName', user_id: world.bob.id }])
  })

  test('a caption that is too long goes on as text, and its sender is told', async () => {
    const url = await world.alice.user.upload(Buffer.from('p'), 'image/png', 'p.png')
    const caption = Array.from({ length: 300 }, (_, i) => `caption${i}`).join(' ')
    await world.alice.user.send(room, 'm.room.message', {
      msgtype: 'm.image',
      body: caption,
      filename: 'p.png',
      url,
      info: { mimetype: 'image/png' },
    })
    await world.sees(group, ({ text }) => text.endsWith('caption299'), 'the end')
    const parts = world.tg.view(world.bob, group).filter(({ text }) => /caption\d/.test(text))
    expect(parts.map(({ text }) => text).join(' ')).toBe(caption)
    expect(parts.map(({ media }) => media?.kind)).toEqual(['photo', undefined])
    await world.see(room, 'The caption was too long')
  })

  test('a place, with and without a name', async () => {
    const place = (description?: string) => ({
      msgtype: 'm.location',
      body: 'geo:52.5,13.4',
      geo_uri: 'geo:52.5,13.4',
      'org.matrix.msc3488.location': { uri: 'geo:52.5,13.4', ...(description && { description }) },
    })
    const isAt =
      (kind: string) =>
      ({ media }: Seen) =>
        media?.kind === 'plain' && media.tl._ === kind
    await world.alice.user.send(room, 'm.room.message', place())
    await world.sees(group, isAt('messageMediaGeo'), 'the place')
    await world.alice.user.send(room, 'm.room.message', place('The pub, 1 High Street'))
    const { media } = await world.sees(group, isAt('messageMediaVenue'), 'the named place')
    expect(media).toMatchObject({
      tl: { title: 'The pub', address: '1 High Street', geo: { lat: 52.5, long: 13.4 } },
    })
  })

  test('what is too large or cannot be had is said, and not sent', async () => {
    await world.alice.user.send(room, 'm.room.message', {
      msgtype: 'm.file',
      body: 'gone.bin',
      url: 'mxc://sim.local/not-there',
      info: { mimetype: 'application/octet-stream', size: 10 },
    })
    const after = world.homeserver.timeline(room).length
    await world.happens(
      room,
      (e) => e.sender === '@viaductbot:sim.local' && e.type === 'm.room.message',
      'words of the bot',
      after,
    )
  })
})
