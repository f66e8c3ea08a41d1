import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeQR } from 'qr/decode.js'
import { qrImage } from '../../../src/bridge/qr-image.ts'

/** Reads a PNG of one bit of greyscale, as a camera would see it. */
function pixelsOf(png: Buffer): { width: number; height: number; data: Uint8Array } {
  const chunks = new Map<string, Buffer>()
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at)
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  const header = chunks.get('IHDR') ?? Buffer.alloc(13)
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const raw = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0))
  const data = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const byte = raw[y * (Math.ceil(width / 8) + 1) + 1 + (x >> 3)] ?? 0
      data.fill((byte & (0x80 >> (x & 7))) === 0 ? 0 : 255, (y * width + x) * 4, (y * width + x + 1) * 4)
    }
  }
  return { width, height, data }
}

test.each(['tg://login?token=AQIDBAUGBwgJ', 'x'.repeat(300), 'ünï 🎉'])('%s can be read back', (text) => {
  const { png, size } = qrImage(text)
  const image = pixelsOf(png)
  expect([image.width, image.height]).toEqual([size, size])
  expect(png.length).toBeLessThan(8_000)
  expect(decodeQR(image)).toBe(text)
})
