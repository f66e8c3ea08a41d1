import type { Delivery } from '../store/delivery.ts'
import { fromJsonBytes } from '../store/text.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { Attempt, Deliverer, Verdict } from './lane.ts'
import { verdictOf } from './matrix-job.ts'
import type { Job, ToMatrixDeps } from './matrix-job.ts'
import type { BridgeNote } from './notes.ts'
import type { Settlement } from './settlement.ts'
import { deliverMembership } from './to-matrix-members.ts'
import { deliverAlias, deliverMessage } from './to-matrix-message.ts'
import { deliverInfo, deliverNote } from './to-matrix-note.ts'
import { deliverPins } from './to-matrix-pins.ts'
import { deliverSettings } from './to-matrix-settings.ts'
import { deliverRoomState } from './to-matrix-state.ts'

/** Delivers what networks and the bridge itself say into Matrix rooms. Never gives up: a network can't be told. */
export class ToMatrix implements Deliverer {
  readonly maxAgeMs = Number.POSITIVE_INFINITY
  readonly #deps: ToMatrixDeps

  constructor(deps: ToMatrixDeps) {
    this.#deps = deps
  }

  async attempt(row: Delivery, attempt: Attempt): Promise<Verdict> {
    const { addressBook, attendance, portals, rooms, spaces } = this.#deps
    const body = fromJsonBytes(row.body) as StoredRemoteEvent | { bridge: BridgeNote }
    const known = await portals.get(row.portal)
    const portal =
      known.type === 'dm' ? await addressBook.learn(known, 'bridge' in body ? undefined : body) : known
    const room = await rooms.ensure(portal)
    if (room.kind !== 'room') {
      // Without a room nothing can be shown; a refusal is a matter for the admin, so the row waits for them.
      const afterMs = room.kind === 'retry' ? room.afterMs : 60_000
      return { kind: 'wait', code: 'no_room', why: room.why, ...(afterMs !== undefined && { afterMs }) }
    }
    const job: Job = { row, attempt, portal, room: room.room, deps: this.#deps }
    const gathered = await attendance.gather(portal, room.room)
    if (gathered?.kind === 'retry') return verdictOf(job, gathered)
    const placed = await spaces.place(await portals.get(portal.id), room.room)
    if (placed) return verdictOf(job, placed)
    if (portal.type === 'dm') {
      const named = await addressBook.show(portal, room.room)
      if (named?.kind === 'retry') return verdictOf(job, named)
    }
    if ('bridge' in body) return deliverNote(job, body.bridge)
    switch (body.kind) {
      case 'message':
      case 'edit':
      case 'redaction':
      case 'reaction':
      case 'reaction-removal':
      case 'reaction-tally':
      case 'poll-vote':
      case 'poll-end':
      case 'poll-tally':
        return deliverMessage(job, body)
      case 'membership':
      case 'rename':
      case 'members':
        return deliverMembership(job, body)
      case 'topic':
      case 'name':
      case 'avatar':
      case 'power':
        return deliverRoomState(job, body)
      case 'info':
        return deliverInfo(job, body)
      case 'alias':
        return deliverAlias(job, body)
      case 'pin':
        return deliverPins(job, body)
      case 'settings':
        return deliverSettings(job, body)
      case 'moved':
        return verdictOf(job, await rooms.tellBridge(portal, room.room))
    }
  }

  expire(row: Delivery, why: string): Promise<Settlement> {
    return Promise.resolve({ change: { id: row.id, state: 'expired', errorCode: 'too_old', errorText: why } })
  }
}
