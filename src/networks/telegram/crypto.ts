import { createCipheriv, createHash, createHmac, pbkdf2, randomBytes, randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync, unzipSync } from 'node:zlib'
import { BaseCryptoProvider } from '@mtcute/core/utils.js'
import type { IAesCtr, ICryptoProvider, IEncryptionScheme } from '@mtcute/core/utils.js'
import { getWasmUrl, ige256Decrypt, ige256Encrypt, initSync } from '@mtcute/wasm'

let loaded = false

/** What MTProto needs of cryptography: Node's own, and WebAssembly for AES-IGE, which OpenSSL does not offer. */
export class NodeCrypto extends BaseCryptoProvider implements ICryptoProvider {
  initialize(): void {
    if (loaded) return
    initSync(readFileSync(getWasmUrl()))
    loaded = true
  }

  sha1(data: Uint8Array): Uint8Array {
    return createHash('sha1').update(data).digest()
  }

  sha256(data: Uint8Array): Uint8Array {
    return createHash('sha256').update(data).digest()
  }

  hmacSha256(data: Uint8Array, key: Uint8Array): Uint8Array {
    return createHmac('sha256', key).update(data).digest()
  }

  pbkdf2(
    password: Uint8Array,
    salt: Uint8Array,
    iterations: number,
    keylen = 64,
    algo = 'sha512',
  ): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      pbkdf2(password, salt, iterations, keylen, algo, (error, key) =>
        error === null ? resolve(key) : reject(error),
      )
    })
  }

  createAesCtr(key: Uint8Array, iv: Uint8Array): IAesCtr {
    // Counter mode is the same in both directions.
    const cipher = createCipheriv(`aes-${key.length * 8}-ctr`, key, iv)
    return { process: (data) => cipher.update(data) }
  }

  createAesIge(key: Uint8Array, iv: Uint8Array): IEncryptionScheme {
    return {
      encrypt: (data) => ige256Encrypt(data, key, iv),
      decrypt: (data) => ige256Decrypt(data, key, iv),
    }
  }

  gzip(data: Uint8Array, maxSize: number): Uint8Array | null {
    try {
      return gzipSync(data, { maxOutputLength: maxSize })
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') return null
      throw error
    }
  }

  gunzip(data: Uint8Array): Uint8Array {
    return unzipSync(data)
  }

  randomFill(bytes: Uint8Array): void {
    randomFillSync(bytes)
  }

  override randomBytes(size: number): Uint8Array {
    return randomBytes(size)
  }
}
