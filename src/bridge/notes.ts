import type { DeliveryId, MatrixEventId, MatrixRoomId, MatrixUserId, PortalId } from '../model/ids.ts'
import type { NewDelivery } from '../store/delivery.ts'

/** What the sender of a Matrix event is shown about its delivery. */
export type StatusNote = {
  kind: 'status'
  event: MatrixEventId
  delivery: DeliveryId
  state: 'delivered' | 'rejected' | 'unknown' | 'expired'
  code: string
  text: string
  /** For clients that show it beside the message; nothing was said about it before, so there are no words. */
  quiet?: true
}

/** Words of the bot in a room: an answer to a command, or something its members should know. */
export type InfoNote = { kind: 'info'; text: string; html?: string; replyTo?: MatrixEventId }

/** A Matrix user who should be in the room. */
export type InviteNote = { kind: 'invite'; user: MatrixUserId }

/** A ghost that was thrown out of the room, while its person is still in the conversation. */
export type RestoreNote = { kind: 'restore'; user: MatrixUserId }

/** A ghost that was invited, and whose person does not come into the conversation. */
export type DeclineNote = { kind: 'decline'; user: MatrixUserId }

/** A direct chat's room may have lost the name of its owner's address book. */
export type NamesNote = { kind: 'names' }

/** An event that does not count on the other side any more. */
export type RedactNote = { kind: 'redact'; event: MatrixEventId; reason: string }

/** The code by which a login is confirmed elsewhere; each takes the place of the one before. */
export type CodeNote = { kind: 'code'; as: 'qr' | 'code'; data: string; text: string }
export type CodeOverNote = { kind: 'code-over' }

/** The conversation of another room goes on in this one. */
export type ReplacesNote = { kind: 'replaces'; room: MatrixRoomId }

/** What the bridge itself puts into the to-Matrix lanes, beside what networks tell. */
export type BridgeNote =
  | StatusNote
  | InfoNote
  | InviteNote
  | RestoreNote
  | DeclineNote
  | NamesNote
  | RedactNote
  | CodeNote
  | CodeOverNote
  | ReplacesNote

type Where = { portal: PortalId; sourceId: string; at: Date }

export function noteDelivery(where: Where, note: BridgeNote): NewDelivery {
  const kinds = {
    status: 'status',
    info: 'info',
    invite: 'membership',
    restore: 'membership',
    decline: 'membership',
    names: 'rename',
    redact: 'redaction',
    code: 'info',
    replaces: 'moved',
    'code-over': 'redaction',
  } as const
  return {
    direction: 'to_matrix',
    portal: where.portal,
    sourceId: where.sourceId,
    kind: kinds[note.kind],
    sender: '',
    body: { bridge: note },
    at: where.at,
  }
}

/** The key under which the notice about a delivery is found again, so that it is edited and not repeated. */
export const statusKey = (delivery: DeliveryId) => `status:${delivery}`
