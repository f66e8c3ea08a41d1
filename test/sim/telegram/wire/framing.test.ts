import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Framing } from './framing.ts'
import { abridged, full, intermediate, padded } from './framing.ts'
import { Transport } from './transport.ts'

const TAGS: Readonly<Record<string, string>> = {
  abridged: 'ef',
  intermediate: 'eeeeeeee',
  padded: 'dddddddd',
  full: '',
}
const INNER_TAGS: Readonly<Record<string, string>> = { ...TAGS, abridged: 'efefefef' }

const PAYLOADS = [4, 40, 504, 508, 512, 70_000].map((length) => randomBytes(length))

/** A client's side of an obfuscated connection. */
function obfuscated(tag: string) {
  const header = randomBytes(64)
  header.write('11223344', 0, 'hex')
  header.write(tag, 56, 'hex')
  const reversed = Buffer.from(header.subarray(8, 56)).reverse()
  const out = createCipheriv('aes-256-ctr', header.subarray(8, 40), header.subarray(40, 56))
  const sealed = out.update(header)
  const into = createDecipheriv('aes-256-ctr', reversed.subarray(0, 32), reversed.subarray(32, 48))
  return {
    begin: Buffer.concat([header.subarray(0, 56), sealed.subarray(56)]),
    seal: (bytes: Buffer) => out.update(bytes),
    open: (bytes: Buffer) => into.update(bytes),
  }
}

const withoutPadding = (name: string, payloads: readonly Buffer[]) =>
  payloads.map((payload, i) => (name.endsWith('padded') ? payload.subarray(0, PAYLOADS[i]?.length) : payload))

describe.each<[string, () => Framing]>([
  ['full', full],
  ['abridged', abridged],
  ['intermediate', intermediate],
  ['padded', padded],
])('%s', (name, make) => {
  test('frames are found wherever the bytes are cut', () => {
    const client = make()
    const small = PAYLOADS.slice(0, 3)
    const bytes = Buffer.concat([
      Buffer.from(TAGS[name] ?? '', 'hex'),
      ...small.map((one) => client.encode(one)),
    ])
    for (let cut = 0; cut <= bytes.length; cut++) {
      const transport = new Transport()
      const got = [...transport.receive(bytes.subarray(0, cut)), ...transport.receive(bytes.subarray(cut))]
      expect(withoutPadding(name, got)).toEqual(small)
      expect(transport.name).toBe(name)
    }
  })

  test('frames are found byte by byte, obfuscated too', () => {
    const client = make()
    for (const hidden of name === 'full' ? [false] : [false, true]) {
      const cover = obfuscated(INNER_TAGS[name] ?? '')
      const frames = Buffer.concat(PAYLOADS.slice(0, 4).map((one) => make().encode(one)))
      const plain = Buffer.concat([Buffer.from(TAGS[name] ?? '', 'hex'), frames])
      if (name === 'full') continue
      const bytes = hidden ? Buffer.concat([cover.begin, cover.seal(frames)]) : plain
      const transport = new Transport()
      const got = [...bytes].flatMap((byte) => transport.receive(Buffer.of(byte)))
      expect(withoutPadding(name, got)).toEqual(PAYLOADS.slice(0, 4))
      expect(transport.name).toBe(hidden ? `obfuscated ${name}` : name)
    }
    expect(client.name).toBe(name)
  })

  test('what the server sends is read by the other side', () => {
    const cover = obfuscated(INNER_TAGS[name] ?? '')
    const hidden = name !== 'full'
    const transport = new Transport()
    const first = make().encode(Buffer.alloc(8))
    transport.receive(hidden ? Buffer.concat([cover.begin, cover.seal(first)]) : first)
    const client = make()
    for (const payload of PAYLOADS) {
      const sent = transport.send(payload)
      const frame = client.decode(hidden ? cover.open(sent) : sent)
      expect(frame?.payload.subarray(0, payload.length).equals(payload)).toBe(true)
      expect(frame?.taken).toBe(sent.length)
    }
  })
})

test('a full frame has the known bytes', () => {
  expect(full().encode(Buffer.from('01020304', 'hex')).toString('hex')).toBe(
    '100000000000000001020304420fb5e0',
  )
})

test('the mark of a quick acknowledgement is not part of the length', () => {
  const payload = Buffer.alloc(8, 7)
  const short = abridged().encode(payload)
  short[0] = (short[0] ?? 0) | 0x80
  expect(abridged().decode(short)?.payload).toEqual(payload)
  const long = intermediate().encode(payload)
  long[3] = (long[3] ?? 0) | 0x80
  expect(intermediate().decode(long)?.payload).toEqual(payload)
})

describe('nonsense ends the connection', () => {
  const broken = (change: (frame: Buffer) => void) => {
    const frame = full().encode(Buffer.alloc(8))
    change(frame)
    return frame
  }
  test.each<[string, Buffer, RegExp]>([
    ['a wrong CRC32', broken((frame) => frame.writeUInt8(1, 8)), /CRC32/],
    [
      'a frame of the future',
      Buffer.concat([full().encode(Buffer.alloc(4)), broken((f) => f.writeUInt32LE(7, 4))]),
      /frame 7/,
    ],
    ['a frame that is too short', broken((frame) => frame.writeUInt32LE(11, 0)), /11 bytes/],
    ['a frame that is too long', Buffer.from('eeeeeeeeffffff7f', 'hex'), /bytes/],
    ['an empty frame', Buffer.from('eeeeeeee00000000', 'hex'), /0 bytes/],
    ['an obfuscation with nothing inside', obfuscated('00000000').begin, /no framing begins/],
  ])('%s', (_, bytes, error) => {
    expect(() => new Transport().receive(bytes)).toThrow(error)
  })
})
