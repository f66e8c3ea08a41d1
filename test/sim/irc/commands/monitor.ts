import { wrapWords } from '../caps.ts'
import type { Ircd } from '../ircd.ts'
import { LIMITS } from '../isupport.ts'
import type { Session } from '../session.ts'
import type { CommandTable } from './command.ts'

export const monitorCommands: CommandTable = { MONITOR: { min: 1, run: monitorCommand } }

/** https://ircv3.net/specs/extensions/monitor */
function monitorCommand(ircd: Ircd, me: Session, [verb = '', names = '']: readonly string[]): void {
  const nicks = names.split(',').filter((nick) => nick !== '')
  switch (verb.toUpperCase()) {
    case '+':
      return add(ircd, me, nicks)
    case '-':
      for (const nick of nicks) remove(ircd, me, nick)
      return undefined
    case 'C':
      for (const nick of me.monitored.values()) remove(ircd, me, nick)
      return undefined
    case 'L':
      for (const text of wrapWords([...me.monitored.values()], 400)) {
        if (text !== '') me.numeric('732', text.replaceAll(' ', ','))
      }
      return me.numeric('733', 'End of MONITOR list')
    case 'S':
      return status(ircd, me, [...me.monitored.values()])
    default:
      return undefined
  }
}

function add(ircd: Ircd, me: Session, nicks: readonly string[]): void {
  const room = LIMITS.monitor - me.monitored.size
  for (const nick of nicks.slice(0, room)) {
    const folded = ircd.fold(nick)
    me.monitored.set(folded, nick)
    const watchers = ircd.watchers.get(folded) ?? new Set()
    ircd.watchers.set(folded, watchers.add(me))
  }
  status(ircd, me, nicks.slice(0, room))
  if (nicks.length > room)
    me.numeric('734', `${LIMITS.monitor}`, nicks.slice(room).join(','), 'Monitor list is full')
}

function remove(ircd: Ircd, me: Session, nick: string): void {
  me.monitored.delete(ircd.fold(nick))
  ircd.watchers.get(ircd.fold(nick))?.delete(me)
}

function status(ircd: Ircd, me: Session, nicks: readonly string[]): void {
  for (const nick of nicks) {
    const user = ircd.user(nick)
    if (user?.registered === true) me.numeric('730', user.prefix)
    else me.numeric('731', nick)
  }
}
