import { messageOf } from '../model/errors.ts'
import { remoteChatId } from '../model/ids.ts'
import type { MatrixRoomId, MatrixUserId, NetworkName } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { Connector } from '../model/network.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { loginsOf } from '../store/login.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'
import { mayAtLeast, permissionOf } from './permissions.ts'
import type { BridgeSettings } from './settings.ts'

export type Invitation = { room: MatrixRoomId; inviter: MatrixUserId; invited: MatrixUserId; direct: boolean }

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

  /** Begins to answer. An invitation that a crash leaves unanswered still stands in the inviter's client. */
  take(invitation: Invitation): void {
    void this.#answer(invitation).catch((error: unknown) => {
      this.#deps.log.warn({ room: invitation.room, error: messageOf(error) }, 'invitation not answered')
    })
  }

  async #answer({ room, inviter, invited, direct }: Invitation): Promise<void> {
    const { matrix, settings } = this.#deps
    const level = permissionOf(inviter, settings.permissions)
    if (invited === settings.bot) {
      if (!mayAtLeast(level, 'user')) {
        await matrix.membership({
          room,
          user: settings.bot,
          action: 'leave',
          reason: 'You may not use this bridge.',
        })
        return
      }
      const joined = await matrix.membership({ room, user: settings.bot, action: 'join' })
      if (joined.kind === 'delivered' && direct) await this.#botRoom(room, inviter)
      return
    }
    if (!mayAtLeast(level, 'user')) {
      await matrix.membership({
        room,
        user: invited,
        action: 'leave',
        reason: 'You may not use this bridge.',
      })
      return
    }
    await this.#directChat(room, inviter, invited)
  }

  async #botRoom(room: MatrixRoomId, user: MatrixUserId): Promise<void> {
    const { portals, tell, settings } = this.#deps
    const portal = await portals.ofChat({ network: 'viaduct', id: remoteChatId(user), type: 'dm' })
    await portals.update(portal, { roomId: room })
    await tell(user, `Hello! I am ${settings.bot}, the bridge. Say "help" to see what I can do.`)
  }

  async #directChat(room: MatrixRoomId, inviter: MatrixUserId, invited: MatrixUserId): Promise<void> {
    const { db, matrix, portals, puppets, connectors, settings, tell } = this.#deps
    const ghost = await puppets.personBehind(invited)
    const connector = ghost && connectors.get(ghost.network)
    const logins = await loginsOf(db, inviter)
    const login =
      ghost &&
      logins.find((l) =>
        connector?.serves(l, { network: ghost.network, id: remoteChatId(ghost.remoteId), type: 'dm' }),
      )
    if (!ghost || !login) {
      await matrix.membership({
        room,
        user: invited,
        action: 'leave',
        reason: 'You are not logged in to this network.',
      })
      await tell(inviter, `To talk to ${invited} you first have to log in to their network: say "login".`)
      return
    }
    const chat = {
      network: ghost.network,
      id: remoteChatId(ghost.remoteId),
      type: 'dm' as const,
      receiver: login.id,
    }
    const portal = await portals.ofChat(chat)
    if (portal.roomId && portal.roomId !== room) {
      await matrix.membership({ room: portal.roomId, user: inviter, action: 'invite', by: settings.bot })
      await matrix.membership({ room, user: invited, action: 'leave', reason: 'We have a room already.' })
      return
    }
    await matrix.membership({ room, user: invited, action: 'join' })
    await matrix.membership({ room, user: settings.bot, action: 'invite', by: invited })
    await matrix.membership({ room, user: settings.bot, action: 'join' })
    await portals.update(portal, { roomId: room })
  }
}
