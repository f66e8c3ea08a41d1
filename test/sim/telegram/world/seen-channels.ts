import type { Channel } from './channel.ts'

/**
 * Up to which event of its channels a login is known to be. What it was sent counts until it goes away; then only what
 * it confirmed, by asking for more or by staying long enough.
 */
export class SeenChannels {
  private readonly firm = new Map<Channel, number>()
  private readonly sent = new Map<Channel, { pts: number; at: number }[]>()

  /** From its first use on, a login counts as up to date. */
  of(channel: Channel): number {
    const known = this.firm.get(channel)
    if (known === undefined) this.firm.set(channel, channel.box.pts)
    return this.sent.get(channel)?.at(-1)?.pts ?? known ?? channel.box.pts
  }

  confirm(channel: Channel, pts: number): void {
    this.firm.set(channel, Math.max(this.firm.get(channel) ?? 0, pts))
  }

  /** @param at Unix seconds */
  send(channel: Channel, pts: number, at: number): void {
    if (!this.firm.has(channel)) this.firm.set(channel, channel.box.pts)
    const sent = this.sent.get(channel) ?? []
    this.sent.set(channel, sent)
    sent.push({ pts, at })
  }

  /** Forgets what was sent after `before` (Unix seconds): nobody knows whether it arrived. */
  goAway(before: number): void {
    for (const [channel, sent] of this.sent) {
      const arrived = sent.findLast(({ at }) => at < before)
      if (arrived !== undefined) this.confirm(channel, arrived.pts)
    }
    this.sent.clear()
  }
}
