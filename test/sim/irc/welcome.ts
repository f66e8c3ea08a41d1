import { wrapWords } from './caps.ts'
import type { Ircd } from './ircd.ts'
import { CHANNEL_MODES, LIMITS } from './isupport.ts'
import type { Session } from './session.ts'

/** Completes registration once nick, user, capabilities and ident are there. */
export function welcomeIfReady(ircd: Ircd, me: Session): void {
  if (
    me.registered ||
    me.closed ||
    me.nick === '*' ||
    me.user === '' ||
    me.negotiating ||
    me.ident === 'pending'
  )
    return
  if (me.ident === 'failed') me.user = `~${me.user}`.slice(0, LIMITS.user)
  if (typeof me.ident === 'object') me.user = me.ident.name.slice(0, LIMITS.user)
  const { settings } = ircd
  if (settings.password !== undefined && me.password !== settings.password) {
    me.numeric('464', 'Password incorrect')
    ircd.closeWithError(me, 'Bad Password')
    return
  }
  me.registered = true
  if (me.account !== undefined) me.modes.add('r')
  const version = 'sim-irc-1'
  const letters = Object.values(CHANNEL_MODES).join('')
  me.numeric('001', `Welcome to the ${settings.network} IRC Network ${me.prefix}`)
  me.numeric('002', `Your host is ${settings.name}, running version ${version}`)
  me.numeric('003', 'This server was created for this test')
  me.numeric('004', settings.name, version, 'Bir', `${letters}qaohv`)
  sendIsupport(ircd, me)
  sendMotd(ircd, me)
  ircd.tellWatchers(me.nick, true)
}

export function sendIsupport(ircd: Ircd, me: Session): void {
  const tokens = [...ircd.isupport].map(([name, value]) => (value === true ? name : `${name}=${value}`))
  // A line has room for 15 parameters, of which the nick and the text are two.
  for (let i = 0; i < tokens.length; i += 13) {
    me.numeric('005', ...tokens.slice(i, i + 13), 'are supported by this server')
  }
}

export function sendMotd(ircd: Ircd, me: Session): void {
  const { motd, name } = ircd.settings
  if (motd === undefined) return me.numeric('422', 'MOTD File is missing')
  me.numeric('375', `- ${name} Message of the day -`)
  for (const line of motd.split('\n'))
    for (const text of wrapWords(line.split(' '), 400)) me.numeric('372', `- ${text}`)
  return me.numeric('376', 'End of MOTD command')
}
