import type { MatrixEventId, MatrixRoomId, MatrixUserId } from '../model/ids.ts'
import { settle } from './classify.ts'
import type { Client } from './client.ts'

/** What need not arrive: each says whether it did, and never throws. */
export class Hints {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  /** Shows or ends typing. */
  async typing(room: MatrixRoomId, user: MatrixUserId, on: boolean): Promise<boolean> {
    return (await settle(this.#client.typing({ user }, room, on))).kind === 'ok'
  }

  /** Marks a room as read up to an event. */
  async receipt(
    room: MatrixRoomId,
    event: MatrixEventId,
    user: MatrixUserId,
    puppet?: 'double',
  ): Promise<boolean> {
    const actor = puppet === undefined ? { user } : { user, puppet }
    return (await settle(this.#client.receipt(actor, room, event))).kind === 'ok'
  }

  /** Shows whether one of our users is online. */
  async presence(user: MatrixUserId, online: boolean, text?: string): Promise<boolean> {
    const body = { presence: online ? 'online' : 'offline', ...(text !== undefined && { status_msg: text }) }
    return (await settle(this.#client.call('presence', [user], { user }, { body }))).kind === 'ok'
  }
}
