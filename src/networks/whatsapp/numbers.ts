/** What protobuf.js gives for a number of 64 bits. */
export type LongLike = number | { toNumber(): number } | null | undefined

/** A number of a message; undefined for what is none that can be counted with. */
export function numberOf(value: LongLike): number | undefined {
  const n = typeof value === 'object' ? value?.toNumber() : value
  return n !== undefined && Number.isSafeInteger(n) ? n : undefined
}

/** A time in seconds of Unix time; `otherwise` where there is none. */
export function timeOf(seconds: LongLike, otherwise: Date): Date {
  const n = numberOf(seconds) ?? 0
  return n > 0 && n < 8_640_000_000_000 ? new Date(n * 1000) : otherwise
}
