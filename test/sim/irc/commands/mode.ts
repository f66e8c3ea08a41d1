import type { Channel, ListMode } from '../channel.ts'
import { fullMask, maskMatcher } from '../channel.ts'
import type { Ircd } from '../ircd.ts'
import { CHANNEL_MODES, LIMITS, PREFIXES } from '../isupport.ts'
import type { Session } from '../session.ts'
import type { CommandTable } from './command.ts'

export const modeCommands: CommandTable = { MODE: { min: 1, run: modeCommand } }

type Change = { sign: '+' | '-'; mode: string; param?: string }

const LIST_NUMERICS: Record<ListMode, [entry: string, end: string, text: string]> = {
  b: ['367', '368', 'End of channel ban list'],
  e: ['348', '349', 'End of channel exception list'],
  I: ['346', '347', 'End of channel invite exception list'],
}

function modeCommand(ircd: Ircd, me: Session, [target = '', letters, ...params]: readonly string[]): void {
  if (!target.startsWith('#')) return userMode(ircd, me, target, letters)
  const channel = ircd.channel(target)
  if (channel === undefined) return me.numeric('403', target, 'No such channel')
  if (letters === undefined) {
    me.numeric('324', channel.name, ...channel.modeString(channel.members.has(me)))
    return me.numeric('329', channel.name, `${Math.floor(channel.createdAt.getTime() / 1000)}`)
  }
  const applied: Change[] = []
  for (const change of parse(letters, params)) {
    const done = apply(ircd, me, channel, change)
    if (done !== undefined) applied.push(done)
  }
  return applied.length === 0
    ? undefined
    : ircd.event(channel, ircd.from(me, 'MODE', channel.name, ...format(applied)))
}

/** Which changes take a parameter follows from their class in CHANMODES. */
function parse(letters: string, params: readonly string[]): Change[] {
  let sign: '+' | '-' = '+'
  const rest = [...params]
  const changes: Change[] = []
  for (const mode of letters) {
    if (mode === '+' || mode === '-') {
      sign = mode
      continue
    }
    const takes =
      isMembership(mode) ||
      CHANNEL_MODES.list.includes(mode) ||
      CHANNEL_MODES.always.includes(mode) ||
      (sign === '+' && CHANNEL_MODES.whenSet.includes(mode))
    const param = takes ? rest.shift() : undefined
    changes.push({ sign, mode, ...(param === undefined ? {} : { param }) })
  }
  return changes
}

function format(changes: readonly Change[]): string[] {
  let sign = ''
  let letters = ''
  for (const change of changes) {
    letters += change.sign === sign ? change.mode : change.sign + change.mode
    sign = change.sign
  }
  return [letters, ...changes.flatMap(({ param }) => (param === undefined ? [] : [param]))]
}

/** Does one change; answers it as it is to be announced, or nothing if there is nothing to announce. */
function apply(ircd: Ircd, me: Session, channel: Channel, change: Change): Change | undefined {
  const { mode, param } = change
  const on = change.sign === '+'
  if (isListMode(mode) && param === undefined) return sendList(me, channel, mode)
  if (!isMembership(mode) && !Object.values(CHANNEL_MODES).join('').includes(mode)) {
    return refuse(me, '472', mode, 'is unknown mode char to me')
  }
  if (!channel.hasAtLeast(me, mode === 'v' ? 'h' : 'o')) {
    return refuse(me, '482', channel.name, "You're not channel operator")
  }
  if (isListMode(mode)) return changeList(ircd, me, channel, mode, change)
  if (isMembership(mode)) return changeMembership(ircd, me, channel, change)
  switch (mode) {
    case 'k':
      if (on === (channel.key !== undefined) || (on && (param ?? '') === '')) return undefined
      channel.key = on ? param : undefined
      return { ...change, param: param ?? '*' }
    case 'l': {
      const limit = on ? Number.parseInt(param ?? '', 10) : undefined
      if (limit === channel.limit || Number.isNaN(limit)) return undefined
      channel.limit = limit
      return change
    }
    default:
      if (channel.flags.has(mode) === on) return undefined
      if (on) channel.flags.add(mode)
      else channel.flags.delete(mode)
      return { sign: change.sign, mode }
  }
}

function changeList(
  ircd: Ircd,
  me: Session,
  channel: Channel,
  mode: ListMode,
  change: Change,
): Change | undefined {
  const mask = fullMask(change.param ?? '')
  const list = channel.lists[mode]
  const key = ircd.fold(mask)
  if (list.has(key) === (change.sign === '+')) return undefined
  if (change.sign === '-') list.delete(key)
  else if (list.size >= LIMITS.list) return refuse(me, '478', channel.name, mask, 'Channel ban list is full')
  else list.set(key, { mask, by: me.prefix, at: ircd.now(), matches: maskMatcher(mask, ircd.fold) })
  return { ...change, param: mask }
}

function changeMembership(ircd: Ircd, me: Session, channel: Channel, change: Change): Change | undefined {
  const nick = change.param ?? ''
  const user = ircd.user(nick)
  if (user === undefined) return refuse(me, '401', nick, 'No such nick/channel')
  if (!channel.members.has(user)) return refuse(me, '441', nick, channel.name, "They aren't on that channel")
  if (!channel.setMembership(user, change.mode, change.sign === '+')) return undefined
  return { ...change, param: user.nick }
}

function sendList(me: Session, channel: Channel, mode: ListMode): undefined {
  const [entry, end, text] = LIST_NUMERICS[mode]
  for (const { mask, by, at } of channel.lists[mode].values()) {
    me.numeric(entry, channel.name, mask, by, `${Math.floor(at.getTime() / 1000)}`)
  }
  me.numeric(end, channel.name, text)
  return undefined
}

/** User modes: `B` bot, `i` invisible; `r` (logged in) is the server's. */
function userMode(ircd: Ircd, me: Session, nick: string, letters: string | undefined): void {
  if (ircd.user(nick) === undefined) return me.numeric('401', nick, 'No such nick/channel')
  if (ircd.user(nick) !== me) return me.numeric('502', "Can't change mode for other users")
  if (letters === undefined) return me.numeric('221', `+${[...me.modes].sort().join('')}`)
  const applied = parse(letters, []).filter(({ sign, mode }) => {
    if (!'Bi'.includes(mode)) {
      me.numeric('501', 'Unknown MODE flag')
      return false
    }
    if (me.modes.has(mode) === (sign === '+')) return false
    if (sign === '+') me.modes.add(mode)
    else me.modes.delete(mode)
    return true
  })
  return applied.length === 0 ? undefined : me.send(ircd.from(me, 'MODE', me.nick, ...format(applied)))
}

function isMembership(mode: string): boolean {
  return PREFIXES.some(([letter]) => letter === mode)
}

function isListMode(mode: string): mode is ListMode {
  return mode === 'b' || mode === 'e' || mode === 'I'
}

function refuse(me: Session, numeric: string, ...params: string[]): undefined {
  me.numeric(numeric, ...params)
  return undefined
}
