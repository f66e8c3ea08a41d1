import { hkdfSync } from 'node:crypto'

const SIZE = 128

/** A hash of a set, which adding and taking away change without knowing the rest: 64 numbers of 16 bits. */
export function ltHash(
  before: Uint8Array,
  gone: readonly Uint8Array[],
  added: readonly Uint8Array[],
): Buffer {
  const hash = Buffer.from(before)
  for (const [parts, sign] of [
    [gone, -1],
    [added, 1],
  ] as const)
    for (const part of parts) {
      const wide = Buffer.from(hkdfSync('sha256', part, Buffer.alloc(0), 'WhatsApp Patch Integrity', SIZE))
      for (let at = 0; at < SIZE; at += 2)
        hash.writeUInt16LE((hash.readUInt16LE(at) + sign * wide.readUInt16LE(at)) & 0xffff, at)
    }
  return hash
}

export const EMPTY_HASH: Buffer = Buffer.alloc(SIZE)
