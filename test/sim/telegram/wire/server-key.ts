import type { KeyObject } from 'node:crypto'
import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto'
import { sha1, sha256, xor } from './digest.ts'
import { igeDecrypt } from './ige.ts'
import { ByteWriter } from './tl-bytes.ts'

const serialized = (...numbers: Uint8Array[]) => {
  const out = new ByteWriter()
  for (const number of numbers) out.bytes(number)
  return out.result()
}

/** The server's RSA key, which clients must know before they connect. */
export class ServerKey {
  /** PKCS#1, as mtcute wants it. */
  readonly pem: string
  readonly modulus: Buffer
  readonly exponent = 65537
  readonly fingerprint: bigint
  private readonly secret: KeyObject

  private constructor(secret: KeyObject, publicKey: KeyObject) {
    const { n = '' } = publicKey.export({ format: 'jwk' })
    this.secret = secret
    this.pem = publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    this.modulus = Buffer.from(n, 'base64url')
    this.fingerprint = sha1(serialized(this.modulus, Uint8Array.of(1, 0, 1))).readBigInt64LE(12)
  }

  /** A new key whose fingerprint has no zero in front: mtcute compares hexadecimal texts without padding. */
  static generate(): ServerKey {
    for (;;) {
      const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const key = new ServerKey(pair.privateKey, pair.publicKey)
      if (BigInt.asUintN(64, key.fingerprint) >> 60n !== 0n) return key
    }
  }

  /**
   * Undoes RSA_PAD (https://core.telegram.org/mtproto/auth_key, step 4.1): the 192 bytes of data and padding, or
   * undefined if the hash is wrong.
   */
  unpad(encrypted: Uint8Array): Buffer | undefined {
    const plain = privateDecrypt({ key: this.secret, padding: constants.RSA_NO_PADDING }, encrypted)
    const inner = plain.subarray(32)
    const temporary = xor(plain.subarray(0, 32), sha256(inner))
    const opened = igeDecrypt(inner, temporary, Buffer.alloc(32))
    const data = Buffer.from(opened.subarray(0, 192)).reverse()
    return sha256(temporary, data).equals(opened.subarray(192)) ? data : undefined
  }
}
