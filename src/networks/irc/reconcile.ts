import type { ChannelState } from './channel-state.ts'
import type { Hub } from './hub.ts'
import type { IrcChannel } from './irc-channel.ts'

const TICK_MS = 10_000
/** Until a list that was asked for and did not come is asked for again. */
const AGAIN_MS = 10 * 60_000

/** Asks for the members and modes of channels when it is time: daily, and soon after something that makes them doubtful. */
export class Reconcile {
  readonly #hub: Hub
  readonly #state: ChannelState
  #cancel: () => void

  constructor(hub: Hub, state: ChannelState) {
    this.#hub = hub
    this.#state = state
    this.#cancel = hub.host.clock.after(TICK_MS, () => this.#tick())
  }

  stop(): void {
    this.#cancel()
  }

  /** One channel at a time, as each answer costs the server and the line something. */
  #tick(): void {
    const now = this.#hub.now.getTime()
    const due = [...this.#hub.channels.values()]
      .filter((channel) => this.#isDue(channel, now))
      .toSorted((a, b) => (a.checkAt?.getTime() ?? 0) - (b.checkAt?.getTime() ?? 0))
    const [channel] = due
    const live = channel?.feed.leader?.live
    if (channel !== undefined && live !== undefined) {
      channel.checkAt = new Date(now + AGAIN_MS)
      this.#state.ask(live, channel, true)
    }
    this.#cancel = this.#hub.host.clock.after(TICK_MS, () => this.#tick())
  }

  /** During a netsplit the list would make everybody leave whose leave is held back. */
  #isDue({ name, feed, checkAt }: IrcChannel, now: number): boolean {
    if (feed.leader?.live === undefined || checkAt === undefined || checkAt.getTime() > now) return false
    return !this.#hub.splits.holds(this.#hub.fold(name))
  }
}
