import type { Clock } from '../model/clock.ts'
import { matrixEventId, matrixRoomId, matrixUserId } from '../model/ids.ts'
import type { MatrixRoomId, MatrixUserId, NetworkName } from '../model/ids.ts'
import { isHintSink } from '../model/network.ts'
import type { Connector, Login } from '../model/network.ts'
import type { RemoteHint } from '../model/remote-event.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { loginsOf } from '../store/login.ts'
import { messageOfRemote, messagesOfEvent } from '../store/message.ts'
import { chatOf } from './portal-rooms.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'

/** A hint older than this says nothing any more. */
const STALE_MS = 30_000

/** Typing, receipts and presence: passed on while fresh, never kept, the newest wins. */
export class Ephemeral {
  readonly #deps: {
    db: Database
    matrix: MatrixSide
    portals: Portals
    puppets: Puppets
    connectors: ReadonlyMap<NetworkName, Connector>
    clock: Clock
  }
  readonly #typing = new Map<MatrixRoomId, Set<string>>()

  constructor(deps: {
    db: Database
    matrix: MatrixSide
    portals: Portals
    puppets: Puppets
    connectors: ReadonlyMap<NetworkName, Connector>
    clock: Clock
  }) {
    this.#deps = deps
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
    const { db, matrix, portals, puppets } = this.#deps
    if (hint.kind === 'presence' || hint.kind === 'profile') return
    const portal = await portals.ofChat(hint.chat)
    if (!portal.roomId) return
    const ghost = await puppets.ghostOf(hint.chat.network, hint.user)
    if (hint.kind === 'typing') {
      await matrix.typing(portal.roomId, matrixUserId(ghost.userId), hint.typing)
      return
    }
    const message = await messageOfRemote(db, portal.id, hint.upTo)
    if (message) await matrix.receipt(portal.roomId, message.eventId, matrixUserId(ghost.userId))
  }

  async #toNetworks(hint: unknown): Promise<void> {
    if (typeof hint !== 'object' || hint === null) return
    const { type, room_id: room, content } = hint as { type?: unknown; room_id?: unknown; content?: unknown }
    if (typeof room !== 'string' || typeof content !== 'object' || content === null) return
    if (type === 'm.typing') await this.#typingIn(matrixRoomId(room), content as Record<string, unknown>)
    if (type === 'm.receipt') await this.#receiptsIn(matrixRoomId(room), content as Record<string, unknown>)
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

  async #receiptsIn(room: MatrixRoomId, content: Record<string, unknown>): Promise<void> {
    const { db, portals, puppets } = this.#deps
    const portal = await portals.ofRoom(room)
    if (!portal) return
    for (const [event, receipts] of Object.entries(content)) {
      const readers = Object.keys(
        (receipts as { 'm.read'?: Record<string, unknown> } | null)?.['m.read'] ?? {},
      )
      const people = readers.filter((reader) => !puppets.isOurs(reader))
      if (people.length === 0) continue
      const parts = await messagesOfEvent(db, portal.id, matrixEventId(event))
      const upTo = parts.at(-1)?.remoteId
      if (upTo === undefined) continue
      for (const reader of people) await this.#pass(room, reader, { kind: 'read', upTo })
    }
  }

  async #pass(
    room: MatrixRoomId,
    user: string,
    what: { kind: 'typing'; typing: boolean } | { kind: 'read'; upTo: Parameters<typeof messageOfRemote>[2] },
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
