import { expect, test } from 'vitest'
import type { TlObject } from '../contract.ts'
import { listOf, objectOf, pair, updatesIn } from './test-device.ts'
import type { SimWorld } from './index.ts'
import type { TestDevice } from './test-device.ts'

let lastFile = 0n
function upload(device: TestDevice, bytes: Uint8Array, name = 'file'): TlObject {
  const id = ++lastFile
  const size = 1024
  const parts = Math.ceil(bytes.length / size)
  for (let i = 0; i < parts; i++) {
    const part = bytes.subarray(i * size, (i + 1) * size)
    device.call('upload.saveFilePart', { file_id: id, file_part: i, bytes: part })
  }
  return { _: 'inputFile', id, parts, name, md5_checksum: '' }
}

const sendMedia = (
  device: TestDevice,
  peer: TlObject,
  media: TlObject,
  message = '',
  random_id = ++lastFile,
) => device.ask('messages.sendMedia', { peer, media, message, random_id })

const mediaOf = (update: TlObject | undefined) => objectOf(objectOf(update?.['message'])['media'])

function download(device: TestDevice, location: TlObject, size: number): Buffer {
  const pieces: Uint8Array[] = []
  for (let offset = 0; offset < size; offset += 4096) {
    const file = device.ask('upload.getFile', { location, offset: BigInt(offset), limit: 4096 })
    if (file['bytes'] instanceof Uint8Array) pieces.push(file['bytes'])
  }
  return Buffer.concat(pieces)
}

test('a picture with a caption goes up and comes down', () => {
  const { tg, alice, bob, a, b } = pair()
  const bytes = Buffer.alloc(5000, 7)
  sendMedia(a, a.peer(bob), { _: 'inputMediaUploadedPhoto', file: upload(a, bytes) }, 'look')
  expect(tg.view(bob, alice)[0]).toMatchObject({ text: 'look', media: { kind: 'photo' } })
  const photo = objectOf(mediaOf(b.updates.at(-1))['photo'])
  expect(listOf(photo['sizes'])).toMatchObject([{ type: 'x', size: 5000 }])
  const { id, access_hash, file_reference } = photo
  const location = { _: 'inputPhotoFileLocation', id, access_hash, file_reference, thumb_size: 'x' }
  expect(download(b, location, 5000).equals(bytes)).toBe(true)
  expect(() => download(a, location, 10)).toThrow('LOCATION_INVALID')
  tg.expireFileReferences()
  expect(() => download(b, location, 10)).toThrow('FILE_REFERENCE_EXPIRED')
})

test.each([
  [
    'a lost part',
    (bytes: Buffer, a: TestDevice, tg: SimWorld) => {
      const file = upload(a, bytes)
      tg.loseFilePart(1)
      return file
    },
    'FILE_PART_1_MISSING',
  ],
  [
    'nothing uploaded',
    () => ({ _: 'inputFile', id: 1n, parts: 1, name: '', md5_checksum: '' }),
    'FILE_PART_0_MISSING',
  ],
] as const)('an upload with %s is refused', (_, make, error) => {
  const { tg, bob, a } = pair()
  const media = { _: 'inputMediaUploadedPhoto', file: make(Buffer.alloc(3000), a, tg) }
  expect(() => sendMedia(a, a.peer(bob), media)).toThrow(error)
})

test('a repeat with other bytes or none is the first message', () => {
  const { tg, alice, bob, a } = pair()
  sendMedia(a, a.peer(bob), { _: 'inputMediaUploadedPhoto', file: upload(a, Buffer.from('1')) }, '', 77n)
  const gone = {
    _: 'inputMediaUploadedPhoto',
    file: { _: 'inputFile', id: 9999n, parts: 1, name: '', md5_checksum: '' },
  }
  expect(updatesIn(sendMedia(a, a.peer(bob), gone, '', 77n))[0]).toMatchObject({ id: 1, random_id: 77n })
  expect(tg.view(alice, bob)).toHaveLength(1)
})

test('captions have a limit of their own, longer with premium', () => {
  const { bob, a, alice } = pair()
  const media = () => ({ _: 'inputMediaUploadedPhoto', file: upload(a, Buffer.from('1')) })
  expect(() => sendMedia(a, a.peer(bob), media(), 'x'.repeat(1025))).toThrow('MEDIA_CAPTION_TOO_LONG')
  alice.premium = true
  sendMedia(a, a.peer(bob), media(), 'x'.repeat(4096))
})

