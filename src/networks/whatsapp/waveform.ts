/** MSC3246 */
const HIGHEST = 1024
/** WhatsApp's clients draw as many bytes, from 0 to 100 (`getAudioWaveform` of Baileys). */
const SAMPLES = 64
const LARGEST = 100

/** WhatsApp's heights, 0 to 100, as heights from 0 to 1024. */
export const readWaveform = (bytes: Uint8Array): number[] =>
  Array.from(bytes.slice(0, 256), (each) => Math.round((Math.min(each, LARGEST) * HIGHEST) / LARGEST))

/** The way back: 64 heights, each the highest of those that it stands for; undefined where there are none. */
export function writeWaveform(heights: readonly number[]): Uint8Array | undefined {
  if (heights.length === 0) return undefined
  return Uint8Array.from({ length: SAMPLES }, (_, i) => {
    const from = Math.floor((i * heights.length) / SAMPLES)
    const to = Math.max(from + 1, Math.floor(((i + 1) * heights.length) / SAMPLES))
    const some = heights.slice(from, to).map((each) => (Number.isFinite(each) ? each : 0))
    return Math.round((Math.min(Math.max(0, ...some), HIGHEST) * LARGEST) / HIGHEST)
  })
}
