import { Curve, proto } from '@whiskeysockets/baileys'
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeIdentity } from './certificate.ts'
import { agree, generateKeyPair, sign, verify } from './curve.ts'

describe('Curve25519', () => {
  it('agrees with what clients agree on', () => {
    const ours = generateKeyPair()
    const theirs = Curve.generateKeyPair()
    const shared = Buffer.from(Curve.sharedKey(theirs.private, ours.public))
    expect(agree(ours.private, theirs.public)).toEqual(shared)
    expect(agree(Buffer.from(theirs.private), ours.public)).toEqual(shared)
  })

  it('refuses keys of another length', () => {
    expect(() => agree(generateKeyPair().private, randomBytes(31))).toThrow('32 bytes')
  })
})

describe('a signature', () => {
  it('is known from any other', () => {
    for (let run = 0; run < 8; run++) {
      const key = generateKeyPair()
      const message = randomBytes(run * 7)
      const signature = sign(key, message)
      const other = Buffer.from(signature)
      const at = (run * 9) % 64
      other.writeUInt8(other.readUInt8(at) ^ 1, at)
      expect(verify(key.public, message, signature)).toBe(true)
      expect(verify(key.public, message, other)).toBe(false)
      expect(verify(key.public, Buffer.concat([message, message, Buffer.from('.')]), signature)).toBe(false)
      expect(verify(generateKeyPair().public, message, signature)).toBe(false)
    }
  })

  it('is none when it has another length', () => {
    const key = generateKeyPair()
    expect(verify(key.public, Buffer.from('x'), randomBytes(63))).toBe(false)
    expect(verify(randomBytes(33), Buffer.from('x'), randomBytes(64))).toBe(false)
  })
})

it('the chain leads from the root to the key of the server', () => {
  const { root, chain, key } = makeIdentity()
  const { intermediate, leaf } = proto.CertChain.decode(chain)
  const details = (bytes: Uint8Array | null | undefined) =>
    proto.CertChain.NoiseCertificate.Details.decode(bytes ?? new Uint8Array())
  const keyOf = (one: typeof leaf) => Buffer.from(details(one?.details).key ?? [])
  const isSigned = (by: Uint8Array, one: typeof leaf) =>
    verify(by, one?.details ?? new Uint8Array(), one?.signature ?? new Uint8Array())
  expect(isSigned(root, intermediate)).toBe(true)
  expect(isSigned(makeIdentity().root, intermediate)).toBe(false)
  expect(details(intermediate?.details).issuerSerial).toBe(0)
  expect(isSigned(keyOf(intermediate), leaf)).toBe(true)
  expect(details(leaf?.details).issuerSerial).toBe(details(intermediate?.details).serial)
  expect(keyOf(leaf)).toEqual(key.public)
})