test('an album: one group, consecutive numbers, one random_id each', () => {
  const { tg, alice, bob, a } = pair()
  const item = (random_id: bigint, message: string) => {
    const uploaded = a.ask('messages.uploadMedia', {
      peer: a.peer(bob),
      media: { _: 'inputMediaUploadedPhoto', file: upload(a, Buffer.from('picture')) },
    })
    const { id, access_hash, file_reference } = objectOf(uploaded['photo'])
    const photo = { _: 'inputPhoto', id, access_hash, file_reference }
    return { _: 'inputSingleMedia', media: { _: 'inputMediaPhoto', id: photo }, random_id, message }
  }
  const multi_media = [item(1n, 'caption'), item(2n, 'b'), item(3n, 'c')]
  const send = () => a.ask('messages.sendMultiMedia', { peer: a.peer(bob), multi_media })
  const answer = send()
  expect(updatesIn(answer).map(({ _ }) => _)).toEqual([
    ...Array.from({ length: 3 }, () => 'updateMessageID'),
    ...Array.from({ length: 3 }, () => 'updateNewMessage'),
  ])
  expect(updatesIn(send()).slice(0, 3)).toEqual(updatesIn(answer).slice(0, 3))
  const seen = tg.view(bob, alice)
  expect(seen.map(({ id }) => id)).toEqual([1, 2, 3])
  expect(new Set(seen.map(({ groupedId }) => groupedId)).size).toBe(1)
  expect(seen[0]?.groupedId).toBeDefined()
  const many = Array.from({ length: 11 }, (_, i) => item(BigInt(10 + i), ''))
  expect(() => a.ask('messages.sendMultiMedia', { peer: a.peer(bob), multi_media: many })).toThrow(
    'MULTI_MEDIA_TOO_LONG',
  )
})

test('files keep name, kind and attributes; voice is unheard until it is played', () => {
  const { tg, alice, bob, a, b } = pair()
  const attributes = [
    { _: 'documentAttributeAudio', voice: true, duration: 3, waveform: Buffer.from([1, 2]) },
  ]
  const media = {
    _: 'inputMediaUploadedDocument',
    file: upload(a, Buffer.from('ogg'), 'v.ogg'),
    mime_type: 'audio/ogg',
    attributes,
  }
  sendMedia(a, a.peer(bob), media)
  const message = objectOf(b.updates.at(-1)?.['message'])
  expect(message).toMatchObject({
    media_unread: true,
    media: { voice: true, document: { mime_type: 'audio/ogg', size: 3n } },
  })
  expect(b.ask('messages.readMessageContents', { id: [1] })).toMatchObject({ pts_count: 1 })
  expect(a.updates.at(-1)).toMatchObject({ _: 'updateReadMessagesContents', messages: [1] })
  expect(tg.view(bob, alice)[0]?.tl['media_unread']).toBe(false)
})

test.each([
  [{ _: 'inputMediaGeoPoint', geo_point: { _: 'inputGeoPoint', lat: 1.5, long: 2.5 } }, 'messageMediaGeo'],
  [
    { _: 'inputMediaGeoLive', geo_point: { _: 'inputGeoPoint', lat: 1, long: 2 }, period: 600 },
    'messageMediaGeoLive',
  ],
  [
    {
      _: 'inputMediaVenue',
      geo_point: { _: 'inputGeoPoint', lat: 1, long: 2 },
      title: 'T',
      address: 'A',
      provider: '',
      venue_id: '',
      venue_type: '',
    },
    'messageMediaVenue',
  ],
  [
    { _: 'inputMediaContact', phone_number: '200', first_name: 'B', last_name: '', vcard: '' },
    'messageMediaContact',
  ],
  [{ _: 'inputMediaDice', emoticon: '🎲' }, 'messageMediaDice'],
])('%o', (media, wanted) => {
  const { bob, a, b } = pair()
  sendMedia(a, a.peer(bob), media)
  expect(mediaOf(b.updates.at(-1))._).toBe(wanted)
})

test('people without a client send everything too', () => {
  const { tg, alice, bob, a } = pair()
  const bytes = Buffer.from('bytes')
  const { media } = tg
  const all = [
    media.photo(bytes),
    media.file(bytes, { name: 'a.txt' }),
    media.voice(bytes, 3),
    media.audio(bytes, 3, 'Song'),
    media.video(bytes),
    media.video(bytes, { round: true }),
    media.video(bytes, { gif: true }),
    media.sticker(bytes, '🙂'),
    media.place(1, 2),
    media.liveplace(1, 2, 60),
    media.venue(1, 2, 'T', 'A'),
    media.contact('200', 'B'),
    media.poll(bob, { question: 'Q?', answers: ['a', 'b'] }),
  ]
  for (const one of all) tg.say(bob, alice, { media: one })
  tg.album(bob, alice, [media.photo(bytes), media.photo(bytes)], 'caption')
  tg.say(bob, alice, {
    text: '🙂',
    entities: [
      { _: 'messageEntityCustomEmoji', offset: 0, length: 2, document_id: media.customEmoji(bytes, '🙂') },
    ],
  })
  expect(a.updates).toHaveLength(all.length + 2 + 1)
})

test('a known page gets a preview, unless the sender doesn’t want one', () => {
  const { tg, alice, bob, a } = pair()
  tg.page('https://a.example/', 'Title', 'About')
  const text = 'see https://a.example/'
  a.ask('messages.sendMessage', { peer: a.peer(bob), message: text, random_id: 1n })
  a.ask('messages.sendMessage', { peer: a.peer(bob), message: text, random_id: 2n, no_webpage: true })
  expect(tg.view(bob, alice).map(({ media }) => media?.kind)).toEqual(['plain', undefined])
})
