import { ALL_CAPS, formatCap, wrapWords } from '../caps.ts'
import type { Ircd } from '../ircd.ts'
import type { Session } from '../session.ts'
import { welcomeIfReady } from '../welcome.ts'
import type { CommandTable } from './command.ts'

/** Short, so that the whole list needs several lines. */
const LIST_LENGTH = 300

export const capabilityCommands: CommandTable = { CAP: { min: 1, early: true, run: capCommand } }

/** https://ircv3.net/specs/extensions/capability-negotiation */
function capCommand(ircd: Ircd, me: Session, [verb = '', argument = '']: readonly string[]): void {
  switch (verb.toUpperCase()) {
    case 'LS': {
      if (!me.registered) me.negotiating = true
      me.capVersion = Math.max(me.capVersion, Number(argument) || 301)
      if (me.capVersion >= 302 && ircd.caps.has('cap-notify')) me.caps.add('cap-notify')
      const withValue = me.capVersion >= 302
      return list(
        ircd,
        me,
        'LS',
        [...ircd.caps].map(([name, value]) => formatCap(name, value, withValue)),
      )
    }
    case 'LIST':
      return list(ircd, me, 'LIST', [...me.caps])
    case 'REQ':
      return request(ircd, me, argument)
    case 'END':
      me.negotiating = false
      return welcomeIfReady(ircd, me)
    default:
      return me.numeric('410', verb, 'Invalid CAP command')
  }
}

function list(ircd: Ircd, me: Session, verb: string, words: string[]): void {
  const texts = wrapWords(words, LIST_LENGTH)
  // Before version 302 a client does not know the `*` of a continued list.
  const parts = me.capVersion >= 302 ? texts : [texts.join(' ')]
  parts.forEach((text, i) => {
    me.send(ircd.line('CAP', me.nick, verb, ...(i < parts.length - 1 ? ['*'] : []), text))
  })
}

function request(ircd: Ircd, me: Session, text: string): void {
  if (!me.registered) me.negotiating = true
  const names = text.split(' ').filter((name) => name !== '')
  const known = names.every((name) => {
    const bare = name.replace(/^-/, '')
    return ircd.caps.has(bare) && !(ircd.faults.refusesCap(bare) && bare === name)
  })
  if (known) {
    for (const name of names) {
      if (name.startsWith('-')) me.caps.delete(name.slice(1))
      else me.caps.add(name)
    }
  }
  me.send(ircd.line('CAP', me.nick, known ? 'ACK' : 'NAK', text))
}

/** Offers capabilities from now on (`name` or `name=value`) and announces them. */
export function addCaps(ircd: Ircd, entries: readonly string[]): void {
  for (const entry of entries) {
    const [name = '', value] = entry.split(/=(.*)/s)
    ircd.caps.set(name, value ?? ALL_CAPS.get(name) ?? '')
  }
  announce(ircd, 'NEW', (version) =>
    entries.map((entry) => {
      const name = entry.split('=')[0] ?? ''
      return formatCap(name, ircd.caps.get(name) ?? '', version >= 302)
    }),
  )
}

/** Withdraws capabilities, from everyone. */
export function removeCaps(ircd: Ircd, names: readonly string[]): void {
  for (const name of names) ircd.caps.delete(name)
  announce(ircd, 'DEL', () => names)
  for (const session of ircd.sessions.values()) for (const name of names) session.caps.delete(name)
}

function announce(ircd: Ircd, verb: string, words: (version: number) => readonly string[]): void {
  for (const session of ircd.sessions.values()) {
    if (!session.caps.has('cap-notify')) continue
    session.send(ircd.line('CAP', session.nick, verb, words(session.capVersion).join(' ')))
  }
}
