import type { RemoteMessageId } from './ids.ts'
import type { ParkReason } from './delivery.ts'

/**
 * What came of one attempt to send. `unknown` means that it may have been sent; `retry` means that it certainly was not,
 * or that the receiver drops a repeat.
 */
export type SendOutcome =
  | {
      kind: 'delivered'
      /** One id for each part that the other side now holds, in order. */
      remoteIds: RemoteMessageId[]
      /** Words for the sender when it arrived in another form than it was written. */
      note?: string
      at?: Date
      /** What the network calls the options of a poll that was sent, in their order; votes name them so. */
      optionIds?: string[]
    }
  | { kind: 'retry'; why: string; afterMs?: number; waitsFor?: ParkReason }
  | { kind: 'rejected'; code: string; why: string }
  | { kind: 'unknown'; why: string }

export const delivered = (remoteIds: RemoteMessageId[] = [], note?: string): SendOutcome =>
  note === undefined ? { kind: 'delivered', remoteIds } : { kind: 'delivered', remoteIds, note }

export const retry = (
  why: string,
  options: { afterMs?: number; waitsFor?: ParkReason } = {},
): SendOutcome => ({
  kind: 'retry',
  why,
  ...options,
})

export const rejected = (code: string, why: string): SendOutcome => ({ kind: 'rejected', code, why })

export const unknown = (why: string): SendOutcome => ({ kind: 'unknown', why })
