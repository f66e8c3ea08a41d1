import { createDecipheriv, createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import type { Readable } from 'node:stream'
import { ViaductError } from '../model/errors.ts'
import type { EncryptedFile } from '../model/content.ts'

const KEY_BYTES = 32
const IV_BYTES = 16

/**
 * Decrypts an encrypted attachment while it is read (client-server API, "Sending encrypted attachments": AES-256-CTR, SHA-256
 * over the ciphertext). The stream fails at its end when the hash is another one.
 * @throws ViaductError when key or IV cannot be such
 */
export function decrypted(source: Readable, file: EncryptedFile): Readable {
  const key = Buffer.from(file.key.k, 'base64url')
  const iv = Buffer.from(file.iv, 'base64')
  if (key.length !== KEY_BYTES || iv.length !== IV_BYTES) {
    source.on('error', () => undefined).destroy()
    throw new ViaductError('bad_event', 'The key of the encrypted file cannot be read.')
  }
  const cipher = createDecipheriv('aes-256-ctr', key, iv)
  const hash = createHash('sha256')
  const expected = Buffer.from(file.hashes.sha256, 'base64')
  const clear = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, cipher.update(chunk))
    },
    flush(done) {
      if (hash.digest().equals(expected)) done(null, cipher.final())
      else done(new ViaductError('bad_event', 'The encrypted file was damaged on its way.'))
    },
  })
  source.on('error', (error) => clear.destroy(error))
  // Until a reader is there, a failure must not be an unhandled one; the reader learns of it all the same.
  clear.on('error', () => undefined)
  clear.on('close', () => source.destroy())
  return source.pipe(clear)
}
