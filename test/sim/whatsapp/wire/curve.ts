import { Curve } from '@whiskeysockets/baileys'
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  verify as verifyEdwards,
} from 'node:crypto'
import type { KeyPair } from '../contract.ts'

const KEY_BYTES = 32
const SIGN_BYTE = 63
const PRIME = (1n << 255n) - 19n
// RFC 8410: what comes before the 32 bytes of a key of X25519 in PKCS #8 and SPKI, and of Ed25519 in SPKI.
const PRIVATE_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex')
const PUBLIC_HEAD = Buffer.from('302a300506032b656e032100', 'hex')
const EDWARDS_HEAD = Buffer.from('302a300506032b6570032100', 'hex')

export function generateKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  return {
    private: privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-KEY_BYTES),
    public: publicKey.export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES),
  }
}

/** X25519 of our private and their public key. Throws when a key has the wrong length or the result is zero. */
export function agree(ours: Uint8Array, theirs: Uint8Array): Buffer {
  if (ours.length !== KEY_BYTES || theirs.length !== KEY_BYTES)
    throw new Error('a Curve25519 key has 32 bytes')
  return diffieHellman({
    privateKey: createPrivateKey({ key: Buffer.concat([PRIVATE_HEAD, ours]), format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: Buffer.concat([PUBLIC_HEAD, theirs]), format: 'der', type: 'spki' }),
  })
}

/** XEdDSA signature of a message under a Curve25519 key; about 7 ms. */
export function sign(key: KeyPair, message: Uint8Array): Buffer {
  return Buffer.from(Curve.sign(Buffer.from(key.private), Buffer.from(message)))
}

/**
 * Whether an XEdDSA signature is this Curve25519 key's; false also when one of them is malformed. Our own, since
 * `Curve.verify` of Baileys 7.0.0-rc14 says true to every signature of 64 bytes.
 */
export function verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== KEY_BYTES || signature.length !== 2 * KEY_BYTES) return false
  const point = edwardsOf(key)
  const plain = Buffer.from(signature)
  const last = plain.readUInt8(SIGN_BYTE)
  // The sign of the Edwards point, which the Curve25519 key lacks, is kept in a bit that no signature needs.
  point.writeUInt8(point.readUInt8(KEY_BYTES - 1) | (last & 0x80), KEY_BYTES - 1)
  plain.writeUInt8(last & 0x7f, SIGN_BYTE)
  const edwards = createPublicKey({ key: Buffer.concat([EDWARDS_HEAD, point]), format: 'der', type: 'spki' })
  return verifyEdwards(null, message, edwards, plain)
}

/** The y of the Edwards point of a Curve25519 key's u: (u - 1) / (u + 1). */
function edwardsOf(key: Uint8Array): Buffer {
  const u = BigInt(`0x${Buffer.from(key).reverse().toString('hex')}`) & ((1n << 255n) - 1n)
  const y = ((u + PRIME - 1n) * power(u + 1n, PRIME - 2n)) % PRIME
  return Buffer.from(y.toString(16).padStart(2 * KEY_BYTES, '0'), 'hex').reverse()
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base % PRIME, left = exponent; left > 0n; left >>= 1n, square = (square * square) % PRIME)
    if ((left & 1n) === 1n) result = (result * square) % PRIME
  return result
}
