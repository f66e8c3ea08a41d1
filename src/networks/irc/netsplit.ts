const HOST = /^(?=.*\.)(?:\*|[A-Za-z0-9-]+)(?:\.[A-Za-z0-9*-]+)+$/
const HOLD_MS = 30 * 60_000

/** Whether the reason of a QUIT is that of a netsplit: the names of two servers. */
export function isSplitReason(reason: string): boolean {
  const [one = '', other = '', ...rest] = reason.split(' ')
  if (rest.length > 0 || reason.length > 200 || !HOST.test(one) || !HOST.test(other)) return false
  // Servers that hide their names write the same pattern twice or `*.net *.split`.
  return one !== other || one.startsWith('*')
}

/** A leave that waits; names are casefolded. */
export type HeldLeave = { nick: string; channel: string; reason: string }

type Held = HeldLeave & { until: number }

/** The leaves of a netsplit, held back for 30 minutes because most come back. One for each network. */
export class SplitTracker {
  readonly #held = new Map<string, Held>()
  /** Splits that were told of in a channel, and until when that counts. */
  readonly #told = new Map<string, number>()

  /** Holds the leaves of somebody; gives the channels in which this split is not known yet. */
  hold(nick: string, channels: string[], reason: string, now: Date): string[] {
    const until = now.getTime() + HOLD_MS
    for (const channel of channels) this.#held.set(key(nick, channel), { nick, channel, reason, until })
    const fresh = channels.filter((channel) => !((this.#told.get(key(reason, channel)) ?? 0) > now.getTime()))
    for (const channel of fresh) this.#told.set(key(reason, channel), until)
    return fresh
  }

  /** Somebody is back in a channel, or was there all the time: forgets the leave. True when there was one. */
  rejoined(nick: string, channel: string): boolean {
    return this.#held.delete(key(nick, channel))
  }

  isHeld(nick: string, channel: string): boolean {
    return this.#held.has(key(nick, channel))
  }

  /** Whether anybody's leave of a channel is held. */
  holds(channel: string): boolean {
    return [...this.#held.values()].some((held) => held.channel === channel)
  }

  /** Takes out the leaves that have waited long enough. */
  due(now: Date): HeldLeave[] {
    for (const [id, until] of this.#told) if (until <= now.getTime()) this.#told.delete(id)
    const due: HeldLeave[] = []
    for (const [id, { until, ...held }] of this.#held) {
      if (until > now.getTime()) continue
      this.#held.delete(id)
      due.push(held)
    }
    return due
  }

  /** When `due` next has something to give. */
  nextDue(): Date | undefined {
    const times = Array.from(this.#held.values(), (held) => held.until)
    return times.length === 0 ? undefined : new Date(times.reduce((a, b) => Math.min(a, b)))
  }

  /** The channel's list of names says who is there: whoever was held in it counts by that list alone. */
  settle(channel: string): void {
    for (const [id, held] of this.#held) if (held.channel === channel) this.#held.delete(id)
  }
}

const key = (what: string, channel: string) => `${what} ${channel}`
