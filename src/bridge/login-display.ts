import type { Clock } from '../model/clock.ts'
import type { Direction } from '../model/delivery.ts'
import { remoteChatId } from '../model/ids.ts'
import type { MatrixUserId, PortalId } from '../model/ids.ts'
import type { LoginStep } from '../model/login.ts'
import type { Database } from '../store/db.ts'
import { insertDeliveries } from '../store/delivery.ts'
import { noteDelivery } from './notes.ts'
import type { BridgeNote } from './notes.ts'
import type { Portals } from './portals.ts'

export type LoginDisplayDeps = {
  db: Database
  portals: Portals
  clock: Clock
  wake: (direction: Direction, portal: PortalId) => void
}

let shown = 0

/** Shows the code of a login in its user's room with the bot: one message that is renewed, and gone when it is over. */
export class LoginDisplay {
  readonly #deps: LoginDisplayDeps

  constructor(deps: LoginDisplayDeps) {
    this.#deps = deps
  }

  async show(user: MatrixUserId, { as, data, text }: Extract<LoginStep, { kind: 'show' }>): Promise<void> {
    if (data !== '') await this.#note(user, { kind: 'code', as, data, text })
  }

  async hide(user: MatrixUserId): Promise<void> {
    await this.#note(user, { kind: 'code-over' })
  }

  async #note(user: MatrixUserId, note: BridgeNote): Promise<void> {
    const { db, portals, clock, wake } = this.#deps
    const portal = await portals.ofChat({ network: 'viaduct', id: remoteChatId(user), type: 'dm' })
    const at = clock.now()
    shown += 1
    const sourceId = `code:${at.getTime().toString(36)}:${process.pid}:${shown}`
    const lanes = await insertDeliveries(db, [noteDelivery({ portal: portal.id, sourceId, at }, note)])
    for (const lane of lanes) wake(lane.direction, lane.portal)
  }
}
