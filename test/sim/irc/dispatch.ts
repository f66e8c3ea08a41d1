import { COMMANDS } from './commands/index.ts'
import type { Effects } from './effects.ts'
import { NO_EFFECTS } from './effects.ts'
import type { Inlet } from './inlet.ts'
import type { Ircd } from './ircd.ts'
import type { ParsedLine } from './line.ts'
import { cutBytes, parseLine } from './line.ts'
import { lineLimit } from './relay.ts'
import type { Session } from './session.ts'

/** https://ircv3.net/specs/extensions/message-tags: what a client may send as tags. */
const MAX_TAG_BYTES = 4096
const MAX_LABEL_BYTES = 64

/** Processes one line of one client: faults, journal, the command, the answer. */
export function dispatch(ircd: Ircd, me: Session, inlet: Inlet, raw: string): void {
  const fitting = fit(ircd, me, raw)
  if (fitting === undefined || fitting.trim() === '') return
  const line = parseLine(fitting)
  me.effects = effectsOn(ircd, me, line)
  const { drop } = me.effects
  if (drop?.when === 'before') return ircd.disconnect(me, 'Connection reset by peer', drop.how)
  ircd.journal.push({ at: ircd.now(), nick: me.nick, user: me.user, line: fitting, connection: me.id })
  if (drop?.when === 'after') me.mute()
  me.begin(labelOf(line))
  run(ircd, me, line)
  inlet.charge(me.errors * (ircd.settings.flood?.errorCost ?? 0))
  me.finish()
  me.effects = NO_EFFECTS
  if (drop?.when === 'after') ircd.disconnect(me, 'Connection reset by peer', drop.how)
  return undefined
}

/** The line within the limits, or nothing if it was refused. */
function fit(ircd: Ircd, me: Session, raw: string): string | undefined {
  const limit = lineLimit(ircd) - 2
  if (raw.length * 3 <= limit) return raw
  const tagsEnd = raw.startsWith('@') ? raw.indexOf(' ') + 1 : 0
  const tags = raw.slice(0, tagsEnd)
  const body = raw.slice(tagsEnd)
  const tagsFit = tags.length < MAX_TAG_BYTES && Buffer.byteLength(tags) <= MAX_TAG_BYTES
  if (tagsFit && (body.length * 3 <= limit || Buffer.byteLength(body) <= limit)) return raw
  if (tagsFit && ircd.settings.overlong === 'truncate') return tags + cutBytes(body, limit)
  if (tagsFit && ircd.settings.overlong === 'close') ircd.closeWithError(me, 'Request too long')
  // Without the label, as Ergo does: the line was not parsed.
  else me.numeric('417', 'Input line was too long')
  return undefined
}

/** Faults that are for this line. A multiline message is one, where its batch is closed. */
function effectsOn(ircd: Ircd, me: Session, line: ParsedLine): Effects {
  if (line.command === 'BATCH') {
    const closes = me.multiline !== undefined && line.params[0] === `-${me.multiline.ref}`
    return closes ? ircd.faults.rules.take(me.nick, 'PRIVMSG') : NO_EFFECTS
  }
  const inBatch = line.tags['batch'] !== undefined && me.multiline !== undefined
  return inBatch ? NO_EFFECTS : ircd.faults.rules.take(me.nick, line.command)
}

function labelOf({ tags }: ParsedLine): string | undefined {
  const label = tags['label']
  return label === undefined || label === '' || Buffer.byteLength(label) > MAX_LABEL_BYTES ? undefined : label
}

function run(ircd: Ircd, me: Session, line: ParsedLine): void {
  const command = Object.hasOwn(COMMANDS, line.command) ? COMMANDS[line.command] : undefined
  if (!me.registered && command?.early !== true) return me.numeric('451', 'You have not registered')
  if (command === undefined) return me.numeric('421', line.command, 'Unknown command')
  if (line.params.length < (command.min ?? 0)) return me.numeric('461', line.command, 'Not enough parameters')
  const wasRegistered = me.registered
  command.run(ircd, me, line.params, line)
  if (!wasRegistered && me.registered && ircd.faults.takeDropAtWelcome()) {
    me.finish()
    ircd.disconnect(me, 'Connection reset by peer', 'drop')
  }
  return undefined
}
