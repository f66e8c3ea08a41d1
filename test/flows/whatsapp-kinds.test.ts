import type { proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { made, photo } from '../support/whatsapp-media.ts'
import { WhatsAppRooms } from '../support/whatsapp-rooms.ts'
import { WhatsAppWorld } from '../support/whatsapp-world.ts'

/** Places, people, and what only the app of WhatsApp can show, as a Matrix user gets it. */
let world: WhatsAppWorld
let rooms: WhatsAppRooms

beforeAll(async () => {
  world = await WhatsAppWorld.start()
  rooms = await WhatsAppRooms.enter(world)
})

afterAll(() => world.end())

describe('places and people', () => {
  test('a place, and one with a name', async () => {
    const place = await rooms.shown({ location: { degreesLatitude: 52.5, degreesLongitude: 13.4 } })
    expect(place.content).toMatchObject({ msgtype: 'm.location', geo_uri: 'geo:52.5,13.4' })
    const named = await rooms.shown({
      location: { degreesLatitude: 1.5, degreesLongitude: 2.5, name: 'Pub', address: 'High Street' },
    })
    expect(named.content).toMatchObject({
      geo_uri: 'geo:1.5,2.5',
      'org.matrix.msc3488.location': { description: 'Pub, High Street' },
    })
  })

  test('a live place', async () => {
    const { content } = await rooms.raw({
      liveLocationMessage: { degreesLatitude: 10, degreesLongitude: 20, caption: 'on my way' },
    })
    expect(content).toMatchObject({
      geo_uri: 'geo:10,20',
      'org.matrix.msc3488.asset': { type: 'm.self' },
      'org.matrix.msc3488.location': { description: 'on my way' },
    })
  })

  test('one contact, and several', async () => {
    const card = (name: string, phone: string) => ({
      displayName: name,
      vcard: `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${phone}:+${phone}\nEND:VCARD`,
    })
    const one = await rooms.shown({ contacts: { contacts: [card('Carol Smith', '4915300000000')] } })
    expect(one.content['body']).toContain('Carol Smith')
    expect(one.content['body']).toContain('+4915300000000')
    const two = await rooms.shown({
      contacts: {
        displayName: '2 contacts',
        contacts: [card('Dave', '4915400000000'), card('Erin', '4915500000000')],
      },
    })
    for (const words of ['Dave', '+4915400000000', 'Erin', '+4915500000000'])
      expect(two.content['body']).toContain(words)
  })
})

describe('what only the app can show', () => {
  const SEEN = 'Open WhatsApp to see it'

  test('what can be seen once', async () => {
    const once = await rooms.shown({ ...photo('secret', 'psst'), viewOnce: true })
    expect(once.content).toMatchObject({ msgtype: 'm.notice' })
    expect(once.content['body']).toContain('A photo that can be viewed once')
    expect(JSON.stringify(once)).not.toContain('psst')
    const { audioMessage } = await made(world.bob, {
      audio: Buffer.from('o'),
      mimetype: 'audio/ogg',
      ptt: true,
      seconds: 1,
    })
    const voice = await rooms.raw({
      viewOnceMessageV2Extension: { message: { audioMessage: { ...audioMessage, viewOnce: true } } },
    })
    expect(voice.content['body']).toContain('A voice message that can be viewed once')
  })

  test('kinds that are known, and one that nobody knows', async () => {
    const cases: [proto.IMessage, string][] = [
      [
        { groupInviteMessage: { groupName: 'Friends', inviteCode: 'abc123', groupJid: '1@g.us' } },
        'https://chat.whatsapp.com/abc123',
      ],
      [{ eventMessage: { name: 'Party', startTime: 1_800_000_000 } }, '📅 Party'],
      [{ sendPaymentMessage: { noteMessage: { conversation: 'for tea' } } }, 'A payment'],
      [
        { productMessage: { product: { title: 'Teapot', priceAmount1000: 12_500, currencyCode: 'EUR' } } },
        'Teapot – 12.50 EUR',
      ],
      [
        { scheduledCallCreationMessage: { title: 'Tea talk', scheduledTimestampMs: 1_800_000_000_000 } },
        'A call is planned',
      ],
      [{ stickerPackMessage: { name: 'Teapots' } }, 'A pack of stickers'],
      [{ chat: { displayName: 'x' } }, 'Matrix cannot show'],
    ]
    for (const [message, words] of cases)
      expect(JSON.stringify((await rooms.raw(message)).content)).toContain(words)
  })

  test('messages of businesses: their choices are lines', async () => {
    const { content } = await rooms.raw({
      buttonsMessage: {
        contentText: 'Tea or *coffee*?',
        buttons: [
          { buttonId: 'a', buttonText: { displayText: 'Tea' } },
          { buttonId: 'b', buttonText: { displayText: 'Coffee' } },
        ],
      },
    })
    expect(content['body']).toBe('Tea or *coffee*?\n▸ Tea\n▸ Coffee')
  })

  test('a status update is a notice in a room of its own', async () => {
    await world.bob.socket.sendMessage(
      'status@broadcast',
      { text: 'good morning' },
      { statusJidList: [world.her.pn] },
    )
    const status = await world.roomWith(`A new status update. ${SEEN}.`)
    expect([rooms.direct, rooms.group]).not.toContain(status)
    await world.until(() => world.nameOf(status) === 'Status updates', 'its name')
  })

  test('in the wrapper of messages that disappear, and forwarded', async () => {
    const wrapped = await rooms.raw({
      ephemeralMessage: {
        message: { extendedTextMessage: { text: 'for a day', contextInfo: { expiration: 86_400 } } },
      },
    })
    expect(wrapped.content['body']).toBe('for a day')
    const forwarded = await rooms.raw({
      extendedTextMessage: { text: 'a rumour', contextInfo: { isForwarded: true, forwardingScore: 5 } },
    })
    expect(forwarded.content['body']).toBe('Forwarded many times\na rumour')
  })
})
