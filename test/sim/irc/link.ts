/** How written bytes are cut into packets. `coalesced` is one packet for what one turn of the event loop wrote. */
export type WriteShape = 'coalesced' | 'line' | 'byte' | 'utf8-cut' | 'line-cut'

/** `end` after what is written, `drop` without a word, `reset` with RST. */
export type CloseHow = 'end' | 'drop' | 'reset'

/** What carries lines between the server and one client: a socket, or a client in this process. */
export type Link = {
  readonly certfp: string | undefined
  readonly secure: boolean
  readonly ports: { local: number; remote: number } | undefined
  /** Bytes or text as they go out, with CR LF. */
  write(data: string | Uint8Array): void
  close(how: CloseHow): void
  /** Stops reading; what was written still goes out. */
  pause(): void
  resume(): void
  /** Stops reading and writing; keeps what is written for `thaw`. */
  freeze(): void
  thaw(): void
  shape(shape: WriteShape): void
}

const SHAPES: Record<WriteShape, (pieces: readonly Buffer[], all: Buffer) => Buffer[]> = {
  coalesced: (_, all) => [all],
  line: (pieces) => [...pieces],
  byte: (_, all) => cutAt(all, [...all.keys()].slice(1)),
  'utf8-cut': (_, all) =>
    cutAt(
      all,
      [...all.keys()].filter((i) => ((all[i] ?? 0) & 0xc0) === 0x80),
    ),
  // In the middle of each line, and between CR and LF.
  'line-cut': (pieces) =>
    pieces.flatMap((piece) => cutAt(piece, [piece.length >> 1, Math.max(piece.length - 1, 1)])),
}

/** The packets that one flush makes of its pieces, of which each is a line or raw bytes. */
export function packets(pieces: readonly Buffer[], shape: WriteShape): Buffer[] {
  return SHAPES[shape](pieces, Buffer.concat(pieces))
}

function cutAt(data: Buffer, offsets: readonly number[]): Buffer[] {
  const borders = [0, ...new Set(offsets), data.length]
  return borders
    .slice(1)
    .map((end, i) => data.subarray(borders[i] ?? 0, end))
    .filter((part) => part.length > 0)
}
