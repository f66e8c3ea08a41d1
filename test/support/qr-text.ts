import { inflateSync } from 'node:zlib'
import { decodeQR } from 'qr/decode.js'
import type { Person } from './stack.ts'
import type { SimHomeserver } from '../sim/homeserver/index.ts'

/** Looks at the newest QR code in a person's room with the bot, as a phone would, and gives what it says. */
export async function scannedBy({ user, botRoom }: Person, homeserver: SimHomeserver): Promise<string> {
  const images = () => homeserver.timeline(botRoom).filter((each) => each.content['filename'] === 'code.png')
  await homeserver.waitFor(() => images().length > 0, 'a QR code', 15_000)
  const newest = images().at(-1)?.content ?? {}
  const renewed = newest['m.new_content']
  const url: unknown =
    typeof renewed === 'object' && renewed !== null ? Reflect.get(renewed, 'url') : newest['url']
  return textOfQr(Buffer.from(await user.download(String(url))))
}

/** What a QR code says, by its picture as the bridge draws it: a PNG. */
export const textOfQr = (png: Buffer): string => decodeQR(pixelsOf(png))

/** Reads a PNG of one bit of greyscale without filters. */
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
  const rowBytes = Math.ceil(width / 8) + 1
  const data = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const byte = raw[y * rowBytes + 1 + (x >> 3)] ?? 0
      data.fill((byte & (0x80 >> (x & 7))) === 0 ? 0 : 255, (y * width + x) * 4, (y * width + x + 1) * 4)
    }
  }
  return { width, height, data }
}
