import type { RemoteMessageId } from '../../model/ids.ts'
import type { RemoteSender, RemoteUser, RoomPower } from '../../model/remote-event.ts'
import type { ChatEvent, Hub } from './hub.ts'
import type { IrcChannel } from './irc-channel.ts'

type Change = {
  id: RemoteMessageId
  at: Date
  sender?: RemoteSender
  users: { user: RemoteUser; level: number }[]
  room?: RoomPower
}

type Pending = Change & { levels: Map<string, { user: RemoteUser; level: number }>; cancel: () => void }

const MERGE_MS = 1_000

/** What a second changes about the power in a channel becomes one event: services set ranks one after the other. */
export class PowerMerger {
  readonly #hub: Hub
  readonly #pending = new Map<IrcChannel, Pending>()

  constructor(hub: Hub) {
    this.#hub = hub
  }

  add(channel: IrcChannel, change: Change): void {
    const pending = this.#pending.get(channel) ?? this.#begin(channel, change)
    for (const each of change.users) pending.levels.set(each.user.id, each)
    if (change.room !== undefined) pending.room = change.room
    // What several did is nobody's doing.
    if (change.sender?.id !== pending.sender?.id) delete pending.sender
    pending.at = change.at
  }

  /** Hands in what waits: for one channel, or for all. */
  flush(only?: IrcChannel): void {
    for (const [channel, pending] of this.#pending) {
      if (only !== undefined && only !== channel) continue
      this.#pending.delete(channel)
      pending.cancel()
      const { id, at, sender, room, levels } = pending
      const users = [...levels.values()]
      const event: ChatEvent = {
        kind: 'power',
        id,
        at,
        ...(sender && { sender }),
        ...(users.length > 0 && { users }),
        ...(room && { room }),
      }
      this.#hub.emit(channel.chat, [event])
    }
  }

  #begin(channel: IrcChannel, change: Change): Pending {
    const cancel = this.#hub.host.clock.after(MERGE_MS, () => this.flush(channel))
    const pending: Pending = { ...change, levels: new Map(), cancel }
    this.#pending.set(channel, pending)
    return pending
  }
}
