import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Api } from 'telegram'
import type { Phone } from '../sim/telegram/clients/phone.ts'
import type { Channel, Seen } from '../sim/telegram/world/index.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/** Where people are, and whom they know, between a Matrix user and a contact with an app of Telegram. */
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
  await world.proveDelivered(['is not there any more on Telegram'])
  await phone.close()
  await world.close()
})

const INFO = 'org.matrix.msc3672.beacon_info'
const BEACON = 'org.matrix.msc3672.beacon'

const begin = (forMs: number, description?: string) => {
  const { user } = world.alice
  return user.state(room, INFO, user.userId, {
    live: true,
    timeout: forMs,
    'org.matrix.msc3488.ts': Date.now(),
    'org.matrix.msc3488.asset': { type: 'm.self' },
    ...(description && { description }),
  })
}
const end = () => {
  const { user } = world.alice
  return user.state(room, INFO, user.userId, { live: false, timeout: 60_000 })
}
const at = (info: string, lat: number, long: number) =>
  world.alice.user.send(room, BEACON, {
    'm.relates_to': { rel_type: 'm.reference', event_id: info },
    'org.matrix.msc3488.location': { uri: `geo:${lat},${long};u=5` },
    'org.matrix.msc3488.ts': Date.now(),
  })

type Live = { _: string; geo: { lat: number; long: number }; period: number }
const liveIn = ({ media }: Seen): Live | undefined =>
  media?.kind === 'plain' && media.tl._ === 'messageMediaGeoLive' ? (media.tl as unknown as Live) : undefined
const isAt = (lat: number, long: number) => (seen: Seen) => {
  const live = liveIn(seen)
  return live?.geo.lat === lat && live.geo.long === long
}
const lives = () => world.tg.view(world.bob, group).filter((seen) => liveIn(seen) !== undefined).length

describe('a live location of Matrix', () => {
  test('begins with its first place, moves, is answered, and ends', async () => {
    const before = lives()
    const info = await begin(900_000)
    await at(info, 10, 20)
    const first = await world.sees(group, isAt(10, 20), 'the first place')
    expect(liveIn(first)?.period).toBeGreaterThan(880)
    expect(liveIn(first)?.period).toBeLessThanOrEqual(900)
    expect(first.author).toBe(world.her)
    await at(info, 11, 21)
    const moved = await world.sees(group, isAt(11, 21), 'the next place')
    expect(moved.id).toBe(first.id)
    // As the contact's app has it.
    expect((await phone.message(world.peer(group), first.id))?.media).toBeInstanceOf(Api.MessageMediaGeoLive)
    await phone.sendText(world.peer(group), 'Wait for me', { replyTo: first.id })
    const answer = await world.message(room, 'Wait for me')
    expect(answer.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: info } })
    await end()
    const over = await world.sees(group, (seen) => liveIn(seen)?.period === 0, 'the end')
    expect(over.id).toBe(first.id)
    expect(isAt(11, 21)(over)).toBe(true)
    await at(info, 12, 22)
    await world.quiet()
    expect(isAt(11, 21)(await world.sees(group, ({ id }) => id === first.id, 'the last place'))).toBe(true)
    expect(lives()).toBe(before + 1)
    // Where she was is kept nowhere.
    expect(await world.stack.database.db.query('select * from live_location')).toEqual([])
  })

  test('of many places that wait only the newest is told', async () => {
    const info = await begin(3_600_000)
    await at(info, 1, 1)
    const { id } = await world.sees(group, isAt(1, 1), 'the first place')
    world.wire.faults.fail('messages.editMessage', 420, 'FLOOD_WAIT_1')
    const before = world.wire.journal.calls({ method: 'messages.editMessage' }).length
    for (let i = 2; i <= 9; i++) await at(info, i, i)
    const last = await world.sees(group, isAt(9, 9), 'the last place')
    expect(last.id).toBe(id)
    await world.quiet()
    const edits = world.wire.journal.calls({ method: 'messages.editMessage' }).length - before
    expect(edits).toBeLessThan(6)
    await end()
    await world.sees(group, (seen) => seen.id === id && liveIn(seen)?.period === 0, 'the end')
  })

  test('a new one ends the one before', async () => {
    const one = await begin(900_000)
    await at(one, 30, 30)
    const first = await world.sees(group, isAt(30, 30), 'the first')
    const two = await begin(900_000)
    await at(two, 40, 40)
    const second = await world.sees(group, isAt(40, 40), 'the second')
    expect(second.id).not.toBe(first.id)
    await world.sees(
      group,
      (seen) => seen.id === first.id && liveIn(seen)?.period === 0,
      'the end of the first',
    )
    await end()
    await world.sees(group, (seen) => seen.id === second.id && liveIn(seen)?.period === 0, 'the end')
  })

  test('is gone when its beginning is deleted', async () => {
    const info = await begin(900_000)
    await at(info, 50, 50)
    const { id } = await world.sees(group, isAt(50, 50), 'the place')
    await world.alice.user.redact(room, info)
    await world.until(() => world.tg.view(world.bob, group).every((seen) => seen.id !== id), 'it to be gone')
    await end()
    await world.quiet()
    expect(JSON.stringify(world.homeserver.timeline(room))).not.toContain('Not delivered')
  })

  test('that was refused says so once', async () => {
    const said = () =>
      world.homeserver
        .timeline(room)
        .filter(
          (e) => e.type === 'm.room.message' && JSON.stringify(e.content).includes('is not there any more'),
        )
    const before = said().length
    world.wire.faults.fail('messages.sendMedia', 400, 'MESSAGE_ID_INVALID')
    const info = await begin(900_000)
    await at(info, 60, 60)
    await world.until(() => said().length > before, 'words about it')
    await at(info, 61, 61)
    await world.quiet()
    expect(said().length).toBe(before + 1)
    expect(world.tg.view(world.bob, group).some(isAt(61, 61))).toBe(false)
    await end()
  })
})

