type Size = { width: number; height: number }

const UNKNOWN: Size = { width: 320, height: 240 }

function jpegSize(bytes: Buffer): Size | undefined {
  let at = 2
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0
    // Start of frame, but not DHT, JPG or DAC, whose markers lie between.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}

/** Width and height of a PNG, GIF or JPEG; something plausible for everything else. */
export function imageSize(data: Uint8Array): Size {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (bytes.length > 24 && bytes.readUInt32BE() === 0x89504e47) {
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
  }
  if (bytes.length > 10 && bytes.subarray(0, 3).toString() === 'GIF') {
    return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
  }
  if (bytes.length > 4 && bytes.readUInt16BE() === 0xffd8) return jpegSize(bytes) ?? UNKNOWN
  return UNKNOWN
}
