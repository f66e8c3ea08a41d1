import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isGif, isSticker, isVideo, isVoice } from '../sim/telegram/world/media.ts'
import type { Seen } from '../sim/telegram/world/index.ts'
import { VOICE, attach, attachMissing, pictureNaming, place } from '../support/matrix-events.ts'
import { TelegramGroup } from '../support/telegram-group.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/** Attachments of Matrix, with their captions, as a contact with an app of Telegram gets them. */
let world: TelegramWorld
let group: TelegramGroup

beforeAll(async () => {
  world = await TelegramWorld.start()
  group = await TelegramGroup.enter(world)
})

afterAll(async () => {
  await group.phone.close()
  await world.end(['HTTP 404'])
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
      more: VOICE,
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
    await attach(world.alice.user, group.room, {
      ...kind,
      bytes,
      name: `${name}.bin`,
      caption: { body: `this ${name}`, formatted: `<em>this</em> ${name}` },
      info: { size: bytes.length, ...kind.info },
    })
    const seen = await world.text(group.chat, `this ${name}`)
    expect(kind.is(seen)).toBe(true)
    expect(seen.entities).toMatchObject([{ _: 'messageEntityItalic', offset: 0, length: 4 }])
    expect(bytesOf(seen).equals(bytes)).toBe(true)
    // The contact's app, by its own way to files.
    expect((await group.phone.download(group.peer, seen.id)).equals(bytes)).toBe(true)
  })

  test('a sticker', async () => {
    const url = await world.alice.user.upload(Buffer.from('webp'), 'image/webp', 'hi.webp')
    await world.alice.user.send(group.room, 'm.sticker', {
      body: '👋',
      url,
      info: { mimetype: 'image/webp', w: 512, h: 512 },
    })
    const seen = await world.sees(
      group.chat,
      ({ media }) => media?.kind === 'document' && isSticker(media.document),
      'a sticker',
    )
    expect(bytesOf(seen).toString()).toBe('webp')
    expect(documentOf(seen).attributes).toContainEqual(expect.objectContaining({ alt: '👋' }))
  })

  test('a caption that names somebody', async () => {
    await pictureNaming(world.alice.user, group.room, world.ghost(world.bob))
    const seen = await world.text(group.chat, 'Bob, look')
    expect(seen.entities).toMatchObject([{ _: 'messageEntityMentionName', user_id: world.bob.id }])
  })

  test('a caption that is too long goes on as text, and its sender is told', async () => {
    const caption = Array.from({ length: 300 }, (_, i) => `caption${i}`).join(' ')
    await attach(world.alice.user, group.room, {
      msgtype: 'm.image',
      mimetype: 'image/png',
      bytes: Buffer.from('p'),
      name: 'p.png',
      caption: { body: caption },
    })
    await world.sees(group.chat, ({ text }) => text.endsWith('caption299'), 'the end')
    const parts = world.tg.view(world.bob, group.chat).filter(({ text }) => /caption\d/.test(text))
    expect(parts.map(({ text }) => text).join(' ')).toBe(caption)
    expect(parts.map(({ media }) => media?.kind)).toEqual(['photo', undefined])
    await world.see(group.room, 'The caption was too long')
  })

  test('a place, with and without a name', async () => {
    const isAt =
      (kind: string) =>
      ({ media }: Seen) =>
        media?.kind === 'plain' && media.tl._ === kind
    await world.alice.user.send(group.room, 'm.room.message', place('geo:52.5,13.4'))
    await world.sees(group.chat, isAt('messageMediaGeo'), 'the place')
    await world.alice.user.send(
      group.room,
      'm.room.message',
      place('geo:52.5,13.4', 'The pub, 1 High Street'),
    )
    const { media } = await world.sees(group.chat, isAt('messageMediaVenue'), 'the named place')
    expect(media).toMatchObject({
      tl: { title: 'The pub', address: '1 High Street', geo: { lat: 52.5, long: 13.4 } },
    })
  })

  test('what is too large or cannot be had is said, and not sent', async () => {
    await world.botSays(group.room, '', () => attachMissing(world.alice.user, group.room))
  })
})
