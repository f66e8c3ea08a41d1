import { createHash } from 'node:crypto'

const hash = (algorithm: string, parts: readonly Uint8Array[]): Buffer => {
  const sum = createHash(algorithm)
  for (const part of parts) sum.update(part)
  return sum.digest()
}

export const sha1 = (...parts: Uint8Array[]): Buffer => hash('sha1', parts)
export const sha256 = (...parts: Uint8Array[]): Buffer => hash('sha256', parts)

export function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)))
}

export const toBig = (bytes: Uint8Array): bigint => BigInt(`0x0${Buffer.from(bytes).toString('hex')}`)

/** Big-endian, with zeros in front up to `length`. */
export const fromBig = (value: bigint, length = 256): Buffer =>
  Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')

/** base^exponent mod modulus, for non-negative values. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base % modulus
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}
