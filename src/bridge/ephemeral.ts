import type { Clock } from '../model/clock.ts'
import { matrixRoomId, matrixUserId } from '../model/ids.ts'
import type { MatrixRoomId, MatrixUserId, NetworkName, PortalId, RemoteMessageId } from '../model/ids.ts'
import { isHintSink } from '../model/network.ts'
import type { Connector, Login } from '../model/network.ts'
import type { RemoteHint } from '../model/remote-event.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { loginsOf } from '../store/login.ts'
import { findGhost } from '../store/ghost.ts'
import { chatOf } from './portal-rooms.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'
import { ReadMarks } from './read-marks.ts'
import type { BridgeSettings } from './settings.ts'

/** A hint older than this says nothing any more. */
const STALE_MS = 30_000

export type EphemeralDeps = {
  db: Database
  matrix: MatrixSide
  portals: Portals
  puppets: Puppets
  connectors: ReadonlyMap<NetworkName, Connector>
  settings: Pick<BridgeSettings, 'presence' | 'doublePuppet'>
  clock: Clock
  /** Whether a portal has something on its way, in either direction. */
  busy: (portal: PortalId) => boolean
}

/** Typing, receipts and presence: passed on while fresh, never kept, the newest wins. */
export class Ephemeral {
  readonly #deps: EphemeralDeps
  readonly #typing = new Map<MatrixRoomId, Set<string>>()
  readonly #reads: ReadMarks

  constructor(deps: EphemeralDeps) {
    this.#deps = deps
    this.#reads = new ReadMarks(deps)
  }

  /** Hints of a homeserver transaction, unchecked. */
  take(hints: unknown[], receivedAt: Date): void {
    if (hints.length === 0 || this.#deps.clock.now().getTime() - receivedAt.getTime() > STALE_MS) return
    for (const hint of hints) void this.#toNetworks(hint).catch(() => {})
  }

  /** A hint of a network. */
  show(hint: RemoteHint): void {
    void this.#toMatrix(hint).catch(() => {})
  }

  async #toMatrix(hint: RemoteHint): Promise<void> {
    const { db, matrix, portals, puppets, settings } = this.#deps
    switch (hint.kind) {
      case 'typing': {
        const portal = await portals.ofChatIfKnown(hint.chat)
        if (!portal?.roomId) return
        const ghost = await puppets.ghostOf(hint.chat.network, hint.user)
        await matrix.hints.typing(portal.roomId, matrixUserId(ghost.userId), hint.typing)
        return
      }
      case 'read':
        return this.#reads.show(hint)
      case 'presence': {
        if (settings.presence !== true) return
        const ghost = await findGhost(db, hint.network, hint.user.id)
        if (ghost?.registeredAt) await matrix.hints.presence(ghost.userId, hint.online, hint.text)
        return
      }
      case 'profile':
        // Whoever was never seen gets a name when they are.
        if (await findGhost(db, hint.network, hint.user.id)) await puppets.ensure(hint.network, hint.user)
    }
  }

  async #toNetworks(hint: unknown): Promise<void> {
    if (typeof hint !== 'object' || hint === null) return
    const { type, room_id: room, content } = hint as { type?: unknown; room_id?: unknown; content?: unknown }
    if (typeof room !== 'string' || typeof content !== 'object' || content === null) return
    if (type === 'm.typing') await this.#typingIn(matrixRoomId(room), content as Record<string, unknown>)
    if (type === 'm.receipt') {
      for (const { room: where, user, upTo } of await this.#reads.read(matrixRoomId(room), content))
        await this.#pass(where, user, { kind: 'read', upTo })
    }
  }

  async #typingIn(room: MatrixRoomId, content: Record<string, unknown>): Promise<void> {
    const ids = Array.isArray(content['user_ids']) ? content['user_ids'] : []
    const now = new Set(
      ids.filter((id): id is string => typeof id === 'string' && !this.#deps.puppets.isOurs(id)),
    )
    const before = this.#typing.get(room) ?? new Set<string>()
    if (now.size > 0) this.#typing.set(room, now)
    else this.#typing.delete(room)
    for (const user of now) await this.#pass(room, user, { kind: 'typing', typing: true })
    for (const user of before)
      if (!now.has(user)) await this.#pass(room, user, { kind: 'typing', typing: false })
  }

  async #pass(
    room: MatrixRoomId,
    user: string,
    what: { kind: 'typing'; typing: boolean } | { kind: 'read'; upTo: RemoteMessageId },
  ): Promise<void> {
    const { db, portals, connectors } = this.#deps
    const portal = await portals.ofRoom(room)
    if (!portal || portal.network === 'viaduct') return
    const connector = connectors.get(portal.network)
    if (!connector || !isHintSink(connector)) return
    const chat = chatOf(portal)
    const logins: Login[] = await loginsOf(db, matrixUserId(user) satisfies MatrixUserId)
    const by = logins.find((login) => login.network === portal.network && connector.serves(login, chat))
    if (by) connector.hint({ ...what, chat: { portal: portal.id, chat }, by })
  }
}
