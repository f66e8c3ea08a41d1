import type { Clock } from '../model/clock.ts'
import { matrixUserId } from '../model/ids.ts'
import type { MatrixRoomId, NetworkName } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { Connector } from '../model/network.ts'
import type { MatrixOutcome, MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import type { Delivery } from '../store/delivery.ts'
import type { Portal } from '../store/portal.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { Attempt, Verdict } from './lane.ts'
import type { PortalRooms } from './portal-rooms.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'
import type { RoomMembers } from './room-members.ts'
import type { Settlement } from './settlement.ts'
import type { BridgeSettings } from './settings.ts'

export type ToMatrixDeps = {
  db: Database
  matrix: MatrixSide
  portals: Portals
  rooms: PortalRooms
  members: RoomMembers
  puppets: Puppets
  connectors: ReadonlyMap<NetworkName, Connector>
  settings: BridgeSettings
  clock: Clock
  log: Logger
  /** Whether the other direction of a portal still has something on its way. */
  toRemoteBusy(portal: Portal): boolean
}

/** One row on its way to Matrix, with everything that its kind of delivery needs. */
export type Job = {
  row: Delivery
  attempt: Attempt
  portal: Portal
  room: MatrixRoomId
  deps: ToMatrixDeps
}

/** Who of the bridge sends a row for its remote sender. */
export async function senderOf(job: Job, event: StoredRemoteEvent) {
  const { puppets, settings } = job.deps
  if (!event.sender) return { user: settings.bot }
  const ghost = await puppets.ensure(job.portal.network as NetworkName, event.sender)
  return { user: matrixUserId(ghost.userId), ghost }
}

/** The arguments that make a send the same on every attempt. */
export function sendBase(job: Job) {
  const { row, attempt, room } = job
  return {
    delivery: row.id,
    room,
    at: row.at,
    attempts: attempt.failures + (attempt.inherited ? 1 : 0),
    firstAttemptAt: row.createdAt,
  }
}

/** Turns the homeserver's answer into the lane's verdict. */
export function verdictOf(
  job: Job,
  outcome: MatrixOutcome,
  settled: Omit<Settlement, 'change'> = {},
): Verdict {
  const { row } = job
  switch (outcome.kind) {
    case 'delivered':
      return {
        kind: 'end',
        settlement: { change: { id: row.id, state: 'delivered', targetId: outcome.eventId }, ...settled },
      }
    case 'retry':
      return {
        kind: 'wait',
        code: 'homeserver_down',
        why: outcome.why,
        ...(outcome.afterMs !== undefined && { afterMs: outcome.afterMs }),
      }
    case 'rejected':
      return {
        kind: 'end',
        settlement: {
          change: { id: row.id, state: 'rejected', errorCode: outcome.code, errorText: outcome.why },
        },
      }
  }
}

/** Ends a row that needs no event of its own. */
export function done(job: Job, settled: Omit<Settlement, 'change'> = {}): Verdict {
  return { kind: 'end', settlement: { change: { id: job.row.id, state: 'delivered' }, ...settled } }
}
