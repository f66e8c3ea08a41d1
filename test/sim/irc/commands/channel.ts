import { wrapWords } from '../caps.ts'
import type { Channel } from '../channel.ts'
import type { Ircd } from '../ircd.ts'
import { LIMITS } from '../isupport.ts'
import { cutBytes } from '../line.ts'
import { sendReadMarker } from '../read-marker.ts'
import type { Session } from '../session.ts'
import type { CommandTable } from './command.ts'

export const channelCommands: CommandTable = {
  JOIN: { min: 1, run: joinCommand },
  PART: { min: 1, run: partCommand },
  NAMES: { run: namesCommand },
  TOPIC: { min: 1, run: topicCommand },
  KICK: { min: 2, run: kickCommand },
  INVITE: { min: 2, run: inviteCommand },
  LIST: { run: listCommand },
}

/** Any bytes but NUL, BEL, CR, LF, space and comma (RFC 2812 section 1.3). */
const CHANNEL = /^#[^\0\x07\r\n ,]*$/

function joinCommand(ircd: Ircd, me: Session, [names = '', keys = '']: readonly string[]): void {
  if (names === '0') {
    for (const channel of me.channels) leave(ircd, me, channel, undefined)
    return
  }
  const given = keys.split(',')
  names.split(',').forEach((name, i) => join(ircd, me, name, given[i] ?? ''))
}

function join(ircd: Ircd, me: Session, name: string, key: string): void {
  if (!CHANNEL.test(name) || name.length > LIMITS.channel) return me.numeric('403', name, 'No such channel')
  const existing = ircd.channel(name)
  if (existing?.members.has(me) === true) return undefined
  const why = existing === undefined ? undefined : refusal(existing, me, key)
  if (why !== undefined) return me.numeric(why, name, 'Cannot join channel')
  const channel = ircd.openChannel(name)
  channel.members.set(me, channel.members.size === 0 ? 'o' : '')
  channel.invited.delete(me)
  me.channels.add(channel)
  announceJoin(ircd, channel, me)
  sendTopic(me, channel)
  sendReadMarker(ircd, me, channel.name)
  return sendNames(me, channel)
}

function refusal(channel: Channel, me: Session, key: string): string | undefined {
  if (channel.invited.has(me)) return undefined
  if (channel.isBanned(me.prefix)) return '474'
  if (channel.flags.has('i') && !channel.listed('I', me.prefix)) return '473'
  if (channel.key !== undefined && channel.key !== key) return '475'
  return channel.limit !== undefined && channel.members.size >= channel.limit ? '471' : undefined
}

function announceJoin(ircd: Ircd, channel: Channel, me: Session): void {
  const plain = ircd.from(me, 'JOIN', channel.name)
  const extended = { ...plain, params: [channel.name, me.account ?? '*', me.realname] }
  for (const member of channel.members.keys())
    member.send(member.caps.has('extended-join') ? extended : plain)
  ircd.recordEvent(channel, extended)
  if (me.away === undefined) return
  const away = ircd.from(me, 'AWAY', me.away)
  for (const member of channel.members.keys())
    if (member !== me && member.caps.has('away-notify')) member.send(away)
}

function partCommand(ircd: Ircd, me: Session, [names = '', reason]: readonly string[]): void {
  for (const name of names.split(',')) {
    const channel = joined(ircd, me, name)
    if (channel !== undefined) leave(ircd, me, channel, reason)
  }
}

function leave(ircd: Ircd, me: Session, channel: Channel, reason: string | undefined): void {
  ircd.event(channel, ircd.from(me, 'PART', channel.name, ...(reason === undefined ? [] : [reason])))
  ircd.removeMember(channel, me)
}

/** The channel, if it exists and the user is in it; else the error is sent. */
function joined(ircd: Ircd, me: Session, name: string): Channel | undefined {
  const channel = ircd.channel(name)
  if (channel === undefined) me.numeric('403', name, 'No such channel')
  else if (!channel.members.has(me)) me.numeric('442', channel.name, "You're not on that channel")
  else return channel
  return undefined
}

