import type { DeliveryId, MatrixEventId, MatrixRoomId, MatrixUserId } from '../model/ids.ts'
import type { Client } from './client.ts'
import { isOurs, marked } from './marker.ts'
import type { Actor, MatrixOutcome } from './ports.ts'
import { redactsInContent } from './power.ts'
import type { Operation, Sender } from './sender.ts'
import { outcomeOfError } from './state.ts'
import type { RoomState } from './state.ts'

export type RedactRequest = {
  delivery: DeliveryId
  part?: number
  room: MatrixRoomId
  as: MatrixUserId
  eventId: MatrixEventId
  reason?: string
  at?: Date
  attempts: number
  firstAttemptAt?: Date
  puppet?: 'double'
}

/** Redacts events. Only rooms of version 11 and later take a redaction as an ordinary event, and so a time for it. */
export class Redactor {
  readonly #client: Client
  readonly #sender: Sender
  readonly #state: RoomState

  constructor(client: Client, sender: Sender, state: RoomState) {
    this.#client = client
    this.#sender = sender
    this.#state = state
  }

  /** One attempt. Never throws. */
  async redact(r: RedactRequest): Promise<MatrixOutcome> {
    const actor: Actor = r.puppet === undefined ? { user: r.as } : { user: r.as, puppet: r.puppet }
    const { txn, mark } = this.#sender.idsOf(r.delivery, r.part)
    const reason = r.reason === undefined ? {} : { reason: r.reason }
    let asEvent: boolean
    try {
      asEvent = redactsInContent((await this.#state.versionInfo(r.room)).version)
    } catch (error) {
      return outcomeOfError(error)
    }
    const content = marked({ redacts: r.eventId, ...reason }, mark)
    const call = asEvent
      ? () => this.#client.send(actor, { room: r.room, type: 'm.room.redaction', txn, content, at: r.at })
      : () => this.#client.call('redact', [r.room, r.eventId, txn], actor, { device: true, body: reason })
    const operation: Operation = {
      actor,
      room: r.room,
      type: 'm.room.redaction',
      attempts: r.attempts,
      firstAttemptAt: r.firstAttemptAt,
      txn,
      call,
      // The older kind carries no mark, but one redaction of an event is as good as another.
      matches: (event) => isOurs(event, txn, mark) || (!asEvent && event.redacts === r.eventId),
    }
    return this.#sender.perform(operation)
  }
}
