import { matrixEventId, matrixUserId } from '../model/ids.ts'
import type { MatrixEventId, MatrixRoomId, PortalId, RemoteMessageId } from '../model/ids.ts'
import { sleep } from '../model/clock.ts'
import type { RemoteHint } from '../model/remote-event.ts'
import { loginById } from '../store/login.ts'
import { messageAtEvent, messageOfRemote, messagesOfEvent } from '../store/message.ts'
import type { EphemeralDeps } from './ephemeral.ts'

type ReadHint = Extract<RemoteHint, { kind: 'read' }>
type ReadUpTo = { room: MatrixRoomId; user: string; upTo: RemoteMessageId }

/** A message can be read before the bridge has written down what it is on the other side. */
const PATIENCE_MS = 10_000
const RETRY_MS = 250
const REMEMBERED = 5_000

/** Who has read how far: read receipts of Matrix, read marks of the networks. */
export class ReadMarks {
  readonly #deps: EphemeralDeps
  /** The newest mark of a reader in a conversation, while an earlier one is being looked for. */
  readonly #newest = new Map<string, ReadHint>()
  /** Receipts that we gave in people's names: the homeserver tells us of them too. */
  readonly #given = new Map<string, MatrixEventId>()

  constructor(deps: EphemeralDeps) {
    this.#deps = deps
  }

  /** Shows how far somebody has read on the network. */
  async show(hint: ReadHint): Promise<void> {
    const key = `${hint.chat.network}\n${hint.chat.receiver ?? 0}\n${hint.chat.id}\n${hint.user.self ?? hint.user.id}`
    const underWay = this.#newest.has(key)
    this.#newest.set(key, hint)
    if (underWay) return
    try {
      await this.#settle(key)
    } finally {
      this.#newest.delete(key)
    }
  }

  async #settle(key: string): Promise<void> {
    const { db, portals, clock, busy } = this.#deps
    let shown: ReadHint | undefined
    for (let waitedMs = 0; waitedMs <= PATIENCE_MS; waitedMs += RETRY_MS) {
      const hint = this.#newest.get(key)
      if (!hint || hint === shown) return
      const portal = await portals.ofChatIfKnown(hint.chat)
      if (!portal) return
      const stillBusy = busy(portal.id)
      const message = portal.roomId && (await messageOfRemote(db, portal.id, hint.upTo))
      if (portal.roomId && message) {
        await this.#give(portal.roomId, message.eventId, hint)
        shown = hint
        if (this.#newest.get(key) === hint) return
      } else if (!stillBusy) return
      await sleep(clock, RETRY_MS)
    }
  }

  async #give(room: MatrixRoomId, event: MatrixEventId, { chat, user }: ReadHint): Promise<void> {
    const { db, matrix, puppets, settings } = this.#deps
    if (user.self === undefined) {
      const ghost = await puppets.ghostOf(chat.network, user)
      await matrix.hints.receipt(room, event, matrixUserId(ghost.userId))
      return
    }
    // What somebody has read on their phone is read for them; that takes the right to act for them.
    const login = settings.doublePuppet ? await loginById(db, user.self) : undefined
    if (!login) return
    this.#remember(`${room}\n${login.owner}`, event)
    await matrix.hints.receipt(room, event, login.owner, 'double')
  }

  /** How far people have read, from the content of an `m.receipt`. */
  async read(room: MatrixRoomId, content: object): Promise<ReadUpTo[]> {
    const { portals, puppets } = this.#deps
    const portal = await portals.ofRoom(room)
    if (!portal) return []
    const found: ReadUpTo[] = []
    for (const [id, receipts] of Object.entries(content)) {
      const event = matrixEventId(id)
      const readers = Object.keys((receipts as { 'm.read'?: object } | null)?.['m.read'] ?? {}).filter(
        (reader) => !puppets.isOurs(reader) && this.#given.get(`${room}\n${reader}`) !== event,
      )
      if (readers.length === 0) continue
      const upTo = await this.#messageAt(portal.id, event)
      if (upTo !== undefined) found.push(...readers.map((user) => ({ room, user, upTo })))
    }
    return found
  }

  /** The newest message up to an event. What the event is may be about to be written down. */
  async #messageAt(portal: PortalId, event: MatrixEventId): Promise<RemoteMessageId | undefined> {
    const { db, clock, busy } = this.#deps
    for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
      const stillBusy = busy(portal)
      const parts = await messagesOfEvent(db, portal, event)
      const last = parts.at(-1)
      if (last) return last.remoteId
      // A reaction or a notice is no message there: what stood before it is what was read.
      if (!stillBusy || waitedMs >= PATIENCE_MS) return (await messageAtEvent(db, portal, event))?.remoteId
      await sleep(clock, RETRY_MS)
    }
  }

  #remember(key: string, event: MatrixEventId): void {
    if (this.#given.size >= REMEMBERED) this.#given.clear()
    this.#given.set(key, event)
  }
}
