import { MatrixError } from '@vector-im/matrix-bot-sdk'
import { messageOf } from '../model/errors.ts'
import { HomeserverPaused } from './circuit.ts'
import { NoPuppetRegistration } from './client.ts'
import type { Reply } from './http.ts'
import type { Actor, MatrixOutcome } from './ports.ts'
import { retryAfterMs } from './retry-after.ts'

/** What an answer, or the lack of one, means. */
export type Verdict =
  | { kind: 'ok'; body: Record<string, unknown> }
  /** It may have happened: the same request again. */
  | { kind: 'doubt'; why: string; afterMs?: number }
  | { kind: 'limited'; why: string; afterMs: number }
  | { kind: 'unknown-device'; why: string }
  | { kind: 'unregistered'; why: string }
  | { kind: 'masquerade'; why: string }
  | { kind: 'bad-token'; why: string }
  | { kind: 'forbidden'; why: string }
  | { kind: 'too-large'; why: string }
  | { kind: 'malformed'; why: string }
  | { kind: 'not-found'; why: string }
  | { kind: 'unrecognized'; why: string }
  | { kind: 'duplicate-annotation'; why: string }
  | { kind: 'refused'; status: number; errcode: string; why: string }

/** Whatever is not success. */
export type Failure = Exclude<Verdict, { kind: 'ok' }>

const DEFAULT_LIMIT_MS = 1000
const LONGEST_LIMIT_MS = 10 * 60_000
/** A wrong token or namespace mends only by hand; asking often helps nobody. */
const CONFIGURATION_RETRY_MS = 60_000

const BY_ERRCODE: Readonly<Record<string, Exclude<Verdict['kind'], 'ok' | 'limited' | 'refused' | 'doubt'>>> =
  {
    M_UNKNOWN_DEVICE: 'unknown-device',
    'ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE': 'unknown-device',
    M_UNKNOWN_TOKEN: 'bad-token',
    M_MISSING_TOKEN: 'bad-token',
    M_FORBIDDEN: 'forbidden',
    M_GUEST_ACCESS_FORBIDDEN: 'forbidden',
    M_USER_SUSPENDED: 'forbidden',
    M_USER_LOCKED: 'forbidden',
    M_TOO_LARGE: 'too-large',
    M_BAD_JSON: 'malformed',
    M_NOT_JSON: 'malformed',
    M_INVALID_PARAM: 'malformed',
    M_MISSING_PARAM: 'malformed',
    M_NOT_FOUND: 'not-found',
    M_UNRECOGNIZED: 'unrecognized',
    M_DUPLICATE_ANNOTATION: 'duplicate-annotation',
  }

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The meaning of an answer. */
export function classify({ status, headers, json }: Reply): Verdict {
  const body = isRecord(json) ? json : undefined
  if (status >= 200 && status < 300)
    return body === undefined ? { kind: 'doubt', why: `HTTP ${status} without JSON` } : { kind: 'ok', body }
  const errcode = typeof body?.['errcode'] === 'string' ? body['errcode'] : undefined
  const error = typeof body?.['error'] === 'string' ? body['error'].slice(0, 300) : ''
  const why = errcode === undefined ? `HTTP ${status}` : `${errcode}: ${error}`
  if (status === 429) return { kind: 'limited', why, afterMs: limitMs(headers, body) }
  if (status >= 500) return doubt(why, retryAfterMs(headers))
  if (status === 413) return { kind: 'too-large', why }
  // Without an error code it is not the homeserver that speaks but something before it.
  if (errcode === undefined) return doubt(why)
  const known = BY_ERRCODE[errcode]
  if (known === undefined) return { kind: 'refused', status, errcode, why }
  if (known === 'forbidden') return { kind: forbiddenKind(error), why }
  return { kind: known, why }
}

/** The meaning of whatever a request threw. The bot SDK throws three different things: see the branches. */
export function classifyError(error: unknown): Verdict {
  if (error instanceof HomeserverPaused) return { kind: 'doubt', why: error.message, afterMs: error.afterMs }
  if (error instanceof NoPuppetRegistration) return { kind: 'masquerade', why: error.message }
  if (error instanceof MatrixError)
    return classify({ status: error.statusCode, headers: waitOf(error), json: error.body })
  if (isRecord(error) && typeof error['statusCode'] === 'number') {
    const headers = isRecord(error['headers']) ? (error['headers'] as Reply['headers']) : {}
    return classify({ status: error['statusCode'], headers, json: error['body'] })
  }
  return { kind: 'doubt', why: messageOf(error) }
}

/** Waits for a request and says what came of it; never rejects. */
export async function settle(request: Promise<Reply>): Promise<Verdict> {
  try {
    return classify(await request)
  } catch (error) {
    return classifyError(error)
  }
}

/** The outcome of a request that did not succeed and that nothing more can be done about now. */
export function outcomeOf(verdict: Failure): Exclude<MatrixOutcome, { kind: 'delivered' }> {
  const { why } = verdict
  switch (verdict.kind) {
    case 'doubt':
      return verdict.afterMs === undefined
        ? { kind: 'retry', why }
        : { kind: 'retry', why, afterMs: verdict.afterMs }
    case 'limited':
      return { kind: 'retry', why, afterMs: verdict.afterMs }
    case 'unknown-device':
    case 'unregistered':
      return { kind: 'retry', why }
    case 'masquerade':
    case 'bad-token':
      return { kind: 'retry', why, afterMs: CONFIGURATION_RETRY_MS }
    case 'forbidden':
      return { kind: 'rejected', code: 'not_permitted', why }
    case 'too-large':
      return { kind: 'rejected', code: 'too_large', why }
    case 'malformed':
      return { kind: 'rejected', code: 'bad_event', why }
    case 'not-found':
      return { kind: 'rejected', code: 'not_found', why }
    default:
      return { kind: 'rejected', code: 'homeserver_refused', why }
  }
}

/** The SDK keeps the wait that was asked for, not the header. */
const waitOf = (error: MatrixError): Reply['headers'] =>
  error.retryAfterMs === undefined ? {} : { 'retry-after': String(error.retryAfterMs / 1000) }

/** The outcome for a request in somebody's name: a person who cannot be puppeted is not a fault to repeat. */
export const outcomeFor = (actor: Actor, verdict: Failure): Exclude<MatrixOutcome, { kind: 'delivered' }> =>
  verdict.kind === 'masquerade' && actor.puppet !== undefined
    ? { kind: 'rejected', code: 'no_puppet', why: verdict.why }
    : outcomeOf(verdict)

function doubt(why: string, afterMs?: number): Verdict {
  return afterMs === undefined ? { kind: 'doubt', why } : { kind: 'doubt', why, afterMs }
}

// Synapse and its relatives use one code for all of these; only the words differ.
function forbiddenKind(error: string): 'unregistered' | 'masquerade' | 'forbidden' {
  if (/not registered this user|user (?:does not exist|is not registered)/i.test(error)) return 'unregistered'
  if (/cannot masquerade|not in (?:the )?(?:appservice |application service )?namespace/i.test(error))
    return 'masquerade'
  return 'forbidden'
}

function limitMs(headers: Reply['headers'], body: Record<string, unknown> | undefined): number {
  const inBody = body?.['retry_after_ms']
  const asked = retryAfterMs(headers) ?? (typeof inBody === 'number' ? Math.ceil(inBody) : DEFAULT_LIMIT_MS)
  return Math.min(Math.max(0, asked), LONGEST_LIMIT_MS)
}
