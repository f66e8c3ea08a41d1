import type { Clock } from '../../model/clock.ts'
import type { RemoteChat } from '../../model/remote-event.ts'
import type { Batch } from './batch.ts'
import { ChannelFeed } from './channel.ts'
import { LossGuard } from './loss-guard.ts'
import { Roster } from './members.ts'
import type { Session } from './session.ts'
import { Witnesses } from './witness.ts'

/** One channel of a network, with all of our connections in it. */
export class IrcChannel {
  /** As the server writes it. */
  name: string
  topic: string | undefined
  readonly chat: RemoteChat
  readonly feed: ChannelFeed<Session>
  readonly roster: Roster
  readonly witnesses: Witnesses
  /** Since when none of our connections is in it. */
  darkSince: Date | undefined
  /** Whether what was missed has to be looked for; from our JOIN until it is done. */
  filling = false
  /** When the list of members is asked for next. */
  checkAt: Date | undefined
  readonly losses = new LossGuard()
  /** The server played back what was said before, without being asked. */
  playedBack: Batch[] = []

  constructor(o: {
    name: string
    chat: RemoteChat
    clock: Clock
    fold: (name: string) => string
    onLeader: (channel: IrcChannel, leader: Session | undefined) => void
  }) {
    this.name = o.name
    this.chat = o.chat
    this.roster = new Roster(o.fold)
    this.witnesses = new Witnesses(o.clock)
    this.feed = new ChannelFeed(o.clock, (leader) => o.onLeader(this, leader))
  }

  /** The list of members is to be asked for at a time, or before. */
  checkBy(at: Date): void {
    if (this.checkAt === undefined || at < this.checkAt) this.checkAt = at
  }
}
