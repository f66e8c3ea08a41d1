import { remoteUserId } from '../model/ids.ts'
import type { MatrixRoomId, MatrixUserId, NetworkName, RemoteUserId } from '../model/ids.ts'
import { isNameReader } from '../model/network.ts'
import type { ChatDescription, Connector } from '../model/network.ts'
import type { RemoteChat } from '../model/remote-event.ts'
import { portalAlias } from '../matrix/localpart.ts'
import { bridgeInfoKey } from '../matrix/rooms.ts'
import type { MatrixOutcome, MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { loginById } from '../store/login.ts'
import type { Portal } from '../store/portal.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'
import type { BridgeSettings } from './settings.ts'

export type RoomResult =
  | { kind: 'room'; room: MatrixRoomId }
  | { kind: 'retry'; why: string; afterMs?: number }
  | { kind: 'rejected'; code: string; why: string }

/** The conversation of a portal in the contract's words. */
export function chatOf(portal: Portal): RemoteChat {
  return {
    network: portal.network as NetworkName,
    id: portal.chatId,
    type: portal.type,
    ...(portal.receiver !== null && { receiver: portal.receiver }),
    ...(portal.name !== null && { name: portal.name }),
    ...(portal.topic !== null && { topic: portal.topic }),
    ...(portal.parentId !== null && {
      parent: { id: portal.parentId, ...(portal.parentName !== null && { name: portal.parentName }) },
    }),
  }
}

/** Whom a direct chat is with: its id is its contact's id on every network. */
export const partnerOf = (portal: Portal): RemoteUserId => remoteUserId(portal.chatId)

/** Makes the Matrix room of a portal, once: the room's alias comes from the portal's key, so a repeat finds it. */
export class PortalRooms {
  readonly #db: Database
  readonly #matrix: MatrixSide
  readonly #portals: Portals
  readonly #puppets: Puppets
  readonly #settings: BridgeSettings
  readonly #connectors: ReadonlyMap<NetworkName, Connector>
  readonly #making = new Map<number, Promise<RoomResult>>()

  constructor(deps: {
    db: Database
    matrix: MatrixSide
    portals: Portals
    puppets: Puppets
    settings: BridgeSettings
    connectors: ReadonlyMap<NetworkName, Connector>
  }) {
    this.#db = deps.db
    this.#matrix = deps.matrix
    this.#portals = deps.portals
    this.#puppets = deps.puppets
    this.#settings = deps.settings
    this.#connectors = deps.connectors
  }

  ensure(portal: Portal): Promise<RoomResult> {
    if (portal.roomId) return Promise.resolve({ kind: 'room', room: portal.roomId })
    const underWay = this.#making.get(portal.id)
    if (underWay) return underWay
    const making = this.#make(portal).finally(() => this.#making.delete(portal.id))
    this.#making.set(portal.id, making)
    return making
  }

  async #make(stale: Portal): Promise<RoomResult> {
    const known = await this.#portals.get(stale.id)
    if (known.roomId) return { kind: 'room', room: known.roomId }
    // What the caller has learned about its name and did not keep yet.
    const portal = { ...known, name: stale.name }
    const plan = portal.network === 'viaduct' ? this.#botRoom(portal) : await this.#networkRoom(portal)
    const made = await this.#matrix.createRoom({
      alias: portalAlias(
        this.#settings.userPrefix,
        portal.network,
        portal.chatId,
        portal.receiver ?? undefined,
      ),
      powerUsers: {},
      ...(this.#settings.roomVersion !== undefined && { version: this.#settings.roomVersion }),
      ...plan,
    })
    if (made.kind !== 'delivered') return made
    await this.#portals.update(portal, {
      roomId: made.room,
      ...(plan.name !== known.name && { name: plan.name }),
    })
    return { kind: 'room', room: made.room }
  }

  #botRoom(portal: Portal) {
    return {
      name: 'Viaduct',
      topic: 'Your bridge: say help to see what it can do.',
      invite: [portal.chatId as string as MatrixUserId],
      direct: true,
    }
  }

  async #networkRoom(portal: Portal) {
    const chat = chatOf(portal)
    const connector = this.#connectors.get(chat.network)
    const about: ChatDescription = connector?.describe(chat) ?? {
      name: portal.name ?? portal.chatId,
      type: portal.type,
    }
    const topic = portal.topic ?? about.topic
    const owner = portal.receiver === null ? undefined : await loginById(this.#db, portal.receiver)
    const direct = portal.type === 'dm'
    const ghosts: MatrixUserId[] = []
    if (direct) {
      const contact = about.contact ?? { id: partnerOf(portal) }
      // What an event has said is newer than what the connector knew before.
      const known = await this.#puppets.ghostOf(chat.network, { id: contact.id })
      const { name: _, ...others } = contact
      ghosts.push((await this.#puppets.ensure(chat.network, known.name === null ? contact : others)).userId)
    }
    return {
      name: portal.name ?? about.name,
      ...(topic !== undefined && { topic }),
      invite: owner ? [owner.owner] : [],
      direct,
      ghosts,
      ...(portal.settings.space === true && { type: 'm.space' as const }),
      bridgeInfo: this.#bridgeInfo(chat, about.name),
      ...(direct && {
        initialState: [
          {
            type: 'io.element.functional_members',
            state_key: '',
            content: { service_members: [this.#settings.bot] },
          },
        ],
      }),
    }
  }

  /** Writes down in a room anew which conversation it is for. */
  async tellBridge(portal: Portal, room: MatrixRoomId): Promise<MatrixOutcome> {
    const chat = chatOf(portal)
    const name = portal.name ?? this.#connectors.get(chat.network)?.describe(chat).name ?? portal.chatId
    const content = this.#bridgeInfo(chat, name)
    const state = { room, as: this.#settings.bot, key: bridgeInfoKey(content), content }
    const told = await this.#matrix.state({ ...state, type: 'm.bridge' })
    return told.kind === 'delivered' ? this.#matrix.state({ ...state, type: 'uk.half-shot.bridge' }) : told
  }

  /** MSC2346 */
  #bridgeInfo(chat: RemoteChat, name: string): Record<string, unknown> {
    const connector = this.#connectors.get(chat.network)
    // Where a network consists of several, a conversation's id begins with the one that it belongs to.
    const instances = connector && isNameReader(connector) ? connector.instances() : []
    const networkId = instances.find(({ id }) => chat.id.startsWith(`${id}/`))?.id ?? chat.network
    return {
      bridgebot: this.#settings.bot,
      creator: this.#settings.bot,
      protocol: { id: chat.network, displayname: PROTOCOL_NAMES[chat.network] },
      network: { id: networkId, displayname: networkId },
      channel: { id: chat.id, displayname: name },
    }
  }
}

export const PROTOCOL_NAMES: Record<NetworkName, string> = {
  irc: 'IRC',
  telegram: 'Telegram',
  whatsapp: 'WhatsApp',
}
