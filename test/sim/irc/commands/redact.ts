import type { Ircd } from '../ircd.ts'
import type { Message } from '../message.ts'
import type { Session } from '../session.ts'
import type { CommandTable } from './command.ts'

export const redactCommands: CommandTable = { REDACT: { min: 2, run: redactCommand } }

/** https://ircv3.net/specs/extensions/message-redaction: one's own messages, an operator also those of others. */
function redactCommand(ircd: Ircd, me: Session, [target = '', msgid = '', reason]: readonly string[]): void {
  if (!ircd.caps.has('draft/message-redaction')) return me.numeric('421', 'REDACT', 'Unknown command')
  const channel = ircd.channel(target)
  const peer = ircd.user(target)
  if (channel === undefined ? peer === undefined : !channel.members.has(me)) {
    return me.fail('REDACT', 'INVALID_TARGET', target, 'You cannot delete messages from this target')
  }
  const fault = ircd.faults.takeRedactRefusal()
  if (fault !== undefined) return me.fail('REDACT', fault, target, msgid, 'You cannot delete this message')
  const message = ircd.history.message(msgid)
  if (message === undefined || !isIn(ircd, message, me, target)) {
    return me.fail('REDACT', 'UNKNOWN_MSGID', target, msgid, 'This message does not exist or is too old')
  }
  if (ircd.fold(message.nick) !== ircd.fold(me.nick) && channel?.hasAtLeast(me, 'h') !== true) {
    return me.fail(
      'REDACT',
      'REDACT_FORBIDDEN',
      target,
      msgid,
      'You are not authorised to delete this message',
    )
  }
  ircd.history.remove(msgid)
  const name = channel?.name ?? peer?.nick ?? target
  const line = ircd.from(me, 'REDACT', name, msgid, ...(reason === undefined ? [] : [reason]))
  const others = channel === undefined ? [peer] : [...channel.members.keys()]
  for (const other of others) {
    if (other !== undefined && other !== me && other.caps.has('draft/message-redaction')) other.send(line)
  }
  return me.caps.has('echo-message') && me.caps.has('draft/message-redaction') ? me.send(line) : undefined
}

function isIn(ircd: Ircd, message: Message, me: Session, target: string): boolean {
  const same = (a: string, b: string) => ircd.fold(a) === ircd.fold(b)
  if (message.toChannel) return same(message.target.slice(message.target.indexOf('#')), target)
  return (
    (same(message.nick, me.nick) && same(message.target, target)) ||
    (same(message.nick, target) && same(message.target, me.nick))
  )
}
