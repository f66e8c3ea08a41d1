import type { MatrixEventId } from '../model/ids.ts'
import type { ChatSettings } from '../model/remote-event.ts'
import type { RawEvent } from '../matrix/event.ts'

/** A Matrix event as the ledger keeps it. */
export type StoredMatrixEvent = {
  event: RawEvent
  /** The transaction that brought it; its bytes are cleared when the event held a secret. */
  inbox: number
  /** The words after the command prefix, when the event is a command to the bot. */
  command?: string
  /** Which of the pins of the event the row is about. */
  pin?: { event: MatrixEventId; pinned: boolean }
}

/** How somebody puts a conversation away on the network. */
export type StoredSettings = { settings: ChatSettings }

/** Words of the bridge itself for the people of the network: as they are, or how a poll stands when they are sent. */
export type StoredSaying = { say: string } | { tally: MatrixEventId }

export const isSaying = (stored: StoredForRemote): stored is StoredSaying =>
  'say' in stored || 'tally' in stored

/** The body of a delivery to a network. */
export type StoredForRemote = StoredMatrixEvent | StoredSaying | StoredSettings
