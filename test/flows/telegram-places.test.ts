import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Api } from 'telegram'
import type { Seen } from '../sim/telegram/world/index.ts'
import { TelegramGroup } from '../support/telegram-group.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/** Where people are, and whom they know, between a Matrix user and a contact with an app of Telegram. */
const EXPECTED = ['is not there any more on Telegram']

let world: TelegramWorld
let group: TelegramGroup

beforeAll(async () => {
  world = await TelegramWorld.start()
  group = await TelegramGroup.enter(world)
})

afterAll(async () => {
  await group.phone.close()
  await world.end(EXPECTED)
})

const INFO = 'org.matrix.msc3672.beacon_info'
const BEACON = 'org.matrix.msc3672.beacon'

const begin = (forMs: number, description?: string) => {
  const { user } = world.alice
  return user.state(group.room, INFO, user.userId, {
    live: true,
    timeout: forMs,
    'org.matrix.msc3488.ts': Date.now(),
    'org.matrix.msc3488.asset': { type: 'm.self' },
    ...(description && { description }),
  })
}
/** Resolves when the live location is over on Telegram. */
const over = (id: number, what = 'the end') =>
  world.sees(group.chat, (seen) => seen.id === id && liveIn(seen)?.period === 0, what)
const end = () => {
  const { user } = world.alice
  return user.state(group.room, INFO, user.userId, { live: false, timeout: 60_000 })
}
const at = (info: string, lat: number, long: number) =>
  world.alice.user.send(group.room, BEACON, {
    'm.relates_to': { rel_type: 'm.reference', event_id: info },
    'org.matrix.msc3488.location': { uri: `geo:${lat},${long};u=5` },
    'org.matrix.msc3488.ts': Date.now(),
  })

type Live = { _: string; geo: { lat: number; long: number }; period: number }
const liveIn = ({ media }: Seen): Live | undefined =>
  media?.kind === 'plain' && media.tl._ === 'messageMediaGeoLive' ? (media.tl as unknown as Live) : undefined
/** The newest place as bob sees it. */
const sees = (lat: number, long: number, what: string) => world.sees(group.chat, isAt(lat, long), what)
const isAt = (lat: number, long: number) => (seen: Seen) => {
  const live = liveIn(seen)
  return live?.geo.lat === lat && live.geo.long === long
}
const all = () => world.tg.view(world.bob, group.chat)
const lives = () => all().filter((seen) => liveIn(seen) !== undefined).length

