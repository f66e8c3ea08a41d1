/** Bytes as they are collected for the wire; the basic types of https://core.telegram.org/mtproto/serialize. */
export class ByteWriter {
  private buffer = Buffer.alloc(256)
  private length = 0

  int(value: number): void {
    this.room(4).writeInt32LE(value | 0, this.length)
    this.length += 4
  }

  long(value: bigint): void {
    this.room(8).writeBigInt64LE(BigInt.asIntN(64, value), this.length)
    this.length += 8
  }

  double(value: number): void {
    this.room(8).writeDoubleLE(value, this.length)
    this.length += 8
  }

  raw(bytes: Uint8Array): void {
    this.room(bytes.length).set(bytes, this.length)
    this.length += bytes.length
  }

  /** With its length in front, zeros behind up to a multiple of four. */
  bytes(bytes: Uint8Array): void {
    if (bytes.length < 254) this.raw(Uint8Array.of(bytes.length))
    else this.raw(Uint8Array.of(254, bytes.length & 255, (bytes.length >> 8) & 255, bytes.length >> 16))
    this.raw(bytes)
    this.raw(new Uint8Array((4 - (this.length % 4)) % 4))
  }

  result(): Buffer {
    return this.buffer.subarray(0, this.length)
  }

  private room(bytes: number): Buffer {
    if (this.length + bytes > this.buffer.length) {
      const larger = Buffer.alloc(Math.max(this.buffer.length * 2, this.length + bytes))
      this.buffer.copy(larger, 0, 0, this.length)
      this.buffer = larger
    }
    return this.buffer
  }
}

/** Reads the basic types; throws a RangeError at the end of the bytes. */
export class ByteReader {
  private readonly buffer: Buffer
  private at = 0

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get left(): number {
    return this.buffer.length - this.at
  }

  int(): number {
    return this.step(4).readInt32LE(0)
  }

  uint(): number {
    return this.step(4).readUInt32LE(0)
  }

  long(): bigint {
    return this.step(8).readBigInt64LE(0)
  }

  double(): number {
    return this.step(8).readDoubleLE(0)
  }

  raw(length: number): Buffer {
    return this.step(length)
  }

  bytes(): Buffer {
    const start = this.at
    const first = this.step(1).readUInt8(0)
    const length = first < 254 ? first : this.step(3).readUIntLE(0, 3)
    const value = this.step(length)
    this.step((4 - ((this.at - start) % 4)) % 4)
    return value
  }

  private step(length: number): Buffer {
    if (length > this.left)
      throw new RangeError(`the type language ends ${length - this.left} bytes too early`)
    this.at += length
    return this.buffer.subarray(this.at - length, this.at)
  }
}
