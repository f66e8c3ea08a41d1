import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Scene } from './scene.ts'
import { KINDS } from './scene.ts'

const LINK = /http:\/\/127\.0\.0\.1:\d+\/media\/\S+/

/** What somebody on IRC gets who follows a link, without any account anywhere. */
async function followed(line: string | undefined): Promise<{ bytes: Buffer; type: string | null }> {
  const link = LINK.exec(line ?? '')?.[0] ?? ''
  const answer = await fetch(link)
  expect(answer.status, link).toBe(200)
  return { bytes: Buffer.from(await answer.arrayBuffer()), type: answer.headers.get('content-type') }
}

const FILES = [
  {
    msgtype: 'm.image',
    name: 'cat photo.png',
    type: 'image/png',
    words: 'image cat photo.png (100 KB)',
    served: 'image/png',
  },
  {
    msgtype: 'm.video',
    name: 'cat.mp4',
    type: 'video/mp4',
    words: 'video cat.mp4 (100 KB)',
    served: 'video/mp4',
  },
  {
    msgtype: 'm.audio',
    name: 'purr.ogg',
    type: 'audio/ogg',
    words: 'audio purr.ogg (100 KB)',
    served: 'audio/ogg',
  },
  {
    msgtype: 'm.file',
    name: 'cats & dogs.pdf',
    type: 'application/pdf',
    words: 'file cats & dogs.pdf (100 KB)',
    served: 'application/octet-stream',
  },
] as const

/** Attachments: on IRC a link that really gives the file. */
export function mediaFeatures(scene: () => Scene): void {
  describe.each(KINDS)('attachments, %s', (kind) => {
    test.each(FILES)('$msgtype with a caption is the caption and a link to the very bytes', async (file) => {
      const talk = scene()[kind]
      const { client } = talk.person
      const bytes = randomBytes(100_000)
      const url = await client.upload(Uint8Array.from(bytes), file.type, file.name)
      const info = { mimetype: file.type, size: bytes.length }
      const caption = 'look at <her>'
      await client.send(talk.room, { msgtype: file.msgtype, body: caption, filename: file.name, url, info })
      const lines = await talk.personDid(
        [`<alice> ${caption}`],
        [expect.stringContaining(`<alice> ${caption} — ${file.words}: http`)],
      )
      const got = await followed(lines[0])
      expect(got.bytes.equals(bytes)).toBe(true)
      expect(got.type).toBe(file.served)
    })

    test('without a caption the name says what it is; a voice message says how long it is', async () => {
      const talk = scene()[kind]
      const { client } = talk.person
      const bytes = randomBytes(2_000)
      const url = await client.upload(Uint8Array.from(bytes), 'audio/ogg', 'voice.ogg')
      const info = { mimetype: 'audio/ogg', size: bytes.length, duration: 7_000 }
      await client.send(talk.room, {
        msgtype: 'm.audio',
        body: 'voice.ogg',
        url,
        info,
        'org.matrix.msc3245.voice': {},
        'org.matrix.msc1767.audio': { duration: 7_000 },
      })
      const voice = await talk.personDid(
        ['<alice> voice.ogg'],
        [expect.stringMatching(/^<alice> voice message \(0:07, 2 KB\): http\S+$/)],
      )
      expect((await followed(voice[0])).bytes.equals(bytes)).toBe(true)
      await client.send(talk.room, {
        msgtype: 'm.image',
        body: 'plain.png',
        url,
        info: { mimetype: 'image/png' },
      })
      await talk.personDid(
        ['<alice> plain.png'],
        [expect.stringMatching(/^<alice> image plain\.png: http\S+\/plain\.png$/)],
      )
    })

    test('a sticker and a location', async () => {
      const talk = scene()[kind]
      const { client } = talk.person
      const bytes = randomBytes(1_500)
      const url = await client.upload(Uint8Array.from(bytes), 'image/webp', 'wave.webp')
      const info = { mimetype: 'image/webp', size: bytes.length }
      await client.send(talk.room, { body: 'waving cat', url, info }, 'm.sticker')
      const lines = await talk.personDid(
        [],
        [expect.stringMatching(/^<alice> sticker waving cat \(1\.5 KB\): http\S+$/)],
      )
      expect((await followed(lines[0])).bytes.equals(bytes)).toBe(true)
      await client.send(talk.room, { msgtype: 'm.location', body: 'the pier', geo_uri: 'geo:52.5,13.4' })
      await talk.personDid(
        ['<alice> the pier'],
        [expect.stringMatching(/^<alice> location the pier: 52\.5, 13\.4 geo:52\.5,13\.4$/)],
      )
    })

    test('the answer to a picture, and a caption that is corrected', async () => {
      const talk = scene()[kind]
      const { client } = talk.person
      const url = await client.upload(Uint8Array.from(randomBytes(10)), 'image/png', 'a.png')
      const content = {
        msgtype: 'm.image',
        body: 'my cta',
        filename: 'a.png',
        url,
        info: { mimetype: 'image/png' },
      }
      const event = await client.send(talk.room, content)
      await talk.personDid(
        ['<alice> my cta'],
        [expect.stringMatching(/^<alice> my cta — image a\.png: http/)],
      )
      await client.send(talk.room, {
        ...content,
        body: '* my cat',
        'm.new_content': { ...content, body: 'my cat' },
        'm.relates_to': { rel_type: 'm.replace', event_id: event },
      })
      await talk.personDid(['alice edits "my cta" to my cat'], ['<alice> s/cta/cat/'])
    })

    test('a link from IRC arrives as it is', async () => {
      const talk = scene()[kind]
      const text = 'see https://example.org/cat.png?a=1&b=2 :)'
      talk.contact.say(talk.target, text)
      await talk.contactDid([`<bob> ${text}`], [`<bob> ${text}`])
    })
  })
}
