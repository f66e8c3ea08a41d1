import { readFile } from 'node:fs/promises'

/** What nobody has at hand when they try the demo: a voice message and a sticker, made for it. */
export type Samples = {
  voice: { bytes: Buffer; name: string; type: string; durationMs: number; waveform: number[] }
  sticker: { bytes: Buffer; name: string; type: string; alt: string; sizePx: number }
}

/** The loudness of voice.ogg, from 0 to 1024. */
const WAVEFORM = [
  800, 630, 487, 383, 302, 999, 880, 687, 543, 418, 1024, 994, 777, 565, 491, 369, 985, 840, 672, 548, 409,
  352, 272, 216, 177, 914, 716, 548, 439, 354, 966, 840, 668, 524, 424, 334, 261, 213, 171, 136, 112, 88, 70,
  58, 46, 37, 30, 24, 19, 15,
]

export async function readSamples(): Promise<Samples> {
  const bytesOf = (name: string) => readFile(new URL(`./samples/${name}`, import.meta.url))
  const [voice, sticker] = await Promise.all([bytesOf('voice.ogg'), bytesOf('sticker.webp')])
  return {
    voice: { bytes: voice, name: 'voice.ogg', type: 'audio/ogg', durationMs: 2_600, waveform: WAVEFORM },
    sticker: { bytes: sticker, name: 'sticker.webp', type: 'image/webp', alt: '📨', sizePx: 512 },
  }
}
