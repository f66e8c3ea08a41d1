import type { LoginId, MatrixRoomId, PortalId, RemoteChatId } from '../model/ids.ts'
import type { Database } from '../store/db.ts'
import { portalById, portalOfChat, portalOfRoom, updatePortal, upsertPortal } from '../store/portal.ts'
import type { NewPortal, Portal } from '../store/portal.ts'

const CACHED_PORTALS = 20_000

/** The portals in use, in memory up to a bound; the table is the truth and every change goes through here. */
export class Portals {
  readonly #db: Database
  readonly #byId = new Map<PortalId, Portal>()
  readonly #idByChat = new Map<string, PortalId>()
  readonly #idByRoom = new Map<MatrixRoomId, PortalId>()

  constructor(db: Database) {
    this.#db = db
  }

  /** The portal of a conversation, made when it is new. */
  async ofChat(chat: NewPortal): Promise<Portal> {
    const known = this.#idByChat.get(chatKey(chat))
    const cached = known === undefined ? undefined : this.#byId.get(known)
    const portal = cached ?? this.#remember(await upsertPortal(this.#db, chat))
    const { id, name = portal.parentName } = chat.parent ?? {}
    // A group can become a forum, and then what it was is one of its topics.
    if (id === undefined || (portal.parentId === id && portal.parentName === name)) return portal
    return this.update(portal, { parentId: id, parentName: name })
  }

  /** The portal of a conversation that the bridge knows already. */
  async ofChatIfKnown(chat: NewPortal): Promise<Portal | undefined> {
    const known = this.#idByChat.get(chatKey(chat))
    return (known === undefined ? undefined : this.#byId.get(known)) ?? portalOfChat(this.#db, chat)
  }

  /** The portal of a room, or undefined for a room that is none of ours. */
  async ofRoom(room: MatrixRoomId): Promise<Portal | undefined> {
    const known = this.#idByRoom.get(room)
    const cached = known === undefined ? undefined : this.#byId.get(known)
    if (cached) return cached
    const found = await portalOfRoom(this.#db, room)
    return found && this.#remember(found)
  }

  /** @throws when there is no such portal: a ledger row always has one */
  async get(id: PortalId): Promise<Portal> {
    const cached = this.#byId.get(id)
    if (cached) return cached
    const found = await portalById(this.#db, id)
    if (!found) throw new Error('portal of a delivery does not exist')
    return this.#remember(found)
  }

  /** Changes what is given. The rest stays as it is now, which need not be as the caller has it. */
  async update(portal: Portal, change: Parameters<typeof updatePortal>[2]): Promise<Portal> {
    await updatePortal(this.#db, portal.id, change)
    const present = this.#byId.get(portal.id) ?? portal
    this.#forget(present)
    return this.#remember({ ...present, ...dropUndefined(change) })
  }

  /** A direct conversation goes on under another id, unless there is one of that id already. */
  async follow(portal: Portal, id: RemoteChatId): Promise<void> {
    if (portal.chatId === id || portal.network === 'viaduct') return
    const key = {
      network: portal.network,
      id,
      ...(portal.receiver !== null && { receiver: portal.receiver }),
    }
    if (!(await portalOfChat(this.#db, key))) await this.update(portal, { chatId: id })
  }

  /** The portal is gone: another has taken what it had. */
  drop(portal: Portal): void {
    this.#forget(this.#byId.get(portal.id) ?? portal)
  }

  /** The portal as the table has it, after it was changed there. */
  async reload(portal: Portal): Promise<Portal> {
    this.drop(portal)
    return this.get(portal.id)
  }

  #remember(portal: Portal): Portal {
    if (this.#byId.size >= CACHED_PORTALS) {
      const oldest = this.#byId.values().next().value
      if (oldest) this.#forget(oldest)
    }
    this.#byId.set(portal.id, portal)
    this.#idByChat.set(
      chatKey({ network: portal.network, id: portal.chatId, receiver: portal.receiver }),
      portal.id,
    )
    if (portal.roomId) this.#idByRoom.set(portal.roomId, portal.id)
    return portal
  }

  #forget(portal: Portal): void {
    this.#byId.delete(portal.id)
    this.#idByChat.delete(chatKey({ network: portal.network, id: portal.chatId, receiver: portal.receiver }))
    if (portal.roomId) this.#idByRoom.delete(portal.roomId)
  }
}

function chatKey(chat: { network: string; id: string; receiver?: LoginId | null }): string {
  return `${chat.network}\n${chat.receiver ?? 0}\n${chat.id}`
}

function dropUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T
}
