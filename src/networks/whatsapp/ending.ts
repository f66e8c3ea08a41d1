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

/** Reads the error by which a connection of Baileys ended. */
export function endingOf(error: unknown): Ending {
  const status = statusOf(error)
  const known = status === undefined ? undefined : ENDINGS[status]
  if (status === 402 && known !== undefined) return { ...known, text: banText(error) }
  if (known !== undefined) return known
  const isLost = status === 408 || status === 428
  return {
    state: 'backoff',
    text: isLost ? 'The connection to WhatsApp was lost.' : `Not connected to WhatsApp: ${messageOf(error)}`,
  }
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
