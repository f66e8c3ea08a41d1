import type { Framing } from './framing.ts'
import { FramingError, abridged, full, intermediate, padded } from './framing.ts'
import { OBFUSCATION_HEADER, Obfuscation } from './obfuscation.ts'

const ABRIDGED = 0xef
const INTERMEDIATE = 0xeeeeeeee
const PADDED = 0xdddddddd
const ABRIDGED_INSIDE = 0xefefefef

function announced(word: number): Framing | undefined {
  if (word === INTERMEDIATE) return intermediate()
  if (word === PADDED) return padded()
  return undefined
}

/** The bytes of one connection, both ways: finds out which framing the client speaks by its first bytes. */
export class Transport {
  private framing: Framing | undefined
  private obfuscation: Obfuscation | undefined
  private pending: Buffer = Buffer.alloc(0)

  /** What the client speaks, e.g. `obfuscated padded`; undefined before it said so. */
  get name(): string | undefined {
    if (this.framing === undefined) return undefined
    return this.obfuscation === undefined ? this.framing.name : `obfuscated ${this.framing.name}`
  }

  /** The payloads that are complete with these bytes. Throws FramingError: then the connection is of no more use. */
  receive(bytes: Uint8Array): Buffer[] {
    const plain = this.obfuscation?.decrypt(bytes) ?? bytes
    this.pending = Buffer.concat([this.pending, plain])
    this.framing ??= this.detect()
    const payloads: Buffer[] = []
    for (let frame = this.framing?.decode(this.pending); frame !== undefined;) {
      payloads.push(frame.payload)
      this.pending = this.pending.subarray(frame.taken)
      frame = this.framing?.decode(this.pending)
    }
    return payloads
  }

  send(payload: Uint8Array): Buffer {
    if (this.framing === undefined) throw new FramingError('nothing was received yet')
    const frame = this.framing.encode(payload)
    return this.obfuscation?.encrypt(frame) ?? frame
  }

  private detect(): Framing | undefined {
    const { pending } = this
    if (pending[0] === ABRIDGED) return this.begin(1, abridged())
    if (pending.length < 8) return undefined
    const plain = announced(pending.readUInt32LE(0))
    if (plain !== undefined) return this.begin(4, plain)
    if (pending.readUInt32LE(4) === 0) return full()
    if (pending.length < OBFUSCATION_HEADER) return undefined
    return this.detectInside()
  }

  private detectInside(): Framing {
    this.obfuscation = new Obfuscation(this.pending.subarray(0, OBFUSCATION_HEADER))
    const word = this.obfuscation.tag.readUInt32LE(0)
    const inside = word === ABRIDGED_INSIDE ? abridged() : announced(word)
    if (inside === undefined) throw new FramingError(`no framing begins with ${word.toString(16)}`)
    this.pending = this.obfuscation.decrypt(this.pending.subarray(OBFUSCATION_HEADER))
    return inside
  }

  private begin(taken: number, framing: Framing): Framing {
    this.pending = this.pending.subarray(taken)
    return framing
  }
}
