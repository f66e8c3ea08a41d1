/** Every fault a person or a program can meet has a code here: what to tell them, whether it passes by itself. */
export const ERRORS = {
  bad_config: { text: 'The configuration is not valid.', retryable: false },
  database_down: { text: 'The database cannot be reached.', retryable: true },
  database_full: { text: 'The database has no room left.', retryable: true },
  database_newer: { text: 'The database was written by a newer version.', retryable: false },
  homeserver_down: { text: 'The homeserver cannot be reached.', retryable: true },
  homeserver_refused: { text: 'The homeserver refused the request.', retryable: false },
  not_logged_in: { text: 'You are not logged in to this network.', retryable: false },
  not_permitted: { text: 'You are not permitted to do this.', retryable: false },
  not_a_member: { text: 'Your account is not in this conversation.', retryable: false },
  unsupported: { text: 'This cannot be sent to the network.', retryable: false },
  too_large: { text: 'This is larger than the network accepts.', retryable: false },
  too_old: { text: 'This could not be delivered in time.', retryable: false },
  network_refused: { text: 'The network refused this.', retryable: false },
  network_down: { text: 'The network cannot be reached.', retryable: true },
  bad_event: { text: 'The event cannot be understood.', retryable: false },
  bad_request: { text: 'The request cannot be understood.', retryable: false },
  internal: { text: 'Something went wrong inside the bridge.', retryable: true },
} as const

export type ErrorCode = keyof typeof ERRORS

/** A fault with a code of the table. `message` may go to a log and to its user, so it never holds a secret. */
export class ViaductError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown }) {
    super(detail ?? ERRORS[code].text, options)
    this.name = 'ViaductError'
    this.code = code
    this.retryable = ERRORS[code].retryable
  }
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
