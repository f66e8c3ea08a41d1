import { messageOf } from '../../model/errors.ts'
import type { LoginState } from '../../model/login.ts'

/** How a connection ended, what its owner is told, and in how many milliseconds there is a next one. */
export type Ending = {
  state: LoginState
  text?: string
  /** Absent: it depends on how many failed before. Infinity: there is no next one. */
  afterMs?: number
}

/** An account that WhatsApp does not want is looked at again from time to time. */
const BLOCKED_MS = 60 * 60_000
const REPLACED_MS = 10 * 60_000

const AGAIN = 'Say "login whatsapp" to link this bridge again.'

const gone = (text: string): Ending => ({ state: 'bad_credentials', text, afterMs: Infinity })
const blocked = (text: string): Ending => ({ state: 'blocked', text, afterMs: BLOCKED_MS })

/** `DisconnectReason` of Baileys, and `ConnectFailureReason` of whatsmeow for what the server says before a login. */
const ENDINGS: Readonly<Record<number, Ending>> = {
  401: gone(
    `The login was ended: on your phone under "Linked devices", or by WhatsApp because the phone was offline for 14 days. ${AGAIN}`,
  ),
  402: blocked('WhatsApp has banned this account for a while. The app on your phone says for how long.'),
  403: blocked(
    'WhatsApp has banned this account, or its phone is not registered any more. Open WhatsApp on your phone.',
  ),
  405: blocked('WhatsApp wants a newer version of this bridge. Its administrator has to update it.'),
  406: gone(`WhatsApp has ended the login. ${AGAIN}`),
  409: blocked('WhatsApp wants a newer version of this bridge. Its administrator has to update it.'),
  411: gone(`Your phone knows no linked devices of this kind. Update WhatsApp on it. ${AGAIN}`),
  419: gone(`WhatsApp does not know this login any more. ${AGAIN}`),
  440: {
    state: 'blocked',
    text: 'Another program has connected with the same login, and WhatsApp lets in one at a time. Is this bridge running twice?',
    afterMs: REPLACED_MS,
  },
  515: { state: 'connecting', afterMs: 0 },
}

/** Why WhatsApp bans an account for a while (`TempBanReason` of whatsmeow). */
const BANS: Readonly<Record<string, string>> = {
  101: 'too many messages to people who do not know you',
  102: 'too many people have blocked you',
  103: 'too many groups with people who do not know you',
  104: 'the same message too often',
  106: 'too many messages to a broadcast list',
}

/** What a connection fails with that is never greeted. */
export const NO_ANSWER = 'WhatsApp does not answer'

/** Reads the error by which a connection of Baileys ended. */
export function endingOf(error: unknown): Ending {
  const status = statusOf(error)
  const known = status === undefined ? undefined : ENDINGS[status]
  if (status === 402 && known !== undefined) return { ...known, text: banText(error) }
  if (known !== undefined) return known
  const isLost = status === 408 || status === 428
  const why = outOfReach(error)
  const text =
    why !== undefined
      ? `WhatsApp cannot be reached: ${why}.`
      : isLost
        ? 'The connection to WhatsApp was lost.'
        : `Not connected to WhatsApp: ${messageOf(error)}`
  return { state: 'backoff', text }
}

/** Errors of a connection that never was one (Node's, and those of OpenSSL before the first byte of the websocket). */
const OUT_OF_REACH: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name cannot be looked up',
  EAI_AGAIN: 'its name cannot be looked up at the moment',
  ECONNREFUSED: 'it refuses connections, or something before it does',
  EHOSTUNREACH: 'there is no way to it from here',
  ENETUNREACH: 'there is no way to it from here',
  ETIMEDOUT: 'nothing answers',
  EPROTO: 'what answers does not speak TLS',
}

function outOfReach(error: unknown): string | undefined {
  const message = messageOf(error)
  if (message.includes('Opening handshake has timed out') || message === NO_ANSWER) return 'nothing answers'
  const code = String(field(field(error, 'data'), 'code'))
  const words = Object.hasOwn(OUT_OF_REACH, code) ? OUT_OF_REACH[code] : undefined
  if (words !== undefined) return `${words} (${code})`
  return /CERT|SELF_SIGNED|UNABLE_TO/.test(code) ? `its certificate is not trusted (${code})` : undefined
}

/** The number of an error of Baileys. */
export function statusOf(error: unknown): number | undefined {
  const status = field(field(error, 'output'), 'statusCode')
  return typeof status === 'number' ? status : undefined
}

/** The number by which the server refused what was asked of it: Baileys keeps it beside a number of its own. */
export function refusalOf(error: unknown): number | undefined {
  const code = field(error, 'data')
  return Number.isInteger(code) ? Number(code) : statusOf(error)
}

/** What the server said beside the number: why, and for how many seconds. */
function banText(error: unknown): string {
  const data = field(error, 'data')
  const why = BANS[String(field(data, 'code'))]
  const hours = Math.ceil(Number(field(data, 'expire') ?? 0) / 3_600)
  const forHow = hours > 0 ? `for ${hours} ${hours === 1 ? 'hour' : 'hours'}` : 'for a while'
  return `WhatsApp has banned this account ${forHow}${why === undefined ? '' : `: ${why}`}.`
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
