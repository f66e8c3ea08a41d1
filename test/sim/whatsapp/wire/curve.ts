import { Curve } from '@whiskeysockets/baileys'
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import type { KeyPair } from '../contract.ts'

const KEY_BYTES = 32
// RFC 8410: what comes before the 32 bytes of an X25519 key in PKCS #8 and SPKI.
const PRIVATE_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex')
const PUBLIC_HEAD = Buffer.from('302a300506032b656e032100', 'hex')

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

/** False also when the signature or the key is malformed. */
export function verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return Curve.verify(Buffer.from(key), Buffer.from(message), Buffer.from(signature))
}
