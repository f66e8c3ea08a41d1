import type { Clock } from '../model/clock.ts'
import { matrixUserId } from '../model/ids.ts'
import type { MatrixEventId, MatrixRoomId, MatrixUserId, NetworkName } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { Connector } from '../model/network.ts'
import type { RemoteUser } from '../model/remote-event.ts'
import type { MatrixOutcome, MatrixSide } from '../matrix/index.ts'
import { toEvent } from '../matrix/to-event.ts'
import type { Database } from '../store/db.ts'
import type { Delivery } from '../store/delivery.ts'
import { loginById } from '../store/login.ts'
import { fromJsonBytes } from '../store/text.ts'
import type { Portal } from '../store/portal.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { AddressBook } from './address-book.ts'
import type { Attendance } from './attendance.ts'
import type { IncomingMedia } from './incoming-media.ts'
import type { Attempt, Verdict } from './lane.ts'
import type { PortalRooms } from './portal-rooms.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'
import type { RoomMembers } from './room-members.ts'
import type { Spaces } from './spaces.ts'
import type { Settlement } from './settlement.ts'
import type { BridgeSettings } from './settings.ts'

export type ToMatrixDeps = {
  db: Database
  matrix: MatrixSide
  portals: Portals
  rooms: PortalRooms
  members: RoomMembers
  puppets: Puppets
  addressBook: AddressBook
  attendance: Attendance
  spaces: Spaces
  media: IncomingMedia
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
  /** The sender is a person, for whom the second registration speaks. */
  puppet?: 'double'
}

export type MatrixSender = { user: MatrixUserId; puppet?: 'double' }

/** Who of the bridge sends a row for its remote sender: their ghost, or for a login's own owner they themselves. */
export async function senderOf(job: Job, event: StoredRemoteEvent): Promise<MatrixSender> {
  const { db, settings } = job.deps
  if (!event.sender) return { user: settings.bot }
  const owner =
    event.sender.self !== undefined && settings.doublePuppet
      ? await loginById(db, event.sender.self)
      : undefined
  return owner ? { user: owner.owner, puppet: 'double' } : { user: await ghostOf(job, event.sender) }
}

/** The ghost of whoever did something; undefined where people do it themselves, and the bot does it for them. */
export async function ghostBehind(job: Job, event: StoredRemoteEvent): Promise<MatrixUserId | undefined> {
  const sender = await senderOf(job, event)
  return sender.puppet === undefined ? sender.user : undefined
}

/** A person's ghost, on the homeserver. */
export async function ghostOf(job: Job, user: RemoteUser): Promise<MatrixUserId> {
  const ghost = await job.deps.puppets.ensure(job.portal.network as NetworkName, user)
  return matrixUserId(ghost.userId)
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
    ...(job.puppet && { puppet: job.puppet }),
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

/** Says in words what cannot be shown otherwise. */
export async function inWords(job: Job, as: MatrixUserId, body: string): Promise<Verdict> {
  const made = toEvent({ kind: 'text', style: 'emote', body }, {})
  return verdictOf(job, await job.deps.matrix.send({ ...sendBase(job), as, ...made }))
}

/** The ghost takes back its own; what it may not, the bot does. */
export async function redactAs(
  job: Job,
  as: MatrixUserId,
  eventId: MatrixEventId,
  reason: { reason?: string },
) {
  const { matrix, settings } = job.deps
  const outcome = await matrix.redact({ ...sendBase(job), as, eventId, ...reason })
  if (outcome.kind !== 'rejected' || outcome.code !== 'not_permitted') return outcome
  const { puppet: _, ...base } = sendBase(job)
  return matrix.redact({ ...base, part: 1, as: settings.bot, eventId, ...reason })
}

/** Whether the next row says the same of the same message anew, so that this one need not be shown. */
export function isFollowedBy({ row, attempt: { next } }: Job, target: string): boolean {
  if (next?.kind !== row.kind) return false
  return (fromJsonBytes(next.body) as { target?: unknown }).target === target
}
