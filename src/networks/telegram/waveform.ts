const BITS = 5
const LARGEST = (1 << BITS) - 1
/** MSC3246 */
const HIGHEST = 1024
/** Telegram's clients draw as many. */
const SAMPLES = 100

/** Heights of five bits, least significant bit first, as heights from 0 to 1024. */
export function readWaveform(bytes: Uint8Array): number[] {
  const count = Math.min(Math.floor((bytes.length * 8) / BITS), 256)
  return Array.from({ length: count }, (_, i) => {
    const bit = i * BITS
    const pair = (bytes[bit >> 3] ?? 0) | ((bytes[(bit >> 3) + 1] ?? 0) << 8)
    return Math.round((((pair >> (bit & 7)) & LARGEST) * HIGHEST) / LARGEST)
  })
}

/** The way back: 100 heights, each the highest of those that it stands for. */
export function writeWaveform(heights: readonly number[]): Uint8Array {
  if (heights.length === 0) return new Uint8Array()
  const count = Math.min(SAMPLES, heights.length)
  const bytes = new Uint8Array(Math.ceil((count * BITS) / 8))
  for (let i = 0; i < count; i++) {
    const [from, to] = [i, i + 1].map((at) => Math.floor((at * heights.length) / count))
    const height = Math.max(0, ...heights.slice(from, to).map((each) => (Number.isFinite(each) ? each : 0)))
    const value = Math.min(LARGEST, Math.round((height * LARGEST) / HIGHEST))
    const bit = i * BITS
    const at = bit >> 3
    const shifted = value << (bit & 7)
    bytes[at] = (bytes[at] ?? 0) | (shifted & 0xff)
    if (at + 1 < bytes.length) bytes[at + 1] = (bytes[at + 1] ?? 0) | (shifted >> 8)
  }
  return bytes
}
