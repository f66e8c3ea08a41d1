import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Media } from '../sim/telegram/world/index.ts'
import { TelegramGroup } from '../support/telegram-group.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/** Attachments of Telegram, with their captions, as a Matrix user gets them. */
let world: TelegramWorld
let group: TelegramGroup

beforeAll(async () => {
  world = await TelegramWorld.start()
  group = await TelegramGroup.enter(world)
})

afterAll(async () => {
  await group.phone.close()
  await world.end()
})

describe('from Telegram', () => {
  const content = async (media: Media, text = '') => (await group.shown({ media, text })).content

  test('a photo, a video, music, a file: each with its caption', async () => {
    const { media } = world.tg
    const bytes = (name: string) => Buffer.from(`bytes of ${name}`)
    const all: [string, Media][] = [
      ['m.image', media.photo(bytes('m.image'))],
      ['m.video', media.video(bytes('m.video'), { w: 640, h: 480, duration: 7 })],
      ['m.audio', media.audio(bytes('m.audio'), 9, 'Song')],
      ['m.file', media.file(bytes('m.file'), { name: 'report.pdf', mimeType: 'application/pdf' })],
    ]
    for (const [msgtype, one] of all) {
      const got = await content(one, `see this ${msgtype}`)
      expect(got).toMatchObject({ msgtype, body: `see this ${msgtype}` })
      expect(got['filename']).not.toBe(got['body'])
      expect(await world.fileText(got['url'])).toBe(`bytes of ${msgtype}`)
    }
    const video = await world.message(group.room, 'see this m.video')
    expect(video.content['info']).toMatchObject({ w: 640, h: 480, duration: 7000, mimetype: 'video/mp4' })
    const file = await world.message(group.room, 'see this m.file')
    expect(file.content).toMatchObject({ filename: 'report.pdf', info: { mimetype: 'application/pdf' } })
  })

  test('a caption that names her is a mention', async () => {
    const { content: got } = await group.shown({
      text: 'Alice, look',
      entities: [{ _: 'messageEntityMentionName', offset: 0, length: 5, user_id: world.her.id }],
      media: world.tg.media.photo(Buffer.from('p')),
    })
    expect(got['body']).toBe('Alice, look')
    expect(got['m.mentions']).toEqual({ user_ids: [world.alice.user.userId] })
  })

  test('a voice message, a round video, a moving picture', async () => {
    const { media } = world.tg
    const voice = await content(media.voice(Buffer.from('opus'), 4))
    expect(voice).toMatchObject({
      msgtype: 'm.audio',
      'org.matrix.msc3245.voice': {},
      info: { duration: 4000 },
    })
    expect(voice['org.matrix.msc1767.audio']).toMatchObject({ duration: 4000 })
    const round = await content(media.video(Buffer.from('mp4'), { round: true, w: 240, h: 240 }))
    expect(round).toMatchObject({ msgtype: 'm.video' })
    const gif = await content(media.video(Buffer.from('mp4'), { gif: true }))
    expect(gif).toMatchObject({ msgtype: 'm.video', info: { 'org.matrix.msc4230.is_animated': true } })
  })

  test('stickers: still, moving, animated', async () => {
    const { media } = world.tg
    const still = await group.shown({ media: media.sticker(Buffer.from('webp'), '😀') })
    expect(still).toMatchObject({
      type: 'm.sticker',
      content: { body: '😀', info: { mimetype: 'image/webp' } },
    })
    expect(await world.fileText(still.content['url'])).toBe('webp')
    const moving = await group.shown({ media: media.sticker(Buffer.from('webm'), '😎', 'video/webm') })
    expect(moving.content).toMatchObject({ msgtype: 'm.video', body: '😎' })
    const animated = await group.shown({
      media: media.sticker(Buffer.from('tgs'), '🤖', 'application/x-tgsticker'),
    })
    expect(animated.content).toMatchObject({ body: '🤖' })
    expect(await world.fileText(animated.content['url'])).toBe('tgs')
  })

  test('an album: each picture once, in order, known to be one', async () => {
    const after = world.homeserver.timeline(group.room).length
    const pictures = [1, 2, 3].map((i) => world.tg.media.photo(Buffer.from(`picture ${i}`)))
    world.tg.album(world.bob, group.chat, pictures, 'our trip')
    await world.proveAlbum(group.room, after, ['picture 1', 'picture 2', 'picture 3'], 'our trip')
  })

  test('a file and an album of the app itself', async () => {
    const bytes = Buffer.alloc(700_000, 'large')
    await group.phone.sendFile(group.peer, bytes, {
      name: 'notes.txt',
      caption: 'my notes',
      asDocument: true,
    })
    const file = await world.message(group.room, 'my notes')
    expect(file.content).toMatchObject({ msgtype: 'm.file', filename: 'notes.txt' })
    expect(bytes.equals(await world.file(file.content['url']))).toBe(true)
    const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex')
    await group.phone.sendAlbum(
      group.peer,
      [
        ['a.jpg', jpeg],
        ['b.jpg', jpeg],
      ],
      'two of them',
    )
    const first = await world.message(group.room, 'two of them')
    const album = first.content['app.viaduct.album']
    expect(album).toBeDefined()
    await world.happens(
      group.room,
      (e) => e.content['app.viaduct.album'] === album && e.event_id !== first.event_id,
      'the second picture',
    )
  })

  test('a place, a live place that moves, a venue, a contact', async () => {
    const { media } = world.tg
    expect(await content(media.place(52.5, 13.4))).toMatchObject({
      msgtype: 'm.location',
      geo_uri: 'geo:52.5,13.4',
    })
    expect(await content(media.venue(1.5, 2.5, 'Pub', 'High Street'))).toMatchObject({
      geo_uri: 'geo:1.5,2.5',
      'org.matrix.msc3488.location': { description: 'Pub, High Street' },
    })
    const after = world.homeserver.timeline(group.room).length
    const post = world.tg.say(world.bob, group.chat, { media: media.liveplace(10, 20, 900) })
    const live = await world.happens(
      group.room,
      (e) => e.content['geo_uri'] === 'geo:10,20',
      'the live place',
      after,
    )
    world.tg.editMedia(world.bob, post, media.liveplace(11, 21, 900))
    const moved = await world.related(group.room, live.event_id, () => true, 'the move')
    expect(moved.content['m.new_content']).toMatchObject({ geo_uri: 'geo:11,21' })
    const contact = await content(media.contact('4915200000000', 'Carol', 'Smith'))
    expect(contact['body']).toContain('Carol Smith')
    expect(contact['body']).toContain('+4915200000000')
  })

  test('a picture that is replaced is replaced', async () => {
    const after = world.homeserver.timeline(group.room).length
    const post = world.tg.say(world.bob, group.chat, {
      text: 'v1',
      media: world.tg.media.photo(Buffer.from('one')),
    })
    const first = await world.happens(group.room, (e) => e.content['body'] === 'v1', 'the first', after)
    world.tg.editMedia(world.bob, post, world.tg.media.photo(Buffer.from('two')))
    const edit = await world.related(group.room, first.event_id, () => true, 'the second')
    const changed = edit.content['m.new_content'] as { url?: string }
    expect(await world.fileText(changed.url)).toBe('two')
  })

  test('what only the app can show is said in words', async () => {
    const { media } = world.tg
    const dice = { _: 'messageMediaDice', value: 4, emoticon: '🎲' }
    expect((await content(media.other(dice)))['body']).toBe('🎲 4')
    const unsupported = await content(media.other({ _: 'messageMediaUnsupported' }))
    expect(unsupported['body']).toContain('Open the Telegram app')
    const once = await content(media.photo(Buffer.from('secret'), { ttlSeconds: 10 }))
    expect(once).toMatchObject({ msgtype: 'm.notice' })
    expect(once['body']).toContain('seen once')
    const after = world.homeserver.timeline(group.room).length
    world.tg.service(world.bob, group.chat, () => ({
      _: 'messageActionGroupCall',
      call: { _: 'inputGroupCall', id: 1n, access_hash: 1n },
    }))
    const call = await world.happens(
      group.room,
      (e) => String(e.content['body']).includes('call'),
      'the call',
      after,
    )
    expect(call.content['body']).toContain('A group call has begun')
  })
})
