import { randomBytes } from 'node:crypto'
import { IGE } from 'telegram/crypto/IGE.js'
import { createAesIgeForMessage } from '@mtcute/core/utils.js'
import { describe, expect, test } from 'vitest'
import { TestCrypto } from '../clients/mtcute-platform.ts'
import { AuthKey } from './auth-key.ts'
import { DH_GENERATOR, DH_PRIME } from './diffie-hellman.ts'
import { fromBig, power, sha256, toBig } from './digest.ts'
import { igeDecrypt, igeEncrypt } from './ige.ts'
import { ServerKey } from './server-key.ts'

const counting = (from: number, length: number) => Buffer.from(Array.from({ length }, (_, i) => from + i))

describe('AES-IGE', () => {
  test('has the known output', () => {
    const encrypted = igeEncrypt(Buffer.alloc(32), counting(0, 32), counting(32, 32))
    expect(encrypted.toString('hex')).toBe('5197a15d7aba262b24f8c3a8897f9eeb0f6eac919d8c733bee8593bf182cf16c')
  })

  test('four mebibytes are the same for GramJS, which has its own', () => {
    const key = randomBytes(32)
    const iv = randomBytes(32)
    const data = randomBytes(4 << 20)
    const encrypted = igeEncrypt(data, key, iv)
    expect(Buffer.from(new IGE(key, iv).encryptIge(data)).equals(encrypted)).toBe(true)
    expect(igeDecrypt(encrypted, key, iv).equals(data)).toBe(true)
  })
})

describe('an authorization key', () => {
  const key = new AuthKey(counting(0, 256))
  const plain = counting(0, 48)

  test('has the known id', () => {
    expect(key.id).toBe('32d1586ea457dfc8')
  })

  test('makes the known keys of messages of the client', () => {
    const messageKey = key.messageKey(plain, 'from-client')
    expect(messageKey.toString('hex')).toBe('886619acb4a7a08a0335e91bbc20970a')
    const cipher = key.cipher(messageKey, 'from-client')
    expect(cipher.key.toString('hex')).toBe(
      '7dabd6a449cc3048113290e8ed1a43d6a07978c79b7bb7e35788228727fe75fe',
    )
    expect(cipher.iv.toString('hex')).toBe('3a61ed9d1b1d3fe923043033607861d384a8dea2841b29b353a4f604aee309ff')
  })

  test('makes the known key of messages of the server', () => {
    expect(key.messageKey(plain, 'from-server').toString('hex')).toBe('847acf67423986be7ee65a04f3e44c81')
  })

  test('makes the keys that mtcute makes', () => {
    const crypto = new TestCrypto()
    crypto.initialize()
    const messageKey = key.messageKey(plain, 'from-server')
    const { key: aes, iv } = key.cipher(messageKey, 'from-server')
    const theirs = createAesIgeForMessage(crypto, key.secret, messageKey, false)
    expect(Buffer.from(theirs.encrypt(plain)).equals(igeEncrypt(plain, aes, iv))).toBe(true)
  })

  test('opens what it sealed, in the same direction and unchanged', () => {
    for (const length of [16, 20, 1000]) {
      const body = randomBytes(length)
      const packet = key.seal(body, 'from-client')
      expect(packet.length % 16).toBe(8)
      expect(key.open(packet, 'from-client')?.subarray(0, length).equals(body)).toBe(true)
      expect(key.open(packet, 'from-server')).toBeUndefined()
      for (const at of [8, 24, packet.length - 1]) {
        const changed = Buffer.from(packet)
        changed[at] = (changed[at] ?? 0) ^ 1
        expect(key.open(changed, 'from-client')).toBeUndefined()
      }
    }
  })

  test('has 256 bytes', () => {
    expect(() => new AuthKey(randomBytes(255))).toThrow(/256 bytes/)
  })
})

test('the prime is the well-known one, and the generator fits it', () => {
  const hash = '02f85e7687fc6f33ba678226a963b3c8a191b47c890cf30debe17c1d623b5af1'
  expect(sha256(fromBig(DH_PRIME)).toString('hex')).toBe(hash)
  // A safe prime p = 2q + 1 and a generator of the subgroup of order q: g^q = 1.
  expect(power(BigInt(DH_GENERATOR), (DH_PRIME - 1n) / 2n, DH_PRIME)).toBe(1n)
  expect(DH_PRIME % BigInt(DH_GENERATOR)).toBe(2n)
})

describe('the key of the server', () => {
  test('refuses what has a wrong hash', () => {
    const key = ServerKey.generate()
    const number = fromBig(power(toBig(randomBytes(200)), BigInt(key.exponent), toBig(key.modulus)))
    expect(key.unpad(number)).toBeUndefined()
  })

  test('has a fingerprint without a zero in front', () => {
    for (let i = 0; i < 5; i++) {
      const { fingerprint } = ServerKey.generate()
      expect(BigInt.asUintN(64, fingerprint).toString(16)).toHaveLength(16)
    }
  })
})
