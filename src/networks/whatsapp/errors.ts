import type { ErrorCode } from '../../model/errors.ts'
import type { LoginState } from '../../model/login.ts'
import { rejected, retry, unknown } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'

/** What an answer of the server means for what was asked. */
export type Verdict =
  /** It is as it was asked for, or was before. */
  | { kind: 'done' }
  | { kind: 'rejected'; code: ErrorCode; why: string }
  | { kind: 'wait'; afterMs: number; why: string }
  /** It waits for the connection. */
  | { kind: 'login'; why: string }
  /** The list of devices that it was encrypted for is old: ask for it anew, send again under the same id. */
  | { kind: 'again'; after: 'devices'; why: string }
  /** Nobody knows what became of it; a repeat under the same id is safe. */
  | { kind: 'unknown'; why: string }

const no = (code: ErrorCode, why: string): Verdict => ({ kind: 'rejected', code, why })
const wait = (afterMs: number, why: string): Verdict => ({ kind: 'wait', afterMs, why })

const MINUTE_MS = 60_000

/**
 * The `error` of an acknowledgement. Codes as in XMPP, the others as whatsmeow and Baileys have them (`NACK_REASONS`,
 * `SERVER_ERROR_CODES`).
 */
const ACK_VERDICTS: Readonly<Record<number, Verdict>> = {
  400: no('bad_request', 'WhatsApp could not read the message.'),
  401: no('not_permitted', 'Your WhatsApp account may not write here.'),
  402: no('not_permitted', 'WhatsApp asks for a payment for this.'),
  403: no('not_permitted', 'You may not write in this chat.'),
  404: no('network_refused', 'WhatsApp does not know this person or group.'),
  405: no('not_permitted', 'WhatsApp does not allow this here.'),
  406: no('network_refused', 'WhatsApp does not accept this.'),
  408: wait(2_000, 'WhatsApp took too long.'),
  409: { kind: 'again', after: 'devices', why: 'The devices of the chat have changed.' },
  410: no('not_a_member', 'This group is not there any more.'),
  413: no('too_large', 'The message is too large for WhatsApp.'),
  420: wait(MINUTE_MS, 'WhatsApp asks your account to wait.'),
  421: { kind: 'again', after: 'devices', why: 'The chat uses other addresses now.' },
  429: wait(MINUTE_MS, 'WhatsApp asks your account to wait.'),
  463: no(
    'not_permitted',
    'WhatsApp does not let your account begin new chats at the moment. Write to this person from your phone, or wait until they write.',
  ),
  475: { kind: 'again', after: 'devices', why: 'The devices of the chat have changed.' },
  478: { kind: 'again', after: 'devices', why: 'The devices of the chat have changed.' },
  479: { kind: 'again', after: 'devices', why: 'The devices of the chat have changed.' },
  500: { kind: 'unknown', why: 'WhatsApp has trouble.' },
  503: wait(10_000, 'WhatsApp is not available.'),
}

/** What the `error` of an acknowledgement means. Total: what is not known is a refusal with its number. */
export function ackVerdict(error: string | number): Verdict {
  const code = Number(error)
  const known = Object.hasOwn(ACK_VERDICTS, code) ? ACK_VERDICTS[code] : undefined
  if (known !== undefined) return known
  if (code > 500 && code < 600) return { kind: 'unknown', why: `WhatsApp has trouble (${code}).` }
  return no('network_refused', `WhatsApp refused the message (${String(error).slice(0, 20)}).`)
}

/** Answers to requests about groups and settings, by their code. */
const REQUEST_VERDICTS: Readonly<Record<number, Verdict>> = {
  304: { kind: 'done' },
  400: no('bad_request', 'WhatsApp could not read the request.'),
  401: no('not_permitted', 'Only administrators may do this in this group.'),
  403: no('not_permitted', 'You may not do this in this group.'),
  404: no('not_a_member', 'Your WhatsApp account is not in this group.'),
  405: no('not_permitted', 'WhatsApp does not allow this here.'),
  406: no('network_refused', 'WhatsApp does not accept this.'),
  408: wait(2_000, 'WhatsApp took too long.'),
  409: { kind: 'done' },
  410: no('not_a_member', 'This group is not there any more.'),
  412: no('network_refused', 'It has changed in the meantime.'),
  419: no('network_refused', 'The group has as many members as WhatsApp takes.'),
  429: wait(MINUTE_MS, 'WhatsApp asks your account to wait.'),
}

/** What the code of a refused request means. A request can always be repeated, so trouble is a wait. */
export function requestVerdict(code: number): Verdict {
  const known = Object.hasOwn(REQUEST_VERDICTS, code) ? REQUEST_VERDICTS[code] : undefined
  if (known !== undefined) return known
  return code >= 500 && code < 600
    ? wait(10_000, 'WhatsApp has trouble.')
    : no('network_refused', `WhatsApp refused it (${code}).`)
}

