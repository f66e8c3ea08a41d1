import type { Channel } from '../channel.ts'
import { maskMatcher } from '../channel.ts'
import type { Ircd } from '../ircd.ts'
import { LIMITS } from '../isupport.ts'
import { cutBytes } from '../line.ts'
import { isService } from '../services.ts'
import type { Session } from '../session.ts'
import type { CommandTable } from './command.ts'

export const queryCommands: CommandTable = {
  WHO: { min: 1, run: whoCommand },
  WHOIS: { min: 1, run: whoisCommand },
  USERHOST: { min: 1, run: userhostCommand },
  ISON: { min: 1, run: isonCommand },
  AWAY: { run: awayCommand },
}

function whoCommand(ircd: Ircd, me: Session, [target = '*']: readonly string[]): void {
  const channel = ircd.channel(target)
  if (channel !== undefined) {
    for (const member of channel.members.keys()) sendWho(ircd, me, member, channel)
  } else if (!target.startsWith('#')) {
    const exact = ircd.user(target)
    const matches = maskMatcher(target, ircd.fold)
    const found =
      exact === undefined ? [...ircd.users.values()].filter((user) => matches(user.nick)) : [exact]
    for (const user of found) if (user.registered) sendWho(ircd, me, user, undefined)
  }
  me.numeric('315', target, 'End of WHO list')
}

function sendWho(ircd: Ircd, me: Session, user: Session, channel: Channel | undefined): void {
  const prefixes = channel?.prefixes(user) ?? ''
  const bot = user.modes.has('B') ? 'B' : ''
  const flags = `${user.away === undefined ? 'H' : 'G'}${bot}${me.caps.has('multi-prefix') ? prefixes : prefixes.slice(0, 1)}`
  const { name } = ircd.settings
  me.numeric('352', channel?.name ?? '*', user.user, user.host, name, user.nick, flags, `0 ${user.realname}`)
}

function whoisCommand(ircd: Ircd, me: Session, params: readonly string[]): void {
  const nick = params.at(-1) ?? ''
  const user = ircd.user(nick)
  if (user?.registered === true) {
    const shown = [...user.channels].filter((channel) => !channel.flags.has('s') || channel.members.has(me))
    me.numeric('311', user.nick, user.user, user.host, '*', user.realname)
    if (shown.length > 0) {
      const names = shown.map((channel) => channel.prefixes(user).slice(0, 1) + channel.name)
      me.numeric('319', user.nick, names.join(' '))
    }
    me.numeric('312', user.nick, ircd.settings.name, 'a simulated server')
    if (user.account !== undefined) me.numeric('330', user.nick, user.account, 'is logged in as')
    if (user.link.secure) me.numeric('671', user.nick, 'is using a secure connection')
    if (user.link.certfp !== undefined && (user === me || me.modes.has('o'))) {
      me.numeric('276', user.nick, `has client certificate fingerprint ${user.link.certfp}`)
    }
    if (user.modes.has('B')) me.numeric('335', user.nick, 'is a bot')
    if (user.away !== undefined) me.numeric('301', user.nick, user.away)
  } else if (isService(ircd, nick)) {
    me.numeric('311', nick, nick, `services.${ircd.settings.name}`, '*', 'Simulated services')
    me.numeric('312', nick, `services.${ircd.settings.name}`, 'Simulated services')
    me.numeric('313', nick, 'is a Network Service')
  } else me.numeric('401', nick, 'No such nick/channel')
  me.numeric('318', nick, 'End of WHOIS list')
}

function userhostCommand(ircd: Ircd, me: Session, params: readonly string[]): void {
  const words = params.slice(0, 5).flatMap((nick) => {
    const user = ircd.user(nick)
    if (user?.registered !== true) return []
    return [`${user.nick}=${user.away === undefined ? '+' : '-'}${user.user}@${user.host}`]
  })
  me.numeric('302', words.join(' '))
}

function isonCommand(ircd: Ircd, me: Session, params: readonly string[]): void {
  const nicks = params.flatMap((param) => param.split(' ')).map((nick) => ircd.user(nick))
  me.numeric('303', nicks.flatMap((user) => (user?.registered === true ? [user.nick] : [])).join(' '))
}

function awayCommand(ircd: Ircd, me: Session, [text]: readonly string[]): void {
  me.away = text === undefined || text === '' ? undefined : cutBytes(text, LIMITS.away)
  if (me.away === undefined) me.numeric('305', 'You are no longer marked as being away')
  else me.numeric('306', 'You have been marked as being away')
  ircd.notify(me, 'away-notify', ircd.from(me, 'AWAY', ...(me.away === undefined ? [] : [me.away])))
}
