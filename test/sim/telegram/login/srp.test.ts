import { randomBytes } from 'node:crypto'
import { computePasswordHash, computeSrpParams } from '@mtcute/core/utils.js'
import { Long } from '@mtcute/core'
import { Api } from 'telegram'
import { computeCheck } from 'telegram/Password.js'
import { describe, expect, test } from 'vitest'
import { gramLong } from '../clients/gram.ts'
import { TestCrypto } from '../clients/mtcute-platform.ts'
import { DH_GENERATOR, DH_PRIME } from '../wire/diffie-hellman.ts'
import { fromBig, sha256 } from '../wire/digest.ts'
import { MULTIPLIER, SrpChallenge, privateKey, verifierOf } from './srp.ts'

const SALTS = { salt1: Buffer.alloc(8, 0xa1), salt2: Buffer.alloc(16, 0xb2) }
const prime = fromBig(DH_PRIME)

test('the known values', async () => {
  expect(MULTIPLIER.toString('hex')).toBe('b9a87477bf585b87c1af9ea7d4850ff0edaa72f82e7afec3218091a79a5068b9')
  const x = await privateKey('hunter2', SALTS)
  expect(x.toString('hex')).toBe('0901fe003b954025e15e83c344837f988c793f43eafa4162c6bb6b0615c25648')
  const verifier = sha256(fromBig(verifierOf(x))).toString('hex')
  expect(verifier).toBe('5fd09a91909f8d5c688af412fc88287c10b89b4329da04acf3642d1773a3f02f')
})

test('mtcute makes the same of a password', async () => {
  const crypto = new TestCrypto()
  const theirs = await computePasswordHash(crypto, Buffer.from('pässword'), SALTS.salt1, SALTS.salt2)
  expect(Buffer.from(theirs).equals(await privateKey('pässword', SALTS))).toBe(true)
})

async function mtcuteProof(password: string, challenge: SrpChallenge): Promise<[Buffer, Buffer]> {
  const proof = await computeSrpParams(
    new TestCrypto(),
    {
      _: 'account.password',
      hasPassword: true,
      currentAlgo: {
        _: 'passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow',
        ...SALTS,
        g: DH_GENERATOR,
        p: prime,
      },
      srpB: challenge.publicKey,
      srpId: Long.ONE,
      newAlgo: { _: 'passwordKdfAlgoUnknown' },
      newSecureAlgo: { _: 'securePasswordKdfAlgoUnknown' },
      secureRandom: randomBytes(16),
    },
    password,
  )
  return [Buffer.from(proof.A), Buffer.from(proof.M1)]
}

async function gramProof(password: string, challenge: SrpChallenge): Promise<[Buffer, Buffer]> {
  const proof = await computeCheck(
    new Api.account.Password({
      hasPassword: true,
      currentAlgo: new Api.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow({
        ...SALTS,
        g: DH_GENERATOR,
        p: prime,
      }),
      srp_B: challenge.publicKey,
      srpId: gramLong(1n),
      newAlgo: new Api.PasswordKdfAlgoUnknown(),
      newSecureAlgo: new Api.SecurePasswordKdfAlgoUnknown(),
      secureRandom: randomBytes(16),
    }),
    password,
  )
  return [proof.A, proof.M1]
}

describe.each([
  ['mtcute', mtcuteProof],
  ['GramJS', gramProof],
])('a proof by %s', (_, prove) => {
  const challenge = async () => new SrpChallenge(verifierOf(await privateKey('hunter2', SALTS)), SALTS)

  test('is accepted with the right password only', async () => {
    const one = await challenge()
    expect(one.accepts(...(await prove('hunter2', one)))).toBe(true)
    expect(one.accepts(...(await prove('hunter3', one)))).toBe(false)
  })

  test('is good for its own challenge only', async () => {
    const one = await challenge()
    const proof = await prove('hunter2', one)
    expect((await challenge()).accepts(...proof)).toBe(false)
  })
})

test('a public key out of range is refused', async () => {
  const one = new SrpChallenge(verifierOf(await privateKey('hunter2', SALTS)), SALTS)
  for (const key of [fromBig(0n), fromBig(DH_PRIME), Buffer.alloc(4, 1)])
    expect(one.accepts(key, Buffer.alloc(32))).toBe(false)
})