test('a live location of Telegram moves, and ends', async () => {
  const { media } = world.tg
  const post = world.tg.say(world.bob, group, { media: media.liveplace(10, 20, 900) })
  const live = await world.happens(
    room,
    ({ content }) => content['geo_uri'] === 'geo:10,20' && content['body'] === 'Live location: geo:10,20',
    'the live place',
  )
  const shown = (uri: string, body: string) =>
    world.related(
      room,
      live.event_id,
      ({ content }) => {
        const now = content['m.new_content'] as { geo_uri?: string; body?: string } | undefined
        return now?.geo_uri === uri && now.body === body
      },
      body,
    )
  world.tg.editMedia(world.bob, post, media.liveplace(11, 21, 900))
  await shown('geo:11,21', 'Live location: geo:11,21')
  world.tg.editMedia(world.bob, post, media.liveplace(11, 21, 0))
  await shown('geo:11,21', 'Live location, ended: geo:11,21')
})

describe('a card of Matrix', () => {
  const person = (name: string, phone?: string) =>
    ['BEGIN:VCARD', 'VERSION:3.0', `FN:${name}`, ...(phone ? [`TEL:${phone}`] : []), 'END:VCARD'].join('\r\n')
  const send = async (text: string, fileName: string, mimetype: string, more: object = {}) =>
    world.alice.user.send(room, 'm.room.message', {
      msgtype: 'm.file',
      body: fileName,
      url: await world.alice.user.upload(Buffer.from(text), mimetype, fileName),
      info: { mimetype, size: text.length },
      ...more,
    })
  const contactIn = ({ media }: Seen) =>
    media?.kind === 'plain' && media.tl._ === 'messageMediaContact' ? media.tl : undefined
  const isFile = (name: string) => (seen: Seen) =>
    seen.media?.kind === 'document' && JSON.stringify(seen.media.document.attributes, noBig).includes(name)
  const noBig = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

  test.each([
    ['text/vcard', 'carol'],
    ['application/octet-stream', 'carol.vcf'],
  ])('%s of one person is a contact', async (mimetype, fileName) => {
    const text = person(`Carol ${fileName}`, '+49 152 00000')
    await send(text, fileName, mimetype)
    const seen = await world.sees(group, (each) => contactIn(each)?.['last_name'] === fileName, 'the contact')
    expect(contactIn(seen)).toMatchObject({ first_name: 'Carol', phone_number: '+49 152 00000' })
    const there = await phone.message(world.peer(group), seen.id)
    const shown = there?.media
    expect(shown instanceof Api.MessageMediaContact && shown.vcard).toBe(text.replaceAll('\r\n', '\n'))
  })

  test.each([
    ['of two people', `${person('A', '111')}\n${person('B', '222')}`, 'two.vcf'],
    ['without a number', person('A'), 'none.vcf'],
    ['that is none', 'hello', 'hello.vcf'],
  ])('%s is a file', async (_name, text, fileName) => {
    await send(text, fileName, 'text/vcard')
    await world.sees(group, isFile(fileName), 'the file')
  })

  test('with words is a file with words', async () => {
    await send(person('A', '111'), 'x', 'text/vcard', { body: 'call her', filename: 'words.vcf' })
    expect(isFile('words.vcf')(await world.text(group, 'call her'))).toBe(true)
  })
})
