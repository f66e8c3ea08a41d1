import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { EncryptedFile } from '../../../src/model/content.ts'
import { mxcUri } from '../../../src/model/ids.ts'
import { decrypted } from '../../../src/matrix/encrypted-file.ts'

/** Encrypts as a client does. */
function encrypt(clear: Buffer): { bytes: Buffer; file: EncryptedFile } {
  const key = randomBytes(32)
  const iv = Buffer.concat([randomBytes(8), Buffer.alloc(8)])
  const cipher = createCipheriv('aes-256-ctr', key, iv)
  const bytes = Buffer.concat([cipher.update(clear), cipher.final()])
  const sha256 = createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')
  const k = key.toString('base64url')
  return {
    bytes,
    file: { url: mxcUri('mxc://hs.example/a'), key: { k }, iv: iv.toString('base64'), hashes: { sha256 } },
  }
}

const inPieces = (bytes: Buffer) =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, i) =>
      bytes.subarray(i * 1000, i * 1000 + 1000),
    ),
  )

test('an encrypted file is read in clear, piece by piece', async () => {
  const clear = randomBytes(12_345)
  const { bytes, file } = encrypt(clear)
  expect((await buffer(decrypted(inPieces(bytes), file))).equals(clear)).toBe(true)
})

test('a damaged file fails at its end', async () => {
  const { bytes, file } = encrypt(randomBytes(5_000))
  bytes.writeUInt8(bytes.readUInt8(4_000) ^ 1, 4_000)
  await expect(buffer(decrypted(inPieces(bytes), file))).rejects.toThrow('damaged')
})

test('a key that is none is refused, and the download is closed', () => {
  const { bytes, file } = encrypt(Buffer.from('x'))
  const source = inPieces(bytes)
  expect(() => decrypted(source, { ...file, key: { k: 'short' } })).toThrow('key')
  expect(source.destroyed).toBe(true)
})
