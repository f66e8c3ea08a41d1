import type { Entry } from '../history.ts'
import type { Ircd } from '../ircd.ts'
import { LIMITS } from '../isupport.ts'
import { linesFor } from '../message.ts'
import type { Outgoing } from '../outgoing.ts'
import { lineLimit } from '../relay.ts'
import type { Session } from '../session.ts'
import type { CommandTable } from './command.ts'

export const historyCommands: CommandTable = { CHATHISTORY: { run: chathistory } }

/** Tells whether an entry lies before (-1), at (0) or after (1) a reference. */
type Reference = (entry: Entry, index: number) => number

class Refused extends Error {
  readonly code: string
  constructor(code: string, text: string) {
    super(text)
    this.code = code
  }
}

/** https://ircv3.net/specs/extensions/chathistory */
function chathistory(ircd: Ircd, me: Session, params: readonly string[]): void {
  if (!ircd.settings.history || !ircd.caps.has('draft/chathistory')) {
    return me.numeric('421', 'CHATHISTORY', 'Unknown command')
  }
  const verb = params[0]?.toUpperCase() ?? ''
  try {
    if (verb === 'TARGETS') return targets(ircd, me, params)
    const target = params[1] ?? ''
    const entries = readable(ircd, me, target)
    return send(ircd, me, ircd.channel(target)?.name ?? target, pick(verb, entries, params))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return me.fail(
      'CHATHISTORY',
      error.code,
      ...(verb === '' ? [] : [verb]),
      ...params.slice(1, 2),
      error.message,
    )
  }
}

/** The entries of a target that the asker may see and its capabilities can show. */
function readable(ircd: Ircd, me: Session, target: string): Entry[] {
  const channel = ircd.channel(target)
  if (target.startsWith('#') && channel?.members.has(me) !== true) {
    throw new Refused('INVALID_TARGET', 'Messages could not be retrieved')
  }
  if (ircd.faults.takeEmptyHistory()) return []
  const all = target.startsWith('#') ? ircd.history.entries(target) : ircd.history.entries(me.nick, target)
  const until = ircd.now().getTime() - ircd.faults.historyLagMs
  const playback = me.caps.has('draft/event-playback')
  return all.filter((entry) => {
    const text = 'message' in entry && entry.message.parts.length > 0
    return (text || playback) && (ircd.faults.historyLagMs === 0 || entry.at.getTime() <= until)
  })
}

function pick(verb: string, entries: Entry[], params: readonly string[]): Entry[] {
  const needed = verb === 'BETWEEN' ? 5 : 4
  if (!['LATEST', 'BEFORE', 'AFTER', 'AROUND', 'BETWEEN'].includes(verb)) {
    throw new Refused('INVALID_PARAMS', 'Unknown command')
  }
  if (params.length < needed) throw new Refused('NEED_MORE_PARAMS', 'Missing parameters')
  const limit = limitOf(params[needed - 1])
  const reference = verb === 'LATEST' && params[2] === '*' ? () => 1 : referenceOf(entries, params[2])
  const before = entries.filter((entry, i) => reference(entry, i) < 0)
  const after = entries.filter((entry, i) => reference(entry, i) > 0)
  switch (verb) {
    case 'LATEST':
      return last(after, limit)
    case 'BEFORE':
      return last(before, limit)
    case 'AFTER':
      return after.slice(0, limit)
    case 'AROUND': {
      const older = last(before, limit >> 1)
      return [...older, ...entries.slice(before.length)].slice(0, limit)
    }
    default: {
      const other = referenceOf(entries, params[3])
      const forward = entries.filter((entry, i) => reference(entry, i) > 0 && other(entry, i) < 0)
      const backward = entries.filter((entry, i) => reference(entry, i) < 0 && other(entry, i) > 0)
      return forward.length > 0 ? forward.slice(0, limit) : last(backward, limit)
    }
  }
}

function last(entries: Entry[], limit: number): Entry[] {
  return entries.slice(Math.max(entries.length - limit, 0))
}

function limitOf(text: string | undefined): number {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit <= 0) throw new Refused('INVALID_PARAMS', 'Invalid limit')
  return Math.min(limit, LIMITS.history)
}

function referenceOf(entries: readonly Entry[], text = ''): Reference {
  const [kind, value = ''] = text.split(/=(.*)/s)
  if (kind === 'timestamp') {
    const at = timestamp(value)
    return (entry) => Math.sign(entry.at.getTime() - at)
  }
  if (kind !== 'msgid') throw new Refused('INVALID_MSGREFTYPE', 'Unknown kind of reference')
  const place = entries.findIndex((entry) => entry.msgid === value)
  if (place < 0) throw new Refused('INVALID_PARAMS', 'Unknown message id')
  return (_, index) => Math.sign(index - place)
}

function timestamp(value: string): number {
  const at = Date.parse(value)
  if (Number.isNaN(at)) throw new Refused('INVALID_PARAMS', 'Invalid timestamp')
  return at
}

/** A `chathistory` batch, in which multiline messages are batches again. Without `batch` the lines come alone. */
function send(ircd: Ircd, me: Session, target: string, entries: readonly Entry[]): void {
  const lines = entries.flatMap((entry) => linesOf(ircd, me, entry))
  inBatch(ircd, me, ['chathistory', target], lines)
}

function linesOf(ircd: Ircd, me: Session, entry: Entry): Outgoing[] {
  return 'message' in entry
    ? linesFor(entry.message, me, ircd.settings.name, lineLimit(ircd))
    : [{ ...entry.event }]
}

function inBatch(ircd: Ircd, me: Session, type: readonly string[], lines: readonly Outgoing[]): void {
  if (!me.caps.has('batch')) {
    for (const line of lines) me.send(line)
    return
  }
  const batch = me.nextBatch()
  me.send(ircd.line('BATCH', `+${batch}`, ...type))
  for (const line of lines) {
    const ends = line.command === 'BATCH' && line.params[0]?.startsWith('-') === true
    me.send(line.batch !== undefined || ends ? line : { ...line, batch })
  }
  me.send(ircd.line('BATCH', `-${batch}`))
}

/** Channels and conversations with something between two times, oldest first, each with its latest time. */
function targets(ircd: Ircd, me: Session, params: readonly string[]): void {
  if (params.length < 4) throw new Refused('NEED_MORE_PARAMS', 'Missing parameters')
  const ends = [params[1], params[2]].map((text = '') => {
    const [kind, value = ''] = text.split(/=(.*)/s)
    if (kind !== 'timestamp') throw new Refused('INVALID_MSGREFTYPE', 'A timestamp is needed')
    return timestamp(value)
  })
  const limit = limitOf(params[3])
  const names = [
    ...[...me.channels].map((channel) => channel.name),
    ...ircd.history.conversations(me.nick).map(({ nick }) => nick),
  ]
  const found = names.flatMap((name) => {
    const at = readable(ircd, me, name).at(-1)?.at.getTime()
    return at !== undefined && at > Math.min(...ends) && at < Math.max(...ends) ? [{ name, at }] : []
  })
  const lines = found
    .sort((a, b) => a.at - b.at)
    .slice(0, limit)
    .map(({ name, at }) => ircd.line('CHATHISTORY', 'TARGETS', name, new Date(at).toISOString()))
  inBatch(ircd, me, ['draft/chathistory-targets'], lines)
}
