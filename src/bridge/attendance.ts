import type { MatrixRoomId, MatrixUserId, NetworkName } from '../model/ids.ts'
import { isAttended } from '../model/network.ts'
import type { Connector, Login } from '../model/network.ts'
import type { MatrixOutcome, MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { loginById } from '../store/login.ts'
import type { Portal } from '../store/portal.ts'
import { mayAtLeast, permissionOf } from './permissions.ts'
import { chatOf, partnerOf } from './portal-rooms.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'
import type { RoomMembers } from './room-members.ts'
import type { BridgeSettings } from './settings.ts'

export type AttendanceDeps = {
  db: Database
  matrix: MatrixSide
  portals: Portals
  puppets: Puppets
  members: RoomMembers
  connectors: ReadonlyMap<NetworkName, Connector>
  settings: BridgeSettings
}

/**
 * Brings the owners of logins into the rooms of their conversations: each is invited once, and comes in by themselves where the
 * bridge may act for them. Several who are in one group share its room.
 */
export class Attendance {
  readonly #deps: AttendanceDeps

  constructor(deps: AttendanceDeps) {
    this.#deps = deps
  }

  /** @returns an outcome only where the homeserver has to be waited for */
  async gather(portal: Portal, room: MatrixRoomId): Promise<MatrixOutcome | undefined> {
    const { matrix, portals, members, settings } = this.#deps
    const known = portal.settings.invited ?? []
    // The owner of a direct chat is invited when its room is made.
    if (portal.receiver !== null && (known.length > 0 || !settings.doublePuppet)) return undefined
    const wanted = (await this.logins(portal)).map(({ owner }) => owner)
    const missing = wanted.filter(
      (owner) => !known.includes(owner) && mayAtLeast(permissionOf(owner, settings.permissions), 'user'),
    )
    if (missing.length === 0) return undefined
    const there = await members.joined(room)
    for (const user of missing) {
      if (there.has(user)) continue
      const invited = await matrix.membership({ room, user, action: 'invite', by: settings.bot })
      if (invited.kind === 'retry') return invited
      await this.#bring(portal, room, user)
    }
    const present = await portals.get(portal.id)
    const invited = [...new Set([...(present.settings.invited ?? []), ...missing])]
    await portals.update(present, { settings: { ...present.settings, invited } })
    return undefined
  }

  /** Somebody is in the conversation no more, and leaves its room. Once they are in it again they are invited again. */
  async dismiss(
    portal: Portal,
    room: MatrixRoomId,
    user: MatrixUserId,
    reason: string,
  ): Promise<MatrixOutcome | undefined> {
    const { matrix, portals, members, settings } = this.#deps
    const connector = this.#connector(portal)
    if (!connector || !isAttended(connector)) return undefined
    const outcome = await matrix.membership({ room, user, action: 'kick', by: settings.bot, reason })
    if (outcome.kind === 'retry') return outcome
    members.seen(room, user, 'leave')
    const present = await portals.get(portal.id)
    const invited = (present.settings.invited ?? []).filter((each) => each !== user)
    await portals.update(present, { settings: { ...present.settings, invited } })
    return undefined
  }

  /** The logins whose conversation it is. */
  async logins(portal: Portal): Promise<readonly Login[]> {
    if (portal.receiver === null) {
      const connector = this.#connector(portal)
      return connector && isAttended(connector) ? connector.attending(chatOf(portal)) : []
    }
    const login = await loginById(this.#deps.db, portal.receiver)
    return login ? [login] : []
  }

  #connector(portal: Portal): Connector | undefined {
    return portal.network === 'viaduct' ? undefined : this.#deps.connectors.get(portal.network)
  }

  /** Whoever the bridge may act for need not accept. That it may not is no fault: they accept by themselves. */
  async #bring(portal: Portal, room: MatrixRoomId, user: MatrixUserId): Promise<void> {
    const { matrix, puppets, members, settings } = this.#deps
    if (!settings.doublePuppet) return
    const joined = await matrix.membership({ room, user, action: 'join', puppet: 'double' })
    if (joined.kind !== 'delivered') return
    members.seen(room, user, 'join')
    if (portal.type !== 'dm' || portal.network === 'viaduct') return
    const ghost = await puppets.ghostOf(portal.network, { id: partnerOf(portal) })
    await matrix.people.directChat(user, ghost.userId, room)
  }
}
