import { ViaductError } from '../../model/errors.ts'
import type { NetworkCommand } from '../../model/network.ts'
import type { Accounts } from './accounts.ts'
import { canonicalChat } from './chats.ts'
import { refusalOf } from './ending.ts'
import { requestVerdict } from './errors.ts'
import { isDirect, isGroup } from './ids.ts'

/** The times that WhatsApp's apps offer, in seconds. */
const TIMES: Readonly<Record<string, number>> = { off: 0, '24h': 86_400, '7d': 604_800, '90d': 7_776_000 }

/** The commands of WhatsApp, offered by the bot beside the common ones. */
export function commandsFor(accounts: () => Accounts): readonly NetworkCommand[] {
  const times = Object.keys(TIMES).join('|')
  return [
    {
      name: 'disappear',
      usage: `disappear ${times}`,
      help: 'After which time new messages disappear on WhatsApp; said in the room of the chat.',
      async run({ login }, [time = ''], chat) {
        if (login === undefined) throw new ViaductError('not_logged_in')
        if (chat === undefined) throw new ViaductError('bad_request', 'Say this in the room it is about.')
        const seconds = Object.hasOwn(TIMES, time) ? TIMES[time] : undefined
        if (seconds === undefined)
          throw new ViaductError('bad_request', `WhatsApp knows these times: ${times.replaceAll('|', ', ')}.`)
        const { session, connection } = accounts().liveOf(login.id)
        const jid = canonicalChat(session.view, chat.id)
        if (jid === undefined || !(isDirect(jid) || isGroup(jid)))
          throw new ViaductError('unsupported', 'Messages do not disappear here.')
        try {
          if (isGroup(jid)) await connection.baileys.groupToggleEphemeral(jid, seconds)
          else {
            await connection.baileys.sendMessage(jid, { disappearingMessagesInChat: seconds })
            await connection.book.disappear(jid, seconds)
          }
        } catch (error) {
          const verdict = requestVerdict(refusalOf(error) ?? 503)
          if (verdict.kind === 'rejected') throw new ViaductError(verdict.code, verdict.why, { cause: error })
          throw new ViaductError('network_down', 'WhatsApp has not taken it. Try again.', { cause: error })
        }
        return seconds === 0
          ? 'New messages stay on WhatsApp.'
          : `New messages disappear on WhatsApp after ${time}. On Matrix they stay.`
      },
    },
  ]
}
