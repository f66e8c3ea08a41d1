import { Long } from '@mtcute/core'
import type { tl } from '@mtcute/core'
import { ViaductError } from '../../model/errors.ts'
import type { NetworkCommand } from '../../model/network.ts'
import type { Directory } from './directory.ts'
import { contactName, publicName, usernameOf } from './names.ts'

const CALL = { timeout: 30_000, floodSleepThreshold: 5_000 }
const MOST = 50

/** The commands of Telegram, offered by the bot beside the common ones. */
export function commandsFor(directory: () => Directory): readonly NetworkCommand[] {
  return [
    {
      name: 'contacts',
      usage: 'contacts [WORDS]',
      help: 'People of your address book on Telegram.',
      async run(by, args) {
        const words = args.join(' ').toLowerCase()
        const answer = await directory().ask(by, (client) =>
          client.call({ _: 'contacts.getContacts', hash: Long.ZERO }, CALL),
        )
        const users = answer._ === 'contacts.contacts' ? answer.users : []
        const people = users.flatMap((user) => (user._ === 'user' ? [personLine(user)] : []))
        return listed(
          people.filter((line) => line.toLowerCase().includes(words)).toSorted(),
          'There is nobody of that name in your address book on Telegram.',
        )
      },
    },
    {
      name: 'search',
      usage: 'search WORDS',
      help: 'Looks for people, groups and channels of Telegram by name.',
      async run(by, args) {
        const q = args.join(' ').replace(/^@/, '')
        if (q.length < 3) throw new ViaductError('bad_request', 'Say at least three letters to look for.')
        const found = await directory().ask(by, (client) =>
          client.call({ _: 'contacts.search', q, limit: MOST }, CALL),
        )
        const lines = [...found.myResults, ...found.results].flatMap((peer) => lineOf(peer, found))
        return listed(
          [...new Set(lines)],
          'Telegram finds nothing. What has no public @name is entered by a link only.',
        )
      },
    },
  ]
}

function lineOf(peer: tl.TypePeer, { users, chats }: tl.contacts.RawFound): string[] {
  if (peer._ === 'peerUser') {
    const user = users.find((each) => each.id === peer.userId)
    return user?._ === 'user' ? [personLine(user)] : []
  }
  if (peer._ !== 'peerChannel') return []
  const channel = chats.find((each) => each.id === peer.channelId)
  const handle = channel?._ === 'channel' ? usernameOf(channel) : undefined
  return channel?._ !== 'channel' || handle === undefined
    ? []
    : [`${channel.title}: join @${handle} (${channel.broadcast === true ? 'channel' : 'group'})`]
}

function personLine(user: tl.RawUser): string {
  const name = contactName(user) || publicName(user) || 'Somebody'
  const handle = usernameOf(user)
  const phone = user.phone === undefined ? String(user.id) : `+${user.phone}`
  return `${name}: start-chat ${handle === undefined ? phone : `@${handle}`}`
}

function listed(lines: readonly string[], none: string): string {
  if (lines.length === 0) return none
  const more = lines.length > MOST ? [`… and ${lines.length - MOST} more`] : []
  return [...lines.slice(0, MOST).map((line) => `• ${line}`), ...more].join('\n')
}
