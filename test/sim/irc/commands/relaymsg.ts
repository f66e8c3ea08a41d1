import type { Ircd } from '../ircd.ts'
import { keep, sendToMembers } from '../relay.ts'
import type { Session } from '../session.ts'
import type { CommandTable } from './command.ts'

export const relaymsgCommands: CommandTable = { RELAYMSG: { min: 3, run: relaymsg } }

/** https://ircv3.net/specs/extensions/relaymsg: an operator speaks for `nick/network`, which is no user. */
function relaymsg(ircd: Ircd, me: Session, [name = '', nick = '', text = '']: readonly string[]): void {
  const separators = ircd.caps.get('draft/relaymsg')
  if (separators === undefined) return me.fail('RELAYMSG', 'NOT_ENABLED', 'RELAYMSG has been disabled')
  const channel = ircd.channel(name)
  if (channel === undefined) return me.numeric('403', name, 'No such channel')
  if (!channel.hasAtLeast(me, 'o')) {
    return me.fail('RELAYMSG', 'PRIVS_NEEDED', 'Only channel operators can relay messages')
  }
  if (!separators.split('').some((separator) => nick.includes(separator)) || /[\s!@+%*?:,.$]/.test(nick)) {
    return me.fail('RELAYMSG', 'INVALID_NICK', nick, 'Invalid nickname')
  }
  if (channel.isBanned(`${nick}!relay@${me.host}`))
    return me.fail('RELAYMSG', 'BANNED', nick, 'This nick is banned')
  const message = {
    msgid: ircd.nextMsgid(),
    at: ircd.now(),
    source: `${nick}!relay@${me.host}`,
    nick,
    account: undefined,
    bot: false,
    command: 'PRIVMSG',
    target: channel.name,
    toChannel: true,
    parts: [{ text, concat: false }],
    tags: {},
    relayedBy: me.nick,
  }
  keep(ircd, message)
  // The sender gets it too if it asked for echoes.
  return sendToMembers(ircd, channel, message, me.caps.has('echo-message') ? undefined : me)
}