describe('a live location of Matrix', () => {
  test('begins with its first place, moves, is answered, and ends', async () => {
    const before = lives()
    const info = await begin(900_000)
    await at(info, 10, 20)
    const first = await sees(10, 20, 'the first place')
    expect(liveIn(first)?.period).toBeGreaterThan(880)
    expect(liveIn(first)?.period).toBeLessThanOrEqual(900)
    expect(first.author).toBe(world.her)
    await at(info, 11, 21)
    const moved = await sees(11, 21, 'the next place')
    expect(moved.id).toBe(first.id)
    // As the contact's app has it.
    expect((await group.phone.message(group.peer, first.id))?.media).toBeInstanceOf(Api.MessageMediaGeoLive)
    await group.phone.sendText(group.peer, 'Wait for me', { replyTo: first.id })
    const answer = await world.message(group.room, 'Wait for me')
    expect(answer.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: info } })
    await end()
    const ended = await world.sees(group.chat, (seen) => liveIn(seen)?.period === 0, 'the end')
    expect(ended.id).toBe(first.id)
    expect(isAt(11, 21)(ended)).toBe(true)
    await at(info, 12, 22)
    await world.quiet()
    expect(isAt(11, 21)(await world.sees(group.chat, ({ id }) => id === first.id, 'the last place'))).toBe(
      true,
    )
    expect(lives()).toBe(before + 1)
    // Where she was is kept nowhere.
    expect(await world.stack.database.db.query('select * from live_location')).toEqual([])
  })

  test('of many places that wait only the newest is told', async () => {
    const info = await begin(3_600_000)
    await at(info, 1, 1)
    const { id } = await sees(1, 1, 'the first place')
    world.wire.faults.fail('messages.editMessage', 420, 'FLOOD_WAIT_1')
    const before = world.wire.journal.calls({ method: 'messages.editMessage' }).length
    for (let i = 2; i <= 9; i++) await at(info, i, i)
    const last = await sees(9, 9, 'the last place')
    expect(last.id).toBe(id)
    await world.quiet()
    const edits = world.wire.journal.calls({ method: 'messages.editMessage' }).length - before
    expect(edits).toBeLessThan(6)
    await end()
    await over(id)
  })

  test('a new one ends the one before', async () => {
    const one = await begin(900_000)
    await at(one, 30, 30)
    const first = await sees(30, 30, 'the first')
    const two = await begin(900_000)
    await at(two, 40, 40)
    const second = await sees(40, 40, 'the second')
    expect(second.id).not.toBe(first.id)
    await over(first.id, 'the end of the first')
    await end()
    await over(second.id)
  })

  test('that is over on Telegram already is no failure', async () => {
    const info = await begin(900_000)
    await at(info, 45, 45)
    await sees(45, 45, 'the place')
    world.wire.faults.fail('messages.editMessage', 400, 'MESSAGE_EDIT_TIME_EXPIRED')
    await end()
    await world.proveEnded(EXPECTED)
  })

  test('is gone when its beginning is deleted', async () => {
    const info = await begin(900_000)
    await at(info, 50, 50)
    const { id } = await sees(50, 50, 'the place')
    await world.alice.user.redact(group.room, info)
    await world.until(() => all().every((seen) => seen.id !== id), 'it to be gone')
    await end()
    await world.quiet()
    expect(JSON.stringify(world.homeserver.timeline(group.room))).not.toContain('Not delivered')
  })

  test('that was refused says so once', async () => {
    const said = () =>
      world.homeserver
        .timeline(group.room)
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
    expect(all().some(isAt(61, 61))).toBe(false)
    await end()
  })
})

test('a live location of Telegram moves, and ends', async () => {
  const { media } = world.tg
  const post = world.tg.say(world.bob, group.chat, { media: media.liveplace(10, 20, 900) })
  const live = await world.happens(
    group.room,
    ({ content }) => content['geo_uri'] === 'geo:10,20' && content['body'] === 'Live location: geo:10,20',
    'the live place',
  )
  const shown = (uri: string, body: string) =>
    world.related(
      group.room,
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
  const person = (name: string, number?: string) =>
    ['BEGIN:VCARD', 'VERSION:3.0', `FN:${name}`, ...(number ? [`TEL:${number}`] : []), 'END:VCARD'].join(
      '\r\n',
    )
  const send = async (text: string, fileName: string, mimetype: string, more: object = {}) =>
    world.alice.user.send(group.room, 'm.room.message', {
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
    const seen = await world.sees(
      group.chat,
      (each) => contactIn(each)?.['last_name'] === fileName,
      'the contact',
    )
    expect(contactIn(seen)).toMatchObject({ first_name: 'Carol', phone_number: '+49 152 00000' })
    const there = await group.phone.message(group.peer, seen.id)
    const shown = there?.media
    expect(shown instanceof Api.MessageMediaContact && shown.vcard).toBe(text.replaceAll('\r\n', '\n'))
  })

  test.each([
    ['of two people', `${person('A', '111')}\n${person('B', '222')}`, 'two.vcf'],
    ['without a number', person('A'), 'none.vcf'],
    ['that is none', 'hello', 'hello.vcf'],
  ])('%s is a file', async (_name, text, fileName) => {
    await send(text, fileName, 'text/vcard')
    await world.sees(group.chat, isFile(fileName), 'the file')
  })

  test('with words is a file with words', async () => {
    await send(person('A', '111'), 'x', 'text/vcard', { body: 'call her', filename: 'words.vcf' })
    expect(isFile('words.vcf')(await world.text(group.chat, 'call her'))).toBe(true)
  })
})
