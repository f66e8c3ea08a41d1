import { messageOf } from '../model/errors.ts'
import { remoteChatId } from '../model/ids.ts'
import type { MatrixRoomId, MatrixUserId, NetworkName } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { Connector } from '../model/network.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { loginsOf } from '../store/login.ts'
import type { NewPortal, Portal } from '../store/portal.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'
import { mayAtLeast, permissionOf } from './permissions.ts'
import type { BridgeSettings } from './settings.ts'

export type Invitation = {
  room: MatrixRoomId
  inviter: MatrixUserId
  invited: MatrixUserId
  direct: boolean
  /** The conversation that the room is for already. */
  current: Portal | undefined
}

export type InvitationDeps = {
  db: Database
  matrix: MatrixSide
  portals: Portals
  puppets: Puppets
  connectors: ReadonlyMap<NetworkName, Connector>
  settings: BridgeSettings
  log: Logger
  tell: (user: MatrixUserId, text: string) => Promise<void>
}

/** Answers invitations of the bot (its room with a user) and of ghosts (a direct chat begun from the Matrix side). */
export class Invitations {
  readonly #deps: InvitationDeps

  constructor(deps: InvitationDeps) {
    this.#deps = deps
  }

  /**
   * Begins to answer; resolves when what is said in the room is known to be for its conversation, as clients send the first
   * message without waiting. An invitation that a crash leaves unanswered still stands in the inviter's client.
   */
  async take(invitation: Invitation): Promise<void> {
    const chat = await this.#chatOf(invitation)
    const portal = chat && (await this.#deps.portals.ofChat(chat))
    const free = portal && (portal.roomId === null || portal.network === 'viaduct')
    if (free && invitation.current === undefined)
      await this.#deps.portals.update(portal, { roomId: invitation.room })
    void this.#answer(invitation, portal).catch((error: unknown) => {
      this.#deps.log.warn({ room: invitation.room, error: messageOf(error) }, 'invitation not answered')
    })
  }

  /** The conversation that the room is to be for. */
  async #chatOf({ inviter, invited, direct }: Invitation): Promise<NewPortal | undefined> {
    const { db, puppets, connectors, settings } = this.#deps
    if (!mayAtLeast(permissionOf(inviter, settings.permissions), 'user')) return undefined
    if (invited === settings.bot)
      return direct ? { network: 'viaduct', id: remoteChatId(inviter), type: 'dm' } : undefined
    const ghost = await puppets.personBehind(invited)
    if (!ghost) return undefined
    const chat = { network: ghost.network, id: remoteChatId(ghost.remoteId), type: 'dm' as const }
    const connector = connectors.get(ghost.network)
    const login = (await loginsOf(db, inviter)).find((l) => connector?.serves(l, chat))
    return login && { ...chat, receiver: login.id }
  }

  async #answer(invitation: Invitation, portal: Portal | undefined): Promise<void> {
    const { room, inviter, invited, direct, current } = invitation
    const { matrix, settings, tell } = this.#deps
    const allowed = mayAtLeast(permissionOf(inviter, settings.permissions), 'user')
    const leave = (reason: string) => matrix.membership({ room, user: invited, action: 'leave', reason })
    if (!allowed) {
      await leave('You may not use this bridge.')
      return
    }
    if (invited === settings.bot) {
      const joined = await matrix.membership({ room, user: invited, action: 'join' })
      if (joined.kind === 'delivered' && direct)
        await tell(inviter, `Hello! I am ${settings.bot}, the bridge. Say "help" to see what I can do.`)
      return
    }
    if (portal === undefined) {
      await leave('You are not logged in to this network.')
      await tell(inviter, `To talk to ${invited} you first have to log in to their network: say "login".`)
      return
    }
    if (current !== undefined && current.id !== portal.id) {
      await leave('This room is for another conversation.')
      return
    }
    if (portal.roomId !== null && portal.roomId !== room) {
      await matrix.membership({ room: portal.roomId, user: inviter, action: 'invite', by: settings.bot })
      await leave('We have a room already.')
      return
    }
    await matrix.membership({ room, user: invited, action: 'join' })
    await matrix.membership({ room, user: settings.bot, action: 'invite', by: invited })
    await matrix.membership({ room, user: settings.bot, action: 'join' })
  }
}
