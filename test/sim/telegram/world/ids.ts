import { createHash } from 'node:crypto'

/** Larger than 2^53, so that a client that takes them for numbers is found. */
const FIRST_LONG = 5_000_000_000_000_000_000n
const STEP = 7919n
const FIRST = { overlapping: 5000n, user: 1000n, group: 200_000n, channel: 1_500_000_000n } as const

/** Makes ids. The same calls in the same order give the same ids. */
export class Ids {
  private readonly overlapping: boolean
  private readonly last: Record<'user' | 'group' | 'channel', bigint>
  private longs = 0n
  private posts = 0

  constructor(overlapping: boolean) {
    this.overlapping = overlapping
    const first = (kind: 'user' | 'group' | 'channel') => (this.overlapping ? FIRST.overlapping : FIRST[kind])
    this.last = { user: first('user'), group: first('group'), channel: first('channel') }
  }

  next(kind: 'user' | 'group' | 'channel'): bigint {
    return ++this.last[kind]
  }

  long(): bigint {
    return FIRST_LONG + STEP * ++this.longs
  }

  post(): number {
    return ++this.posts
  }
}

/** The hash by which a viewer addresses a peer: 63 bits that nobody can guess from another viewer's. */
export function accessHash(...parts: readonly (string | bigint)[]): bigint {
  return createHash('sha256').update(parts.join(':')).digest().readBigInt64LE() & 0x7fff_ffff_ffff_ffffn
}
