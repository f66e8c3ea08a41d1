/** How fast a server takes lines: `burst` at once after a pause, then `perSecond`. */
export type Pace = { burst: number; perSecond: number }

export const PACES = {
  unknown: { burst: 4, perSecond: 1 / 1.2 },
  inspircd: { burst: 8, perSecond: 1 },
  ergo: { burst: 4, perSecond: 2 },
  ngircd: { burst: 4, perSecond: 2 },
  hybrid: { burst: 4, perSecond: 1 },
} as const satisfies Record<string, Pace>

/** The pace for a server by its own version text (002, 004 or 351). */
export function paceFor(version: string): Pace {
  const name = version.toLowerCase()
  if (name.includes('inspircd')) return PACES.inspircd
  if (name.includes('ngircd')) return PACES.ngircd
  if (name.includes('ergo') || name.includes('oragono')) return PACES.ergo
  if (name.includes('hybrid')) return PACES.hybrid
  return PACES.unknown
}

const SLOW_FENCE_MS = 3_000
const CLEAN_MS = 5 * 60_000
const SLOWEST = 0.1

/**
 * A token bucket for one connection that learns from its server: a fence that takes more than 3 seconds halves the rate,
 * five minutes without one raise it by a tenth, up to what the server is known to take. Times are given, never read.
 */
export class Pacer {
  #most: Pace
  #perSecond: number
  #burst: number
  #tokens: number
  #at: number
  /** When the rate last changed. */
  #changedAt: number

  /** `learned` is the pace that an earlier connection to the server ended with. */
  constructor(now: Date, pace: Pace = PACES.unknown, learned?: Pace) {
    this.#most = pace
    this.#perSecond = Math.min(pace.perSecond, learned?.perSecond ?? pace.perSecond)
    this.#burst = Math.max(1, Math.min(pace.burst, learned?.burst ?? pace.burst))
    this.#tokens = this.#burst
    this.#at = now.getTime()
    this.#changedAt = this.#at
  }

  /** The present pace, to begin the next connection with. */
  get learned(): Pace {
    return { burst: this.#burst, perSecond: this.#perSecond }
  }

  /** Takes the pace of a server that is now known; what was learned the hard way stays. */
  use(pace: Pace): void {
    const slowed = this.#perSecond < this.#most.perSecond
    this.#most = pace
    this.#perSecond = slowed ? Math.min(this.#perSecond, pace.perSecond) : pace.perSecond
    this.#burst = slowed ? Math.min(this.#burst, pace.burst) : pace.burst
    this.#tokens = Math.min(this.#tokens, this.#burst)
  }

  /** Milliseconds until `cost` lines may be written; 0 means now. Takes nothing. */
  waitMs(cost: number, now: Date): number {
    this.#refill(now)
    // A cost above the burst waits for a full bucket and is paid off afterwards.
    const missing = Math.min(cost, this.#burst) - this.#tokens
    return missing <= 1e-9 ? 0 : Math.ceil((missing / this.#perSecond) * 1_000)
  }

  /** As `waitMs`; when that is 0 the lines are paid for. */
  take(cost: number, now: Date): number {
    const wait = this.waitMs(cost, now)
    if (wait === 0) this.#tokens -= cost
    return wait
  }

  /** Pays for lines that cannot wait (PONG, QUIT); those after them wait for it. */
  force(cost: number, now: Date): void {
    this.#refill(now)
    this.#tokens = Math.max(-this.#burst, this.#tokens - cost)
  }

  /** A fence that was written at `sentAt` has come back. */
  fence(sentAt: Date, now: Date): void {
    this.#refill(now)
    const slow = now.getTime() - sentAt.getTime() > SLOW_FENCE_MS
    if (slow) {
      // All fences of one jam tell of the same fault.
      if (sentAt.getTime() >= this.#changedAt) this.#slower(now)
    } else if (now.getTime() - this.#changedAt >= CLEAN_MS) {
      this.#perSecond = Math.min(this.#most.perSecond, this.#perSecond * 1.1)
      this.#burst = Math.min(this.#most.burst, this.#burst + 1)
      this.#changedAt = now.getTime()
    }
  }

  /** The server closed the connection for flooding. */
  excessFlood(now: Date): void {
    this.#slower(now)
    this.#burst = Math.max(1, Math.floor(this.#burst / 2))
  }

  #slower(now: Date): void {
    this.#perSecond = Math.max(SLOWEST, this.#perSecond / 2)
    this.#tokens = Math.min(this.#tokens, 0)
    this.#changedAt = now.getTime()
  }

  #refill(now: Date): void {
    // A clock that was set back gives nothing and costs nothing.
    const elapsed = Math.max(0, now.getTime() - this.#at)
    this.#at = now.getTime()
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsed / 1_000) * this.#perSecond)
  }
}
