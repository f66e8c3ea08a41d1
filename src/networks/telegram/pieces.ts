import type { Readable } from 'node:stream'

export type Piece = { bytes: Buffer; last: boolean }

/** A stream as pieces of exactly so many bytes, the last one of what is left. An empty stream has none. */
export async function* inPieces(stream: Readable, size: number): AsyncGenerator<Piece> {
  let held: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    held.push(chunk)
    length += chunk.length
    // One byte more than a piece is waited for: only then it is known that it is not the last.
    while (length > size) {
      const all = Buffer.concat(held)
      yield { bytes: all.subarray(0, size), last: false }
      held = [all.subarray(size)]
      length -= size
    }
  }
  if (length > 0) yield { bytes: Buffer.concat(held), last: true }
}
