import { messageOf } from '../../model/errors.ts'
import { inWords, nameOfRefusal, refusalOf } from './rpc.ts'

/** Where a login goes on after an error: the same question again, the phone number again, or not at all. */
export type Trouble = { on: 'again' | 'phone' | 'end'; code: string; text: string }

const NEW_CODE = 'Telegram has forgotten this code.'

const TROUBLES: Readonly<Record<string, Omit<Trouble, 'code'>>> = {
  PHONE_NUMBER_INVALID: { on: 'phone', text: 'Telegram does not know this as a phone number.' },
  PHONE_NUMBER_UNOCCUPIED: {
    on: 'phone',
    text: 'There is no Telegram account with this number. Make one with an app of Telegram first.',
  },
  PHONE_NUMBER_BANNED: { on: 'end', text: 'Telegram has banned this phone number.' },
  PHONE_NUMBER_FLOOD: {
    on: 'end',
    text: 'There were too many logins with this number. Try again tomorrow.',
  },
  PHONE_PASSWORD_FLOOD: { on: 'end', text: 'There were too many wrong passwords. Try again tomorrow.' },
  PHONE_PASSWORD_PROTECTED: { on: 'end', text: 'This number is protected by a password. Use the QR code.' },
  PHONE_CODE_INVALID: { on: 'again', text: 'That is not the code.' },
  PHONE_CODE_EMPTY: { on: 'again', text: 'The code is empty.' },
  PHONE_CODE_EXPIRED: { on: 'phone', text: NEW_CODE },
  PHONE_CODE_HASH_EMPTY: { on: 'phone', text: NEW_CODE },
  SEND_CODE_UNAVAILABLE: { on: 'again', text: 'Telegram has no other way to send a code.' },
  PASSWORD_HASH_INVALID: { on: 'again', text: 'That is not the password.' },
  SRP_ID_INVALID: { on: 'again', text: 'That took too long for Telegram.' },
  SRP_PASSWORD_CHANGED: { on: 'again', text: 'The password was changed meanwhile.' },
  PASSWORD_MISSING: { on: 'end', text: 'This account has no password any more. Begin the login again.' },
  ACCESS_TOKEN_INVALID: { on: 'again', text: 'Telegram does not know this token.' },
  ACCESS_TOKEN_EXPIRED: {
    on: 'again',
    text: 'This token was replaced. Ask @BotFather for the present one.',
  },
  BOT_METHOD_INVALID: { on: 'end', text: 'This is not possible for bots.' },
  API_ID_INVALID: {
    on: 'end',
    text: 'Telegram does not accept api_id and api_hash of this bridge. Its administrator has to look at telegram: in the configuration.',
  },
  API_ID_PUBLISHED_FLOOD: {
    on: 'end',
    text: 'Telegram does not accept this api_id any more, because it is in public use. The administrator of the bridge has to get one of their own at https://my.telegram.org.',
  },
  AUTH_RESTART: { on: 'phone', text: 'Telegram wants the login to begin again.' },
  AUTH_TOKEN_EXPIRED: { on: 'again', text: 'The code was too old.' },
  AUTH_TOKEN_INVALID: { on: 'again', text: 'Telegram did not accept the code.' },
  AUTH_TOKEN_ALREADY_ACCEPTED: { on: 'end', text: 'This code was used already. Begin the login again.' },
  USER_DEACTIVATED: { on: 'end', text: 'This account was deleted.' },
  USER_DEACTIVATED_BAN: { on: 'end', text: 'Telegram has banned this account.' },
  SESSION_REVOKED: { on: 'end', text: 'The login was ended from another device.' },
  UPDATE_APP_TO_LOGIN: { on: 'end', text: 'Telegram wants a newer app for this account. Use the QR code.' },
}

/** What to tell somebody whose login met an error. No answer of theirs is ever in it. */
export function troubleOf(error: unknown): Trouble {
  const refused = refusalOf(error)
  if (refused === undefined) {
    const unanswered = /timeout|abort|closed|connect|destroyed/i.test(messageOf(error))
    const text = unanswered ? 'Telegram does not answer.' : `Something went wrong: ${messageOf(error)}.`
    return { on: 'again', code: 'network_down', text }
  }
  const code = nameOfRefusal(refused)
  if (refused.code === 420) {
    const wait = refused.seconds === undefined ? 'some time' : inWords(refused.seconds)
    return { on: 'again', code, text: `Telegram asks to wait ${wait} before the next try.` }
  }
  const known = Object.hasOwn(TROUBLES, code) ? TROUBLES[code] : undefined
  if (known !== undefined) return { ...known, code }
  return { on: 'end', code, text: `Telegram refused it: ${code}.` }
}
