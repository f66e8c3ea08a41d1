import type { Ircd } from '../ircd.ts'
import { LIMITS } from '../isupport.ts'
import { cutBytes } from '../line.ts'
import { isService } from '../services.ts'
import type { Session } from '../session.ts'
import { sendMotd, sendIsupport, welcomeIfReady } from '../welcome.ts'
import type { CommandTable } from './command.ts'

export const registrationCommands: CommandTable = {
  PASS: { min: 1, early: true, run: passCommand },
  NICK: { early: true, run: nickCommand },
  USER: { min: 4, early: true, run: userCommand },
  PING: {
    min: 1,
    early: true,
    run: (ircd, me, [token = '']) => me.send(ircd.line('PONG', ircd.settings.name, token)),
  },
  PONG: { early: true, run: (_, me) => void me.deferAnswer() },
  QUIT: { early: true, run: quitCommand },
  SETNAME: { min: 1, run: setnameCommand },
  VERSION: { run: versionCommand },
  MOTD: { run: (ircd, me) => sendMotd(ircd, me) },
}

const NICK = /^[A-Za-z[\]\\`_^{|}][-A-Za-z0-9[\]\\`_^{|}]*$/
const NICK_REFUSALS: Record<string, string> = {
  '432': 'Erroneous Nickname',
  '433': 'Nickname is already in use',
  '436': 'Nickname collision KILL',
  '437': 'Nick/channel is temporarily unavailable',
}

function passCommand(_: Ircd, me: Session, [password = '']: readonly string[]): void {
  if (me.registered) me.numeric('462', 'You may not reregister')
  else me.password = password
}

function nickCommand(ircd: Ircd, me: Session, [nick = '']: readonly string[]): void {
  if (nick === '') return me.numeric('431', 'No nickname given')
  const why = refusal(ircd, me, nick)
  if (why !== undefined) return me.numeric(why, nick, NICK_REFUSALS[why] ?? '')
  if (!me.registered) {
    ircd.setNick(me, nick)
    return welcomeIfReady(ircd, me)
  }
  if (nick === me.nick) return undefined
  const line = ircd.from(me, 'NICK', nick)
  me.send(line)
  for (const peer of ircd.peers(me)) peer.send(line)
  for (const channel of me.channels) ircd.recordEvent(channel, line)
  return ircd.setNick(me, nick)
}

function refusal(ircd: Ircd, me: Session, nick: string): string | undefined {
  const fault = ircd.faults.nickRefusal(nick)
  if (fault !== undefined) return fault
  if (!NICK.test(nick) || nick.length > ircd.settings.nickLen) return '432'
  const holder = ircd.user(nick)
  return isService(ircd, nick) || (holder !== undefined && holder !== me) ? '433' : undefined
}

function userCommand(ircd: Ircd, me: Session, [user = '', , , realname = '']: readonly string[]): void {
  if (me.user !== '') return me.numeric('462', 'You may not reregister')
  me.user = cutBytes(user.replace(/[^-\w.~[\]\\`^{|}]/g, ''), LIMITS.user)
  me.realname = cutBytes(realname, LIMITS.realname)
  return welcomeIfReady(ircd, me)
}

function quitCommand(ircd: Ircd, me: Session, [reason]: readonly string[]): void {
  ircd.closeWithError(me, reason === undefined ? 'Client Quit' : `Quit: ${reason}`)
}

function setnameCommand(ircd: Ircd, me: Session, [realname = '']: readonly string[]): void {
  if (Buffer.byteLength(realname) > LIMITS.realname) {
    return me.fail('SETNAME', 'INVALID_REALNAME', 'Realname is not valid')
  }
  me.realname = realname
  const line = ircd.from(me, 'SETNAME', realname)
  if (me.caps.has('setname')) me.send(line)
  return ircd.notify(me, 'setname', line)
}

function versionCommand(ircd: Ircd, me: Session): void {
  me.numeric('351', 'sim-irc-1', ircd.settings.name, 'a simulated IRC server')
  sendIsupport(ircd, me)
}
