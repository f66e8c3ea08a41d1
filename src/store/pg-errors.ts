import { ViaductError } from '../model/errors.ts'

/**
 * What a failed database call asks for.
 * - `retry`: run the transaction again at once, it lost a race
 * - `unavailable`: the database is away, closing or too busy; wait and try again, nothing is wrong with the data
 * - `full`: no room on its disk
 * - `bug`: the statement or its data is wrong; trying the same again fails again
 */
export type PgErrorKind = 'retry' | 'unavailable' | 'full' | 'bug'

/** By SQLSTATE, or by its class of two characters where there is no row of its own (PostgreSQL, Appendix A). */
const BY_SQLSTATE: Readonly<Record<string, PgErrorKind>> = {
  '40001': 'retry', // serialization_failure
  '40P01': 'retry', // deadlock_detected
  '55P03': 'retry', // lock_not_available
  '55006': 'retry', // object_in_use
  '08': 'unavailable', // connection exception
  '28': 'unavailable', // invalid authorization: a changed password must not fail messages
  '53': 'unavailable', // insufficient resources
  '53100': 'full', // disk_full
  '57': 'unavailable', // operator intervention: shutdown, start-up, cancelled by a timeout
  '58': 'unavailable', // system error
  '25006': 'unavailable', // read_only_sql_transaction: a standby after a failover
  '3D000': 'unavailable', // invalid_catalog_name: the database is being made or restored
}

const BY_ERRNO: Readonly<Record<string, PgErrorKind>> = {
  ECONNREFUSED: 'unavailable',
  ECONNRESET: 'unavailable',
  ECONNABORTED: 'unavailable',
  ENOENT: 'unavailable',
  EPIPE: 'unavailable',
  ETIMEDOUT: 'unavailable',
  EHOSTUNREACH: 'unavailable',
  EHOSTDOWN: 'unavailable',
  ENETUNREACH: 'unavailable',
  ENETDOWN: 'unavailable',
  ENOTFOUND: 'unavailable',
  EAI_AGAIN: 'unavailable',
  EMFILE: 'unavailable',
  ENFILE: 'unavailable',
  ENOSPC: 'full',
  EDQUOT: 'full',
}

/** `pg` and `pg-pool` give no code for these. */
const UNAVAILABLE_TEXT =
  /^(Connection terminated|timeout expired|timeout exceeded|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/

/** Classifies whatever a database call threw; what it does not know is a `bug`. */
export function pgErrorKind(error: unknown): PgErrorKind {
  for (let e = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    if (e instanceof ViaductError && e.code === 'database_down') return 'unavailable'
    if (e instanceof ViaductError && e.code === 'database_full') return 'full'
    const code = codeOf(e)
    const kind =
      BY_SQLSTATE[code] ?? BY_ERRNO[code] ?? (isSqlState(code) ? BY_SQLSTATE[code.slice(0, 2)] : undefined)
    if (kind !== undefined) return kind
    if (UNAVAILABLE_TEXT.test(e.message)) return 'unavailable'
  }
  return 'bug'
}

/** The database cannot be used now; the same call can succeed later. A full disk counts. */
export function isUnavailable(error: unknown): boolean {
  const kind = pgErrorKind(error)
  return kind === 'unavailable' || kind === 'full'
}

/** The database's disk has no room. */
export function isFull(error: unknown): boolean {
  return pgErrorKind(error) === 'full'
}

/** The transaction lost a race (serialization, deadlock, lock timeout) and may run again at once. */
export function isRetryable(error: unknown): boolean {
  return pgErrorKind(error) === 'retry'
}

/** A unique constraint refused the row; with a name, that constraint. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof Error) || codeOf(error) !== '23505') return false
  return constraint === undefined || ('constraint' in error && error.constraint === constraint)
}

/** The server refused a statement and goes on, so the connection itself is sound. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'severity' in error && isSqlState(codeOf(error)) && !isUnavailable(error)
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)
}
