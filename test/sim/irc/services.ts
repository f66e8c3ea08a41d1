import type { Account, Ircd } from './ircd.ts'
import { cutBytes } from './line.ts'
import type { Session } from './session.ts'

const SERVICES = ['NickServ', 'ChanServ'] as const
type Service = (typeof SERVICES)[number]

export function isService(ircd: Ircd, nick: string): boolean {
  return serviceOf(ircd, nick) !== undefined
}

export function servicePrefix(ircd: Ircd, service: string): string {
  return `${service}!${service}@services.${ircd.settings.name}`
}

/** Lets NickServ or ChanServ answer a message, by NOTICE. */
export function answerAsService(ircd: Ircd, from: Session, nick: string, text: string): void {
  const service = serviceOf(ircd, nick)
  if (service === undefined) return
  const [verb = '', ...args] = text.trim().split(/\s+/)
  const reply = (answer: string) => {
    const params = [from.nick, cutBytes(answer, 400)]
    from.send({ source: servicePrefix(ircd, service), command: 'NOTICE', params, msgid: ircd.nextMsgid() })
  }
  if (text.startsWith('\x01')) return
  if (service === 'NickServ') reply(nickServ(ircd, from, verb.toUpperCase(), args))
  else reply(chanServ(ircd, from, verb.toUpperCase(), args))
}

function serviceOf(ircd: Ircd, nick: string): Service | undefined {
  if (!ircd.settings.services) return undefined
  return SERVICES.find((service) => ircd.fold(service) === ircd.fold(nick))
}

function nickServ(ircd: Ircd, from: Session, verb: string, args: string[]): string {
  switch (verb) {
    case 'IDENTIFY':
      return identify(ircd, from, args)
    case 'REGISTER': {
      const [password] = args
      if (password === undefined) return 'Syntax: REGISTER <password> [email]'
      if (ircd.accounts.has(ircd.fold(from.nick))) return `${from.nick} is already registered.`
      ircd.setAccount(from, ircd.addAccount(from.nick, { password }).name)
      return `${from.nick} is now registered.`
    }
    case 'GHOST':
    case 'REGAIN':
      return regain(ircd, from, verb, args)
    case 'CERT':
      return certificate(ircd, from, args)
    case 'LOGOUT':
      ircd.setAccount(from, undefined)
      return 'You have been logged out.'
    default:
      return `Invalid command. Use /msg NickServ HELP for a command listing.`
  }
}

function identify(ircd: Ircd, from: Session, args: string[]): string {
  const [name, password] = args.length > 1 ? args : [from.nick, args[0]]
  if (password === undefined) return 'Insufficient parameters for IDENTIFY.'
  const account = ircd.accounts.get(ircd.fold(name ?? ''))
  if (account === undefined) return `${name ?? ''} is not a registered nickname.`
  if (account.password !== password) return `Invalid password for ${account.name}.`
  ircd.setAccount(from, account.name)
  return `You are now identified for ${account.name}.`
}

/** GHOST removes who holds a nick; REGAIN also takes the nick. */
function regain(ircd: Ircd, from: Session, verb: 'GHOST' | 'REGAIN', [nick, password]: string[]): string {
  if (nick === undefined) return `Insufficient parameters for ${verb}.`
  const account = ircd.accounts.get(ircd.fold(nick))
  if (account === undefined) return `${nick} is not a registered nickname.`
  const owns = from.account === account.name || (password !== undefined && account.password === password)
  if (!owns) return `Access denied for ${nick}.`
  const holder = ircd.user(nick)
  if (holder === from) return 'You may not ghost yourself.'
  if (holder !== undefined) ircd.closeWithError(holder, `${verb} command used by ${from.nick}`)
  else if (verb === 'GHOST') return `${nick} is not online.`
  if (verb === 'GHOST') return `${nick} has been ghosted.`
  const line = ircd.from(from, 'NICK', nick)
  from.send(line)
  for (const peer of ircd.peers(from)) peer.send(line)
  ircd.setNick(from, nick)
  return `${nick} has been regained.`
}

function certificate(ircd: Ircd, from: Session, [verb = '', given]: string[]): string {
  const account: Account | undefined = ircd.accounts.get(ircd.fold(from.account ?? ''))
  if (account === undefined) return 'You are not logged in.'
  const fingerprint = (given ?? from.link.certfp)?.replaceAll(':', '').toLowerCase()
  switch (verb.toUpperCase()) {
    case 'ADD':
      if (fingerprint === undefined) return 'You are not using a client certificate.'
      if (!/^[0-9a-f]{40,128}$/.test(fingerprint)) return `Invalid certificate fingerprint.`
      account.certfps.add(fingerprint)
      return `Added fingerprint ${fingerprint} to your fingerprint list.`
    case 'DEL':
      return account.certfps.delete(fingerprint ?? '')
        ? `Deleted fingerprint ${fingerprint ?? ''} from your fingerprint list.`
        : 'No such fingerprint.'
    case 'LIST':
      return `Fingerprint list for ${account.name}: ${[...account.certfps].join(' ')}`
    default:
      return 'Syntax: CERT ADD|DEL|LIST [fingerprint]'
  }
}

/** OP gives channel operator status to whoever is logged in, so that a test never lacks an operator. */
function chanServ(ircd: Ircd, from: Session, verb: string, [name = '', nick]: string[]): string {
  const channel = ircd.channel(name)
  const user = nick === undefined ? from : ircd.user(nick)
  if (verb !== 'OP') return `Invalid command. Use /msg ChanServ HELP for a command listing.`
  if (from.account === undefined) return 'You are not authorized to perform this operation.'
  if (channel === undefined || user === undefined) return `Channel ${name} is not registered.`
  if (!channel.setMembership(user, 'o', true)) return `${user.nick} is already opped on ${channel.name}.`
  const source = servicePrefix(ircd, 'ChanServ')
  ircd.event(channel, { source, command: 'MODE', params: [channel.name, '+o', user.nick], at: ircd.now() })
  return `${user.nick} has been opped on ${channel.name}.`
}
