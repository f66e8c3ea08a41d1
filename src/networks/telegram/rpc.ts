import { tl } from '@mtcute/core'

/** What the server refused, e.g. `{ code: 420, text: 'FLOOD_WAIT_%d', seconds: 30 }`. */
export type Refused = { code: number; text: string; seconds?: number }

/** Reads an error of the server; undefined for every other one, after which nobody knows what became of the call. */
export function refusalOf(error: unknown): Refused | undefined {
  if (!(error instanceof tl.RpcError)) return undefined
  const { code, text } = error
  // mtcute ends a call of its own accord under this name.
  if ((text as string) === 'TIMEOUT') return undefined
  const seconds: unknown = (error as { seconds?: unknown }).seconds
  return { code, text, ...(typeof seconds === 'number' && { seconds }) }
}

/** `FLOOD_WAIT`, of `FLOOD_WAIT_%d`. */
export const nameOfRefusal = ({ text }: Refused): string => text.replace(/_(?:%[ds]|\d+)$/, '')

/** The account is not logged in any more, or not allowed to be. */
export const SESSION_ENDED: ReadonlySet<string> = new Set([
  'AUTH_KEY_UNREGISTERED',
  'AUTH_KEY_INVALID',
  'AUTH_KEY_DUPLICATED',
  'SESSION_REVOKED',
  'SESSION_EXPIRED',
  'USER_DEACTIVATED',
  'USER_DEACTIVATED_BAN',
])

/** Seconds as people say them. */
export function inWords(seconds: number): string {
  if (seconds < 90) return `${seconds} seconds`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} minutes`
  return `${Math.round(seconds / 3600)} hours`
}
