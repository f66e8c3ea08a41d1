/** The little of DER (X.690) that a certificate needs. Each function gives the bytes of one value. */

function value(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag]), length(body.length), body])
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes])
  const digits: number[] = []
  for (let rest = bytes; rest > 0; rest >>>= 8) digits.unshift(rest & 0xff)
  return Buffer.from([0x80 | digits.length, ...digits])
}

export const sequence = (...items: Uint8Array[]) => value(0x30, ...items)
export const set = (...items: Uint8Array[]) => value(0x31, ...items)
export const utf8String = (text: string) => value(0x0c, Buffer.from(text))
export const boolean = (yes: boolean) => value(0x01, Buffer.from([yes ? 0xff : 0]))
export const octets = (bytes: Uint8Array) => value(0x04, bytes)
export const bits = (bytes: Uint8Array) => value(0x03, Buffer.from([0]), bytes)
/** A context-specific, constructed tag, as in `[0] EXPLICIT`. */
export const tagged = (number: number, ...items: Uint8Array[]) => value(0xa0 | number, ...items)

/** A non-negative integer from its big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const trimmed = Buffer.from(bytes.subarray(start))
  const negative = ((trimmed[0] ?? 0) & 0x80) !== 0
  return value(
    0x02,
    negative ? Buffer.from([0]) : Buffer.alloc(0),
    trimmed.length === 0 ? Buffer.from([0]) : trimmed,
  )
}

/** An object identifier in dotted form. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return value(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(number: number): number[] {
  const digits = [number & 0x7f]
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) digits.unshift(0x80 | (rest & 0x7f))
  return digits
}

/** A time as certificates want it: UTCTime up to 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '')
  return at.getUTCFullYear() < 2050
    ? value(0x17, Buffer.from(digits.slice(2)))
    : value(0x18, Buffer.from(digits))
}
