const LENGTH_BYTES = 3
/** `W`, `A`, 6, and the version of the token dictionary. */
const HEADER = Buffer.from([0x57, 0x41, 6, 3])
const ROUTING_MARK = Buffer.from('ED')
const ROUTING_HEAD_BYTES = 7

/** What a connection starts with, before its first frame. */
export type Prologue = { readonly header: Uint8Array; readonly routing: Uint8Array | undefined }

/** Cuts what a client sends into its prologue and its frames, however the bytes arrive. */
export class FrameReader {
  #bytes = Buffer.alloc(0)
  #prologue: Prologue | undefined

  get prologue(): Prologue | undefined {
    return this.#prologue
  }

  /** The frames that are complete now. Throws when the connection does not start as one of WhatsApp. */
  read(chunk: Uint8Array): Buffer[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    if (this.#prologue === undefined && !this.#readPrologue()) return []
    const frames: Buffer[] = []
    while (this.#bytes.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#bytes.readUIntBE(0, LENGTH_BYTES)
      if (this.#bytes.length < end) break
      frames.push(this.#bytes.subarray(LENGTH_BYTES, end))
      this.#bytes = this.#bytes.subarray(end)
    }
    return frames
  }

  /** A client that was told its edge routing says it first: `ED`, 0, 1, a length of three bytes, the bytes. */
  #readPrologue(): boolean {
    let offset = 0
    let routing: Buffer | undefined
    if (this.#bytes.subarray(0, 2).equals(ROUTING_MARK)) {
      if (this.#bytes.length < ROUTING_HEAD_BYTES) return false
      offset = ROUTING_HEAD_BYTES + this.#bytes.readUIntBE(4, LENGTH_BYTES)
      routing = this.#bytes.subarray(ROUTING_HEAD_BYTES, offset)
    }
    const end = offset + HEADER.length
    if (this.#bytes.length < end) return false
    const header = this.#bytes.subarray(offset, end)
    if (!header.equals(HEADER)) throw new Error(`not the header of WhatsApp: ${header.toString('hex')}`)
    this.#prologue = { header, routing }
    this.#bytes = this.#bytes.subarray(end)
    return true
  }
}

/** Bytes with their length before them. */
export function frame(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(LENGTH_BYTES)
  head.writeUIntBE(bytes.length, 0, LENGTH_BYTES)
  return Buffer.concat([head, bytes])
}
