import { pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { DH_GENERATOR, DH_PRIME } from '../wire/diffie-hellman.ts'
import { fromBig, power, sha256, toBig, xor } from '../wire/digest.ts'

const ITERATIONS = 100_000

const generator = BigInt(DH_GENERATOR)
const prime = fromBig(DH_PRIME)

export type Salts = { readonly salt1: Buffer; readonly salt2: Buffer }

const salted = (data: Uint8Array, salt: Uint8Array) => sha256(salt, data, salt)

/** k of https://core.telegram.org/api/srp, the same for everybody. */
export const MULTIPLIER = sha256(prime, fromBig(generator))

/** x: what the password becomes. Takes about 50 ms, by intention. */
export async function privateKey(password: string, { salt1, salt2 }: Salts): Promise<Buffer> {
  const once = salted(salted(Buffer.from(password), salt1), salt2)
  return salted(await promisify(pbkdf2)(once, salt1, ITERATIONS, 64, 'sha512'), salt2)
}

/** v: what the server keeps. */
export const verifierOf = (x: Uint8Array): bigint => power(generator, toBig(x), DH_PRIME)

/** The server's side of one proof that a client knows a password. */
export class SrpChallenge {
  /** B, 256 bytes. */
  readonly publicKey: Buffer
  private readonly salts: Salts
  private readonly verifier: bigint
  private readonly secret = toBig(randomBytes(256))

  constructor(verifier: bigint, salts: Salts) {
    this.verifier = verifier
    this.salts = salts
    const masked = toBig(MULTIPLIER) * verifier + power(generator, this.secret, DH_PRIME)
    this.publicKey = fromBig(masked % DH_PRIME)
  }

  accepts(clientKey: Buffer, proof: Buffer): boolean {
    const a = toBig(clientKey)
    if (clientKey.length !== 256 || a <= 0n || a >= DH_PRIME) return false
    const u = toBig(sha256(clientKey, this.publicKey))
    const shared = power(a * power(this.verifier, u, DH_PRIME), this.secret, DH_PRIME)
    const { salt1, salt2 } = this.salts
    const mixed = xor(sha256(prime), sha256(fromBig(generator)))
    const key = sha256(fromBig(shared))
    return sha256(mixed, sha256(salt1), sha256(salt2), clientKey, this.publicKey, key).equals(proof)
  }
}
