import { createCipheriv, createDecipheriv, hkdfSync, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { KeyPair } from '../contract.ts'
import { agree } from '../wire/curve.ts'

const SALT_BYTES = 32
const IV_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
const ITERATIONS = 131_072
const BUNDLE_INFO = 'link_code_pairing_key_bundle_encryption_key'
const SECRET_INFO = 'adv_secret'

/** What the companion says at last, under a key that only who knows the code can make. */
export type Bundle = { readonly companion: Buffer; readonly primary: Buffer; readonly random: Buffer }

/** A public key under the code: salt, initial counter, AES-256-CTR of PBKDF2. */
export async function wrapKey(code: string, key: Uint8Array): Promise<Buffer> {
  const salt = randomBytes(SALT_BYTES)
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-ctr', await keyOfCode(code, salt), iv)
  return Buffer.concat([salt, iv, cipher.update(key), cipher.final()])
}

/** What `wrapKey` made. Another code gives another key: nothing tells that it is wrong. */
export async function unwrapKey(code: string, wrapped: Uint8Array): Promise<Buffer> {
  const [salt, iv, key] = cut(wrapped, SALT_BYTES, IV_BYTES, KEY_BYTES)
  const decipher = createDecipheriv('aes-256-ctr', await keyOfCode(code, salt), iv)
  return Buffer.concat([decipher.update(key), decipher.final()])
}

/** Opens the bundle of `companion_finish`. Throws when the two sides had different codes. */
export function openBundle(ephemeral: KeyPair, companionEphemeral: Uint8Array, wrapped: Uint8Array): Bundle {
  const [salt, nonce, sealed] = cut(wrapped, SALT_BYTES, NONCE_BYTES, 3 * KEY_BYTES + TAG_BYTES)
  const shared = agree(ephemeral.private, companionEphemeral)
  const key = Buffer.from(hkdfSync('sha256', shared, salt, BUNDLE_INFO, KEY_BYTES))
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  const opened = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()])
  const [companion, primary, random] = cut(opened, KEY_BYTES, KEY_BYTES, KEY_BYTES)
  return { companion, primary, random }
}

/** The secret that both sides have at the end, where a QR code carries it. */
export function secretOf(
  ephemeral: KeyPair,
  companionEphemeral: Uint8Array,
  identity: KeyPair,
  { companion, random }: Bundle,
): Buffer {
  const material = Buffer.concat([
    agree(ephemeral.private, companionEphemeral),
    agree(identity.private, companion),
    random,
  ])
  return Buffer.from(hkdfSync('sha256', material, new Uint8Array(), SECRET_INFO, KEY_BYTES))
}

function keyOfCode(code: string, salt: Uint8Array): Promise<Buffer> {
  return promisify(pbkdf2)(code, salt, ITERATIONS, KEY_BYTES, 'sha256')
}

/** Three parts of these lengths. Throws when the bytes are not as long as they are together. */
function cut(bytes: Uint8Array, first: number, second: number, third: number): [Buffer, Buffer, Buffer] {
  if (bytes.length !== first + second + third) throw new Error(`a wrapped key of ${bytes.length} bytes`)
  const whole = Buffer.from(bytes)
  return [whole.subarray(0, first), whole.subarray(first, first + second), whole.subarray(first + second)]
}
