import { createHash, randomBytes } from 'node:crypto'
import type { AnyMessageContent, WAMessage } from '@whiskeysockets/baileys'
import { downloadMediaMessage } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import type { Person } from './world/test-person.ts'
import { Town } from './world/test-town.ts'

async function pair(): Promise<{ town: Town; alice: Person; bob: Person }> {
  const town = await Town.start()
  return { town, alice: await town.person('111', 'Alice'), bob: await town.person('222', 'Bob') }
}

const bytesOf = (message: WAMessage): Promise<Buffer> => downloadMediaMessage(message, 'buffer', {})

/** A valid 1×1 PNG, so that nothing needs an image library. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const file = randomBytes(300_000)

const KINDS: Record<string, AnyMessageContent> = {
  imageMessage: { image: PIXEL, caption: 'a dot', jpegThumbnail: '' },
  videoMessage: { video: file, caption: 'moving', jpegThumbnail: '', gifPlayback: true },
  audioMessage: {
    audio: file,
    mimetype: 'audio/ogg; codecs=opus',
    ptt: true,
    seconds: 3,
  },
  documentMessage: { document: file, mimetype: 'application/pdf', fileName: 'a.pdf' },
  stickerMessage: { sticker: file },
}

test.each(Object.entries(KINDS))(
  '%s: the bytes are equal after upload and download',
  async (kind, content) => {
    const { alice, bob } = await pair()
    await alice.socket.sendMessage(bob.pn, content)
    const got = await bob.heard(
      ({ message }) =>
        message !== null && message !== undefined && kind in message && message[kind as 'imageMessage'],
      kind,
    )
    const bytes = await bytesOf(got)
    const sent = kind === 'imageMessage' ? PIXEL : file
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      createHash('sha256').update(sent).digest('hex'),
    )
  },
)

test('locations and contact cards need no file', async () => {
  const { alice, bob } = await pair()
  await alice.socket.sendMessage(bob.pn, { location: { degreesLatitude: 52.5, degreesLongitude: 13.4 } })
  const place = await bob.heard(({ message }) => message?.locationMessage, 'a place')
  expect(place.message?.locationMessage?.degreesLatitude).toBe(52.5)
  const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Carol\nEND:VCARD'
  await alice.socket.sendMessage(bob.pn, { contacts: { displayName: 'Carol', contacts: [{ vcard }] } })
  const card = await bob.heard(({ message }) => message?.contactMessage, 'a card')
  expect(card.message?.contactMessage?.vcard).toBe(vcard)
})

test('what expired is asked for again, and comes when the phone still has it', async () => {
  const { town, alice, bob } = await pair()
  await alice.socket.sendMessage(bob.pn, KINDS['documentMessage'] ?? { text: '' })
  const got = await bob.heard(({ message }) => message?.documentMessage, 'the document')
  expect(town.world.media.store.expire()).toBe(1)
  await expect(bytesOf(got)).rejects.toThrow('Failed to fetch')
  await expect(bob.socket.updateMediaMessage(structured(got))).rejects.toThrow('Failed to re-upload')
  // Until it was told of a media host, Baileys takes WhatsApp's own for what is uploaded again.
  await bob.socket.refreshMediaConn()
  const { mediaKey, directPath } = got.message?.documentMessage ?? {}
  town.world.mediaRetries.keep(got.key.id ?? '', {
    mediaKey: mediaKey ?? new Uint8Array(),
    directPath: directPath ?? '',
  })
  const renewed = await bob.socket.updateMediaMessage(got)
  expect((await bytesOf(renewed)).equals(file)).toBe(true)
})

test('uploads can be refused, and downloads end early', async () => {
  const { town, alice, bob } = await pair()
  const { faults } = town.world.media
  faults.refuseUploads = 1
  await expect(alice.socket.sendMessage(bob.pn, KINDS['stickerMessage'] ?? { text: '' })).rejects.toThrow(
    'Media upload failed',
  )
  await alice.socket.sendMessage(bob.pn, KINDS['stickerMessage'] ?? { text: '' })
  const got = await bob.heard(({ message }) => message?.stickerMessage, 'the sticker')
  const { url } = got.message?.stickerMessage ?? {}
  faults.cutDownloads = 1
  // By hand: a download that ends early is an uncaught exception in Baileys.
  const cut = await fetch(url ?? '')
  await expect(cut.arrayBuffer()).rejects.toThrow('terminated')
  const part = await fetch(url ?? '', { headers: { range: 'bytes=16-31' } })
  expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 16])
  expect((await bytesOf(got)).equals(file)).toBe(true)
})

test('profile pictures are seen and their change is told, unless hidden', async () => {
  const { town, alice, bob } = await pair()
  await alice.socket.sendMessage(bob.pn, { text: 'now we know each other' })
  await bob.heardText('now we know each other')
  await expect(bob.socket.profilePictureUrl(alice.pn)).rejects.toThrow('item-not-found')
  town.world.pictures.put(alice.account, PIXEL, alice.account)
  await bob.saw('contacts.update', (updates) =>
    updates.some(({ id, imgUrl }) => id === alice.pn && imgUrl === 'changed'),
  )
  const url = await bob.socket.profilePictureUrl(alice.lid, 'image')
  expect(Buffer.from(await (await fetch(url ?? '')).arrayBuffer()).equals(PIXEL)).toBe(true)
  await alice.socket.updateProfilePicturePrivacy('none')
  await expect(bob.socket.profilePictureUrl(alice.pn)).rejects.toThrow('not-authorized')
  await alice.socket.removeProfilePicture(alice.pn)
  await bob.saw('contacts.update', (updates) => updates.some(({ imgUrl }) => imgUrl === 'removed'))
})

/** A copy, since Baileys writes into what it is given. */
const structured = (message: WAMessage): WAMessage => ({ ...message, message: { ...message.message } })
