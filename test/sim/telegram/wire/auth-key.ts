import { randomBytes } from 'node:crypto'
import { sha1, sha256 } from './digest.ts'
import { igeDecrypt, igeEncrypt } from './ige.ts'

/** Who wrote a message: the parts of the key that encrypt it depend on it. */
export type Direction = 'from-client' | 'from-server'

const OFFSET: Readonly<Record<Direction, number>> = { 'from-client': 0, 'from-server': 8 }

const HEADER = 24
const LEAST_PADDING = 12

/** A 2048-bit authorization key and its encryption (https://core.telegram.org/mtproto/description). */
export class AuthKey {
  readonly secret: Buffer
  /** 64 bits of its SHA1, hexadecimal, as they stand in front of each packet. */
  readonly id: string

  constructor(secret: Uint8Array) {
    if (secret.length !== 256) throw new Error(`an authorization key has 256 bytes, not ${secret.length}`)
    this.secret = Buffer.from(secret)
    this.id = sha1(secret).subarray(12, 20).toString('hex')
  }

  messageKey(plain: Uint8Array, direction: Direction): Buffer {
    const x = OFFSET[direction]
    return sha256(this.secret.subarray(88 + x, 120 + x), plain).subarray(8, 24)
  }

  cipher(messageKey: Uint8Array, direction: Direction): { key: Buffer; iv: Buffer } {
    const x = OFFSET[direction]
    const a = sha256(messageKey, this.secret.subarray(x, 36 + x))
    const b = sha256(this.secret.subarray(40 + x, 76 + x), messageKey)
    return {
      key: Buffer.concat([a.subarray(0, 8), b.subarray(8, 24), a.subarray(24, 32)]),
      iv: Buffer.concat([b.subarray(0, 8), a.subarray(8, 24), b.subarray(24, 32)]),
    }
  }

  /** A whole packet from the plaintext without padding. */
  seal(plain: Uint8Array, direction: Direction): Buffer {
    const padding = LEAST_PADDING + ((16 - ((plain.length + LEAST_PADDING) % 16)) % 16)
    const padded = Buffer.concat([plain, randomBytes(padding)])
    const messageKey = this.messageKey(padded, direction)
    const { key, iv } = this.cipher(messageKey, direction)
    return Buffer.concat([Buffer.from(this.id, 'hex'), messageKey, igeEncrypt(padded, key, iv)])
  }

  /** The plaintext with its padding, or undefined if the packet was not made with this key. */
  open(packet: Uint8Array, direction: Direction): Buffer | undefined {
    const length = (packet.length - HEADER) & ~15
    if (length <= 0) return undefined
    const messageKey = packet.subarray(8, HEADER)
    const { key, iv } = this.cipher(messageKey, direction)
    const plain = igeDecrypt(packet.subarray(HEADER, HEADER + length), key, iv)
    return this.messageKey(plain, direction).equals(messageKey) ? plain : undefined
  }
}
