/** Whether a message of the server answers a request: the last two bits of its id say so. */
export type MessageRole = 'reply' | 'other'

const REMAINDER: Readonly<Record<MessageRole, bigint>> = { reply: 1n, other: 3n }

/** The server's time and the message ids that are made of it. */
export class WireClock {
  private skewSeconds = 0
  private last = 0n

  /** Added to the machine's time, in seconds. */
  get skew(): number {
    return this.skewSeconds
  }

  set skew(seconds: number) {
    this.skewSeconds = seconds
    // Clients read the time from the ids, so that these must follow even backwards.
    this.last = 0n
  }

  /** Unix seconds, whole. */
  now(): number {
    return Math.floor(Date.now() / 1000) + this.skewSeconds
  }

  /** Strictly increasing while the skew stays; the upper half is the time in seconds. */
  messageId(role: MessageRole): bigint {
    const milliseconds = BigInt(Date.now() + this.skewSeconds * 1000)
    const fromTime = ((milliseconds << 32n) / 1000n) & ~3n
    this.last = fromTime > this.last ? fromTime : this.last + 4n
    return this.last | REMAINDER[role]
  }
}

/** The Unix seconds inside a message id. */
export const secondsOf = (messageId: bigint): number => Number(BigInt.asUintN(64, messageId) >> 32n)