function namesCommand(ircd: Ircd, me: Session, [name = '*']: readonly string[]): void {
  const channel = ircd.channel(name)
  const hidden = channel?.flags.has('s') === true && !channel.members.has(me)
  if (channel === undefined || hidden) me.numeric('366', name, 'End of /NAMES list')
  else sendNames(me, channel)
}

function sendNames(me: Session, channel: Channel): void {
  const words = [...channel.members.keys()].map((member) => {
    const prefixes = channel.prefixes(member)
    const name = me.caps.has('userhost-in-names') ? member.prefix : member.nick
    return `${me.caps.has('multi-prefix') ? prefixes : prefixes.slice(0, 1)}${name}`
  })
  const symbol = channel.flags.has('s') ? '@' : channel.flags.has('p') ? '*' : '='
  for (const text of wrapWords(words, 380)) me.numeric('353', symbol, channel.name, text)
  me.numeric('366', channel.name, 'End of /NAMES list')
}

function sendTopic(me: Session, { name, topic }: Channel): void {
  if (topic === undefined) return
  me.numeric('332', name, topic.text)
  me.numeric('333', name, topic.by, `${Math.floor(topic.at.getTime() / 1000)}`)
}

function topicCommand(ircd: Ircd, me: Session, [name = '', text]: readonly string[]): void {
  const channel = joined(ircd, me, name)
  if (channel === undefined) return undefined
  if (text === undefined) {
    return channel.topic === undefined
      ? me.numeric('331', channel.name, 'No topic is set')
      : sendTopic(me, channel)
  }
  if (channel.flags.has('t') && !channel.hasAtLeast(me, 'h')) return notOperator(me, channel)
  const topic = cutBytes(text, LIMITS.topic)
  channel.topic = topic === '' ? undefined : { text: topic, by: me.prefix, at: ircd.now() }
  return ircd.event(channel, ircd.from(me, 'TOPIC', channel.name, topic))
}

function kickCommand(
  ircd: Ircd,
  me: Session,
  [name = '', nicks = '', reason = me.nick]: readonly string[],
): void {
  const channel = joined(ircd, me, name)
  if (channel === undefined) return
  for (const nick of nicks.split(',')) kick(ircd, me, channel, nick, reason)
}

function kick(ircd: Ircd, me: Session, channel: Channel, nick: string, reason: string): void {
  const user = ircd.user(nick)
  if (user === undefined || !channel.members.has(user)) {
    return me.numeric('441', nick, channel.name, "They aren't on that channel")
  }
  if (!channel.hasAtLeast(me, 'h') || channel.rank(user) < channel.rank(me)) return notOperator(me, channel)
  ircd.event(channel, ircd.from(me, 'KICK', channel.name, user.nick, cutBytes(reason, LIMITS.kick)))
  return ircd.removeMember(channel, user)
}

function inviteCommand(ircd: Ircd, me: Session, [nick = '', name = '']: readonly string[]): void {
  const user = ircd.user(nick)
  if (user === undefined) return me.numeric('401', nick, 'No such nick/channel')
  const channel = joined(ircd, me, name)
  if (channel === undefined) return undefined
  if (channel.members.has(user)) return me.numeric('443', user.nick, channel.name, 'is already on channel')
  if (channel.flags.has('i') && !channel.hasAtLeast(me, 'h')) return notOperator(me, channel)
  channel.invited.add(user)
  const line = ircd.from(me, 'INVITE', user.nick, channel.name)
  user.send(line)
  for (const member of channel.members.keys()) {
    if (member !== me && member.caps.has('invite-notify')) member.send(line)
  }
  return me.numeric('341', user.nick, channel.name)
}

function listCommand(ircd: Ircd, me: Session, [names]: readonly string[]): void {
  const wanted =
    names?.startsWith('#') === true ? new Set(names.split(',').map((name) => ircd.fold(name))) : undefined
  me.numeric('321', 'Channel', 'Users  Name')
  for (const [folded, channel] of ircd.channels) {
    const hidden = channel.flags.has('s') && !channel.members.has(me)
    if (hidden || wanted?.has(folded) === false) continue
    me.numeric('322', channel.name, `${channel.members.size}`, channel.topic?.text ?? '')
  }
  me.numeric('323', 'End of /LIST')
}

function notOperator(me: Session, channel: Channel): void {
  me.numeric('482', channel.name, "You're not channel operator")
}
