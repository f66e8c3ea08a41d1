import { crc32, deflateSync } from 'node:zlib'
import { encodeQR } from 'qr'

/** Pixels of a module, and modules of the quiet zone (ISO/IEC 18004 asks for four). */
const SCALE = 8
const QUIET = 4

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** A text as a QR code: a PNG file of black and white, dark on light as cameras want it, and its size in pixels. */
export function qrImage(text: string): { png: Buffer; size: number } {
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET })
  const size = modules.length * SCALE
  const rowBytes = Math.ceil(size / 8) + 1
  const pixels = Buffer.alloc(rowBytes * size)
  for (let y = 0; y < size; y += 1) {
    const row = modules[Math.floor(y / SCALE)] ?? []
    for (let x = 0; x < size; x += 1) {
      // In one bit of greyscale 1 is white; each line begins with its filter, which is none.
      if (row[Math.floor(x / SCALE)] === true) continue
      const at = y * rowBytes + 1 + (x >> 3)
      pixels[at] = (pixels[at] ?? 0) | (0x80 >> (x & 7))
    }
  }
  return { png: pngOf(size, pixels), size }
}

/** PNG specification, sections 5 and 11: one bit a pixel, greyscale. */
function pngOf(size: number, pixels: Buffer): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header[8] = 1
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  const check = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
