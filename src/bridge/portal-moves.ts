import { DIRECTIONS } from '../model/delivery.ts'
import type { Direction } from '../model/delivery.ts'
import type { PortalId } from '../model/ids.ts'
import type { RemoteEvent } from '../model/remote-event.ts'
import type { Database } from '../store/db.ts'
import type { NewDelivery } from '../store/delivery.ts'
import { insertPortalAlias, mergePortals } from '../store/portal-alias.ts'
import { updatePortal } from '../store/portal.ts'
import type { Portal } from '../store/portal.ts'
import { noteDelivery } from './notes.ts'
import type { Portals } from './portals.ts'

export type MovesDeps = {
  db: Database
  portals: Portals
  wake: (direction: Direction, portal: PortalId) => void
  /** Ends the wait of a head. */
  nudge: (direction: Direction, portals: PortalId[]) => void
}

type Moved = Extract<RemoteEvent, { kind: 'moved' }>

/**
 * Lets a conversation go on under another id, as a group of Telegram that became a supergroup: its room stays, and with it what
 * its messages were. What is queued goes to the new one, because a row names its portal and not the id.
 */
export class PortalMoves {
  readonly #db: Database
  readonly #portals: Portals
  readonly #wake: MovesDeps['wake']
  readonly #nudge: MovesDeps['nudge']

  constructor(deps: MovesDeps) {
    this.#db = deps.db
    this.#portals = deps.portals
    this.#wake = deps.wake
    this.#nudge = deps.nudge
  }

  /** @returns the one portal of both, and what follows. A repeat changes nothing. */
  async move({ chat, to, id, at }: Moved): Promise<{ portal: Portal; follows: NewDelivery[] }> {
    const before = await this.#portals.ofChatIfKnown(chat)
    const there = await this.#portals.ofChatIfKnown(to)
    if (!before || before.id === there?.id)
      return { portal: there ?? (await this.#portals.ofChat(to)), follows: [] }
    // Whichever people are in stays; of two the older, which has the past.
    const [kept, gone] = there?.roomId && !before.roomId ? [there, before] : [before, there]
    await this.#db.tx(async (tx) => {
      if (gone) await mergePortals(tx, gone.id, kept.id)
      await updatePortal(tx, kept.id, { chatId: to.id, type: to.type })
      await insertPortalAlias(tx, { ...chat, network: before.network }, kept.id)
    })
    if (gone) this.#portals.drop(gone)
    const portal = await this.#portals.reload(kept)
    for (const direction of DIRECTIONS) this.#wake(direction, portal.id)
    // What waited for the old conversation need not wait for this one.
    this.#nudge('to_remote', [portal.id])
    const where = { portal: portal.id, sourceId: `${id}:replaced`, at }
    const follows = gone?.roomId ? [noteDelivery(where, { kind: 'replaces', room: gone.roomId })] : []
    return { portal, follows }
  }
}