/** What became of one person of a request about members, by the status that WhatsApp gives for each. */
export function participantVerdict(
  status: string | number,
  action: 'add' | 'remove' | 'promote' | 'demote',
): Verdict {
  switch (Number(status)) {
    case 200:
      return { kind: 'done' }
    case 401:
      return no('not_permitted', 'This person has blocked you.')
    case 403:
      return action === 'add'
        ? no(
            'not_permitted',
            'The privacy settings of this person do not allow it. Send them an invitation link.',
          )
        : no('not_permitted', 'You may not do this in this group.')
    case 404:
      return action === 'add'
        ? no('network_refused', 'This person is not on WhatsApp.')
        : no('not_a_member', 'This person is not in the group.')
    case 408:
      return no('not_permitted', 'This person has just left the group and cannot be added yet.')
    case 409:
      return { kind: 'done' }
    case 417:
      return no('network_refused', 'The community has as many members as WhatsApp takes.')
    case 419:
      return no('network_refused', 'The group has as many members as WhatsApp takes.')
    default:
      return requestVerdict(Number(status))
  }
}

const AGAIN_MS = 1_000

/**
 * The outcome for the ledger. Stanzas have an id, so what nobody knows is tried again under the same one; `repeatable`
 * is false where the receivers might not drop a repeat.
 */
export function outcomeOf(
  verdict: Verdict,
  options: { repeatable: boolean } = { repeatable: true },
): SendOutcome {
  switch (verdict.kind) {
    case 'done':
      return { kind: 'delivered', remoteIds: [] }
    case 'rejected':
      return rejected(verdict.code, verdict.why)
    case 'wait':
      return retry(verdict.why, { afterMs: verdict.afterMs })
    case 'login':
      return retry(verdict.why, { waitsFor: 'login' })
    case 'again':
      return retry(verdict.why, { afterMs: AGAIN_MS })
    case 'unknown':
      return options.repeatable ? retry(verdict.why, { afterMs: AGAIN_MS }) : unknown(verdict.why)
  }
}

/** Why a connection has ended and what to do about it. */
export type Ending = {
  state: LoginState
  text?: string
  /** Connect again by itself: at once, after a while, or not before somebody does something. */
  reconnect: 'now' | 'later' | 'never'
  /** The secrets are worth nothing any more. */
  forget?: boolean
}

const gone = (text: string): Ending => ({ state: 'logged_out', text, reconnect: 'never', forget: true })
const later = (text?: string): Ending => ({
  state: 'backoff',
  ...(text !== undefined && { text }),
  reconnect: 'later',
})
const blocked = (text: string): Ending => ({ state: 'blocked', text, reconnect: 'never' })

const LINK_AGAIN = 'Link this bridge again to go on.'
const SILENT_PHONE =
  'If your phone was offline for 14 days, WhatsApp has ended the login: open WhatsApp on it, then link this bridge again.'

/** `DisconnectReason` of Baileys, and `ConnectFailureReason` of whatsmeow for what the server says before a login. */
const ENDINGS: Readonly<Record<number, Ending>> = {
  400: later('WhatsApp did not take the connection.'),
  401: gone(`The login was ended: on your phone under “Linked devices”, or by WhatsApp. ${SILENT_PHONE}`),
  402: blocked('WhatsApp has banned this account for a while.'),
  403: blocked(
    `WhatsApp has banned this account, or the phone is not registered any more. Open WhatsApp on your phone. ${LINK_AGAIN}`,
  ),
  405: blocked('WhatsApp asks for a newer version of this bridge.'),
  406: gone(`WhatsApp has ended the login. ${LINK_AGAIN}`),
  408: later('WhatsApp did not answer.'),
  409: blocked('WhatsApp asks for a newer version of this bridge.'),
  411: gone(`Your phone has no linked devices any more. Update WhatsApp on it. ${LINK_AGAIN}`),
  415: gone(`WhatsApp does not know this login any more. ${LINK_AGAIN}`),
  428: later('The connection was closed.'),
  440: {
    state: 'blocked',
    text: 'The same login was opened in another place, which has taken over. Connect again to bring it back here.',
    reconnect: 'never',
  },
  500: later('WhatsApp has trouble, or the connection was spoilt.'),
  503: later('WhatsApp is not available.'),
  515: { state: 'connecting', reconnect: 'now' },
}

/** Why WhatsApp bans an account for a while (`TempBanReason` of whatsmeow). */
const BANS: Readonly<Record<number, string>> = {
  101: 'too many messages to people who do not know you',
  102: 'too many people have blocked you',
  103: 'too many groups with people who do not know you',
  104: 'the same message too often',
  106: 'too many messages to a broadcast list',
}

/**
 * What the end of a connection means. `data` is what the server said beside the number: of a ban the reason and how many
 * seconds it lasts. Total: what is not known is tried again.
 */
export function endingOf(status: number | undefined, data?: { code?: string; expire?: string }): Ending {
  const known = status !== undefined && Object.hasOwn(ENDINGS, status) ? ENDINGS[status] : undefined
  if (status === 402 && known !== undefined) {
    const reason = BANS[Number(data?.code)]
    const hours = Math.ceil(Number(data?.expire ?? 0) / 3_600)
    const time = hours > 0 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : 'a while'
    const why = reason === undefined ? '' : `: ${reason}`
    return { ...known, text: `WhatsApp has banned this account for ${time}${why}.` }
  }
  return known ?? later()
}
