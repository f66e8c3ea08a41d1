import { createCipheriv, createHash, createHmac, pbkdf2, randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { unzipSync } from 'node:zlib'
import { connectTcp } from '@fuman/node'
import type { ICorePlatform, IPacketCodec, TelegramTransport } from '@mtcute/core'
import type { ICryptoProvider } from '@mtcute/core/utils.js'
import { BaseCryptoProvider } from '@mtcute/core/utils.js'
import { deflateMaxSize, getWasmUrl, ige256Decrypt, ige256Encrypt, initSync } from '@mtcute/wasm'

const derive = promisify(pbkdf2)

/** The cryptography that mtcute leaves to its platform packages. */
export class TestCrypto extends BaseCryptoProvider implements ICryptoProvider {
  initialize(): void {
    initSync(readFileSync(getWasmUrl()))
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
    rounds: number,
    length = 64,
    hash = 'sha512',
  ): Promise<Uint8Array> {
    return derive(password, salt, rounds, length, hash)
  }

  createAesCtr(key: Uint8Array, iv: Uint8Array): ReturnType<ICryptoProvider['createAesCtr']> {
    const cipher = createCipheriv('aes-256-ctr', key, iv)
    return { process: (data) => cipher.update(data) }
  }

  createAesIge(key: Uint8Array, iv: Uint8Array): ReturnType<ICryptoProvider['createAesIge']> {
    return {
      encrypt: (data) => ige256Encrypt(data, key, iv),
      decrypt: (data) => ige256Decrypt(data, key, iv),
    }
  }

  gzip(data: Uint8Array, maxSize: number): Uint8Array | null {
    return deflateMaxSize(data, maxSize)
  }

  gunzip(data: Uint8Array): Uint8Array {
    return unzipSync(data)
  }

  randomFill(buffer: Uint8Array): void {
    randomFillSync(buffer)
  }
}

/** A platform that logs nothing and hears no signals. */
export const quietPlatform: ICorePlatform = {
  beforeExit: () => () => undefined,
  log: () => undefined,
  getDefaultLogLevel: () => 0,
  getDeviceModel: () => 'test',
}

/** TCP to the loopback server, whatever the address. */
export const tcp = (codec: () => IPacketCodec): TelegramTransport => ({
  connect: ({ ipAddress, port }) => connectTcp({ address: ipAddress, port }),
  packetCodec: codec,
})
