import { messageOf } from '../../model/errors.ts'
import type { LoginState } from '../../model/login.ts'
import { inWords, nameOfRefusal, refusalOf } from './rpc.ts'

/** How a connection ended, and what its owner is told. */
export type Ending = { state: LoginState; text: string }

const AGAIN = 'Say "login telegram" to log in again.'

const ENDINGS: Readonly<Record<string, Ending>> = {
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
    return { state: 'backoff', text: `Telegram asks to wait ${inWords(refused.seconds)}.` }
  return { state: 'backoff', text: `Telegram refused the connection: ${name}` }
}
