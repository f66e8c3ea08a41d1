import { generateWAMessageContent } from '@whiskeysockets/baileys'
import type { AnyMediaMessageContent, AnyMessageContent, proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimEvent } from '../sim/homeserver/index.ts'
import { SILENT } from '../sim/whatsapp/clients/quiet.ts'
import { WhatsAppWorld } from '../support/whatsapp-world.ts'

/** Places, people, and what only the app of WhatsApp can show, as a Matrix user gets it. */
let world: WhatsAppWorld
let group: string
let direct: string
let room: string

beforeAll(async () => {
  world = await WhatsAppWorld.start()
  const { bob, her } = world
  direct = await world.enter(bob, her.lid)
  group = (await bob.socket.groupCreate('Tea room', [her.pn])).id
  room = await world.enter(bob, group)
})

afterAll(async () => {
  await world.proveDelivered()
  await world.close()
})

/** What comes next of bob in a room. */
const nextOf = (where: string, act: () => Promise<unknown>): Promise<SimEvent> => {
  const after = world.homeserver.timeline(where).length
  const isHis = (e: SimEvent) => e.sender === world.ghost(world.bob) && e.state_key === undefined
  return act().then(() => world.happens(where, isHis, 'it', after))
}
const shown = (content: AnyMessageContent) =>
  nextOf(direct, () => world.says(world.bob, world.her.lid, content))
/** As only apps send it. */
const raw = (message: proto.IMessage, where = direct) =>
  nextOf(where, () => world.bob.socket.relayMessage(where === direct ? world.her.lid : group, message, {}))

/** Uploads a file and makes the message of it, without sending it. */
const made = (content: AnyMediaMessageContent): Promise<proto.IMessage> =>
  generateWAMessageContent(content, { upload: world.bob.socket.waUploadToServer, logger: SILENT })

const STILL = { jpegThumbnail: '' }
const photo = (text: string, caption?: string): AnyMediaMessageContent => ({
  image: Buffer.from(text),
  ...STILL,
  ...(caption !== undefined && { caption }),
})

describe('places and people', () => {
  test('a place, and one with a name', async () => {
    const place = await shown({ location: { degreesLatitude: 52.5, degreesLongitude: 13.4 } })
    expect(place.content).toMatchObject({ msgtype: 'm.location', geo_uri: 'geo:52.5,13.4' })
    const named = await shown({
      location: { degreesLatitude: 1.5, degreesLongitude: 2.5, name: 'Pub', address: 'High Street' },
    })
    expect(named.content).toMatchObject({
      geo_uri: 'geo:1.5,2.5',
      'org.matrix.msc3488.location': { description: 'Pub, High Street' },
    })
  })

  test('a live place', async () => {
    const { content } = await raw({
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
    const one = await shown({ contacts: { contacts: [card('Carol Smith', '4915300000000')] } })
    expect(one.content['body']).toContain('Carol Smith')
    expect(one.content['body']).toContain('+4915300000000')
    const two = await shown({
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
    const once = await shown({ ...photo('secret', 'psst'), viewOnce: true })
    expect(once.content).toMatchObject({ msgtype: 'm.notice' })
    expect(once.content['body']).toContain('A photo that can be viewed once')
    expect(JSON.stringify(once)).not.toContain('psst')
    const { audioMessage } = await made({
      audio: Buffer.from('o'),
      mimetype: 'audio/ogg',
      ptt: true,
      seconds: 1,
    })
    const voice = await raw({
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
      expect(JSON.stringify((await raw(message)).content)).toContain(words)
  })

  test('messages of businesses: their choices are lines', async () => {
    const { content } = await raw({
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
    expect([direct, room]).not.toContain(status)
    await world.until(
      () => world.homeserver.state(status, 'm.room.name')?.['name'] === 'Status updates',
      'its name',
    )
  })

  test('in the wrapper of messages that disappear, and forwarded', async () => {
    const wrapped = await raw({
      ephemeralMessage: {
        message: { extendedTextMessage: { text: 'for a day', contextInfo: { expiration: 86_400 } } },
      },
    })
    expect(wrapped.content['body']).toBe('for a day')
    const forwarded = await raw({
      extendedTextMessage: { text: 'a rumour', contextInfo: { isForwarded: true, forwardingScore: 5 } },
    })
    expect(forwarded.content['body']).toBe('Forwarded many times\na rumour')
  })
})
