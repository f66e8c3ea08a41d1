import { crc32 } from 'node:zlib'
import { randomBytes, randomInt } from 'node:crypto'

/** One of the framings of https://core.telegram.org/mtproto/mtproto-transports, from the server's side. */
export interface Framing {
  readonly name: 'full' | 'abridged' | 'intermediate' | 'padded'
  encode(payload: Uint8Array): Buffer
  /** The first frame of the bytes and how many it takes; undefined while it isn't complete. Throws on nonsense. */
  decode(bytes: Buffer): { payload: Buffer; taken: number } | undefined
}

export class FramingError extends Error {
  override readonly name = 'FramingError'
}

const LARGEST = 1 << 24

function lengthed(length: number): number {
  if (length <= 0 || length > LARGEST) throw new FramingError(`a frame of ${length} bytes`)
  return length
}

export function full(): Framing {
  let sent = 0
  let received = 0
  return {
    name: 'full',
    encode(payload) {
      const frame = Buffer.alloc(payload.length + 12)
      frame.writeUInt32LE(frame.length, 0)
      frame.writeUInt32LE(sent++, 4)
      frame.set(payload, 8)
      frame.writeUInt32LE(crc32(frame.subarray(0, -4)), frame.length - 4)
      return frame
    },
    decode(bytes) {
      if (bytes.length < 4) return undefined
      const taken = lengthed(bytes.readUInt32LE(0))
      if (taken < 12) throw new FramingError(`a full frame of ${taken} bytes`)
      if (bytes.length < taken) return undefined
      const sequence = bytes.readUInt32LE(4)
      if (sequence !== received) throw new FramingError(`frame ${sequence}, expected ${received}`)
      if (crc32(bytes.subarray(0, taken - 4)) !== bytes.readUInt32LE(taken - 4))
        throw new FramingError('a wrong CRC32')
      received++
      return { payload: bytes.subarray(8, taken - 4), taken }
    },
  }
}

export function abridged(): Framing {
  return {
    name: 'abridged',
    encode(payload) {
      const words = payload.length >> 2
      const header = words < 127 ? [words] : [127, words & 255, (words >> 8) & 255, words >> 16]
      return Buffer.concat([Uint8Array.from(header), payload])
    },
    decode(bytes) {
      if (bytes.length < 1) return undefined
      const first = bytes.readUInt8(0) & 127
      const header = first === 127 ? 4 : 1
      if (bytes.length < header) return undefined
      const taken = header + lengthed((first === 127 ? bytes.readUIntLE(1, 3) : first) * 4)
      return bytes.length < taken ? undefined : { payload: bytes.subarray(header, taken), taken }
    },
  }
}

function lengthInFront(name: 'intermediate' | 'padded', paddingFor: () => number): Framing {
  return {
    name,
    encode(payload) {
      const padding = paddingFor()
      const header = Buffer.alloc(4)
      header.writeUInt32LE(payload.length + padding)
      return Buffer.concat([header, payload, randomBytes(padding)])
    },
    decode(bytes) {
      if (bytes.length < 4) return undefined
      const taken = 4 + lengthed(bytes.readUInt32LE(0) & 0x7fffffff)
      return bytes.length < taken ? undefined : { payload: bytes.subarray(4, taken), taken }
    },
  }
}

export const intermediate = (): Framing => lengthInFront('intermediate', () => 0)

/** Its padding stays on the payload: what is inside knows its own length. */
export const padded = (): Framing => lengthInFront('padded', () => randomInt(16))
