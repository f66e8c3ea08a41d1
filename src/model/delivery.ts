/** Which way a delivery goes. */
export const DIRECTIONS = ['to_remote', 'to_matrix'] as const
export type Direction = (typeof DIRECTIONS)[number]

export const DELIVERY_STATES = [
  'queued',
  'sending',
  'parked',
  'delivered',
  'rejected',
  'unknown',
  'expired',
] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** States in which a delivery still has to happen: the lane looks at these and at nothing else. */
export const UNFINISHED: readonly DeliveryState[] = ['queued', 'sending', 'parked']

/**
 * The whole life of a delivery. A row enters as `queued`; `sending` is committed before the first byte leaves, so that
 * after a crash the row is known to be in doubt. `queued` after an end state is somebody's explicit retry.
 */
export const TRANSITIONS: Readonly<Record<DeliveryState, readonly DeliveryState[]>> = {
  queued: ['sending', 'parked', 'delivered', 'rejected', 'expired'],
  sending: ['delivered', 'rejected', 'unknown', 'expired', 'queued', 'parked'],
  parked: ['queued', 'sending', 'delivered', 'rejected', 'expired', 'unknown'],
  delivered: ['rejected'],
  rejected: ['queued'],
  unknown: ['queued', 'delivered', 'rejected'],
  expired: ['queued'],
}

/**
 * `from` is the state in which a lane took the row; it may have gone through `sending` since, which a connector commits.
 * @throws when the table above has no such way; that is a fault in the program, never in the data.
 */
export function checkTransition(from: DeliveryState, to: DeliveryState): void {
  const ways: readonly DeliveryState[] = [...TRANSITIONS[from], ...TRANSITIONS.sending]
  if (!UNFINISHED.includes(from) || !ways.includes(to)) {
    throw new Error(`impossible delivery transition: ${from} to ${to}`)
  }
}

/** What a delivery is about. The router and `accept` write it, the lanes read it. */
export const DELIVERY_KINDS = [
  'message',
  'edit',
  'redaction',
  'reaction',
  'reaction-removal',
  'poll-vote',
  'poll-end',
  'poll-tally',
  'reaction-tally',
  'alias',
  'pin',
  'membership',
  'rename',
  'members',
  'topic',
  'name',
  'avatar',
  'power',
  'settings',
  'moved',
  'info',
  'status',
] as const
export type DeliveryKind = (typeof DELIVERY_KINDS)[number]

/** What a parked delivery waits for. */
export const PARK_REASONS = ['target', 'login', 'chat', 'key'] as const
export type ParkReason = (typeof PARK_REASONS)[number]
