import { messageOf } from '../../model/errors.ts'
import type { LoginState } from '../../model/login.ts'
import { inWords, nameOfRefusal, refusalOf } from './rpc.ts'

/** How a connection ended, and what its owner is told. Not before `afterMs` does the server want to hear more. */
export type Ending = { state: LoginState; text: string; afterMs?: number }

const AGAIN = 'Say "login telegram" to log in again.'

/** Errors by which the server says that an account is not logged in any more, or not allowed to be; for every call. */
export const ENDINGS: Readonly<Record<string, Ending>> = {
  AUTH_KEY_UNREGISTERED: {
    state: 'bad_credentials',
    text: `This login was ended from another device. ${AGAIN}`,
  },
  AUTH_KEY_INVALID: {
    state: 'bad_credentials',
    text: `Telegram does not know this login any more. ${AGAIN}`,
  },
  AUTH_KEY_DUPLICATED: {
    state: 'bad_credentials',
    text: `Telegram ended this login because it was used from two places at once. ${AGAIN}`,
  },
  AUTH_KEY_PERM_EMPTY: {
    state: 'bad_credentials',
    text: `Telegram does not know this login any more. ${AGAIN}`,
  },
  SESSION_PASSWORD_NEEDED: {
    state: 'bad_credentials',
    text: `Telegram asks for the password of this account. ${AGAIN}`,
  },
  SESSION_REVOKED: { state: 'bad_credentials', text: `This login was ended from another device. ${AGAIN}` },
  SESSION_EXPIRED: { state: 'bad_credentials', text: `Telegram has let this login expire. ${AGAIN}` },
  USER_DEACTIVATED: { state: 'logged_out', text: 'This Telegram account was deleted.' },
  USER_DEACTIVATED_BAN: {
    state: 'blocked',
    text: 'Telegram has banned this account. Its support is at recover@telegram.org.',
  },
}

/** Reads an error, or the name of one, by which a connection ended. */
export function endingOf(error: unknown): Ending {
  const refused = typeof error === 'string' ? { code: 401, text: error } : refusalOf(error)
  if (refused === undefined)
    return { state: 'backoff', text: `Not connected to Telegram: ${messageOf(error)}` }
  const name = nameOfRefusal(refused)
  const known = Object.hasOwn(ENDINGS, name) ? ENDINGS[name] : undefined
  if (known !== undefined) return known
  if (refused.code === 420 && refused.seconds !== undefined)
    return {
      state: 'backoff',
      text: `Telegram asks to wait ${inWords(refused.seconds)}.`,
      afterMs: refused.seconds * 1000,
    }
  return { state: 'backoff', text: `Telegram refused the connection: ${name}` }
}
