import { remoteChatId } from '../model/ids.ts'
import type { PortalId } from '../model/ids.ts'
import type { RemoteEvent } from '../model/remote-event.ts'
import { insertDeliveries } from '../store/delivery.ts'
import type { NewDelivery } from '../store/delivery.ts'
import { GroupCommit } from '../store/group-commit.ts'
import { PortalMoves } from './portal-moves.ts'
import type { MovesDeps } from './portal-moves.ts'
import type { Portals } from './portals.ts'

/** A remote event as the ledger keeps it: the conversation is the row's portal, times are ISO 8601. */
export type StoredRemoteEvent = DistributiveOmit<RemoteEvent, 'chat' | 'at'> & { at: string }
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** Takes what networks tell into the ledger. Many sources share a commit; each source's order is kept. */
export class Acceptor {
  readonly #portals: Portals
  readonly #moves: PortalMoves
  readonly #onAccepted: (network: string, kind: string) => void
  readonly #commits: GroupCommit<NewDelivery[], undefined>

  constructor(deps: MovesDeps & { onAccepted: (network: string, kind: string) => void }) {
    this.#portals = deps.portals
    this.#moves = new PortalMoves(deps)
    this.#onAccepted = deps.onAccepted
    this.#commits = new GroupCommit({
      maxBatch: 100,
      async run(batch) {
        const lanes = await insertDeliveries(deps.db, batch.flat())
        for (const lane of lanes) deps.wake(lane.direction, lane.portal)
        return batch.map(() => undefined)
      },
    })
  }

  /** Resolves after COMMIT. A repeat of (conversation, kind, id) changes nothing. */
  async accept(events: RemoteEvent[]): Promise<void> {
    const rows: NewDelivery[] = []
    for (const event of events) {
      if (event.kind === 'moved') {
        const { portal, follows } = await this.#moves.move(event)
        rows.push(toDelivery(portal.id, event), ...follows)
        continue
      }
      const portal = await this.#portals.ofChat(event.chat)
      rows.push(toDelivery(portal.id, event))
      // What follows in it comes under the new name; a direct chat's id is its contact's id on every network.
      const moves =
        event.kind === 'rename' && event.chat.type === 'dm' && isSame(event.from.id, event.chat.id)
      if (moves) await this.#portals.follow(portal, remoteChatId(event.to.id))
    }
    await this.#commits.push(rows)
    for (const event of events) this.#onAccepted(event.chat.network, event.kind)
  }
}

const isSame = (person: string, chat: string) => person === chat

export function toDelivery(portal: PortalId, event: RemoteEvent): NewDelivery {
  const { chat: _, at, ...rest } = event
  return {
    direction: 'to_matrix',
    portal,
    sourceId: event.id,
    kind: event.kind,
    sender: event.sender?.id ?? '',
    body: { ...rest, at: at.toISOString() } satisfies StoredRemoteEvent,
    at,
  }
}
