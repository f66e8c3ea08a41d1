import type { Channel } from './channel.ts'
import { rankOf } from './channel.ts'
import type { Ircd } from './ircd.ts'
import { isTagDenied, PREFIXES } from './isupport.ts'
import type { Tags } from './line.ts'
import type { Message } from './message.ts'
import { linesFor } from './message.ts'
import type { Part } from './multiline-batch.ts'
import { answerAsService, isService } from './services.ts'
import type { Session } from './session.ts'

export type Content = { command: 'PRIVMSG' | 'NOTICE' | 'TAGMSG'; parts: readonly Part[]; tags: Tags }

/** Delivers a message to one target: a channel, `@#channel`, a user or a service; answers errors; echoes. */
export function deliver(ircd: Ircd, from: Session, target: string, content: Content): void {
  const { refuse } = from.effects
  if (refuse !== undefined) return from.numeric(refuse.numeric, target, refuse.text)
  const sign = PREFIXES.find(([, prefix]) => target.startsWith(prefix))
  const name = sign === undefined ? target : target.slice(1)
  if (name.startsWith('#')) return toChannel(ircd, from, name, sign, content)
  if (isService(ircd, target)) {
    echo(ircd, from, accept(ircd, from, target, content))
    if (content.command === 'PRIVMSG') answerAsService(ircd, from, target, content.parts[0]?.text ?? '')
    return undefined
  }
  return toUser(ircd, from, target, content)
}

function toChannel(
  ircd: Ircd,
  from: Session,
  name: string,
  sign: readonly [string, string] | undefined,
  content: Content,
): void {
  const channel = ircd.channel(name)
  // RFC 2812 section 3.3.2: a NOTICE is never answered with an error.
  const mute = content.command === 'NOTICE'
  if (channel === undefined) return mute ? undefined : from.numeric('403', name, 'No such channel')
  const why = channel.silenced(from)
  if (why !== undefined) return mute ? undefined : from.numeric('404', channel.name, why)
  const message = accept(ircd, from, `${sign?.[1] ?? ''}${channel.name}`, content)
  sendToMembers(ircd, channel, message, from, sign === undefined ? undefined : rankOf(sign[0]))
  echo(ircd, from, message)
  return late401(ircd, from, name)
}

function toUser(ircd: Ircd, from: Session, target: string, content: Content): void {
  const to = ircd.user(target)
  const expected = from.effects.late401Ms !== undefined
  if (to?.registered !== true && !expected) {
    return content.command === 'NOTICE' ? undefined : from.numeric('401', target, 'No such nick/channel')
  }
  const message = accept(ircd, from, to?.nick ?? target, content)
  if (to !== undefined && !expected) {
    if (to.away !== undefined && content.command === 'PRIVMSG') from.numeric('301', to.nick, to.away)
    for (const line of lines(ircd, message, to)) {
      if (to === from) to.sendAside(line)
      else to.send(line)
    }
  }
  echo(ircd, from, message)
  return late401(ircd, from, target)
}

/** Gives a message its id and time and keeps it. */
function accept(ircd: Ircd, from: Session, target: string, { command, parts, tags }: Content): Message {
  const message: Message = {
    msgid: ircd.nextMsgid(),
    at: ircd.now(),
    source: from.prefix,
    nick: from.nick,
    account: from.account,
    bot: from.modes.has('B'),
    command,
    target,
    toChannel: target.includes('#'),
    parts,
    tags: allowedTags(ircd, tags),
    relayedBy: undefined,
  }
  keep(ircd, message)
  return message
}

/** Puts a message into the history, unless it is one that nobody wants to read again, like typing. */
export function keep(ircd: Ircd, message: Message): void {
  const lasting = message.parts.length > 0 || Object.keys(message.tags).some((tag) => tag.endsWith('react'))
  if (ircd.settings.history && lasting) ircd.history.addMessage(message)
}

/** Brings a message to a channel's members but one, down to a rank. Members who get the same share the line. */
export function sendToMembers(
  ircd: Ircd,
  channel: Channel,
  message: Message,
  except: Session | undefined,
  lowestRank?: number,
): void {
  const [shared] = message.parts.length === 1 && except !== undefined ? lines(ircd, message, except) : []
  for (const member of channel.members.keys()) {
    if (member === except || (lowestRank !== undefined && channel.rank(member) > lowestRank)) continue
    if (shared !== undefined) member.send(shared)
    else for (const line of lines(ircd, message, member)) member.send(line)
  }
}

function lines(ircd: Ircd, message: Message, to: Session) {
  return linesFor(message, to, ircd.settings.name, lineLimit(ircd))
}

/** Bytes of a line with CR LF and without tags. */
export function lineLimit(ircd: Ircd): number {
  return Number(ircd.isupport.get('LINELEN') ?? 512)
}

function echo(ircd: Ircd, from: Session, message: Message): void {
  if (!from.caps.has('echo-message') || from.effects.echo === 'never') return
  for (const line of lines(ircd, changed(message, from), from)) from.send(line)
}

function changed(message: Message, { effects }: Session): Message {
  const change = (text: string) =>
    effects.echo === 'alter' ? `${text} (altered)` : text.slice(0, text.length >> 1)
  if (effects.echo === undefined) return message
  return { ...message, parts: message.parts.map((part) => ({ ...part, text: change(part.text) })) }
}

function allowedTags(ircd: Ircd, tags: Tags): Tags {
  const deny = ircd.isupport.get('CLIENTTAGDENY')
  return Object.fromEntries(
    Object.entries(tags).filter(([key]) => key.startsWith('+') && !isTagDenied(deny, key)),
  )
}

function late401(ircd: Ircd, from: Session, target: string): void {
  const ms = from.effects.late401Ms
  if (ms !== undefined) ircd.later(ms, () => from.numeric('401', target, 'No such nick/channel'))
}
