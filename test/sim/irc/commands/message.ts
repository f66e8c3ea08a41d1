import { multilineLimits } from '../caps.ts'
import type { Ircd } from '../ircd.ts'
import { LIMITS } from '../isupport.ts'
import type { ParsedLine } from '../line.ts'
import type { MultilineBatch } from '../multiline-batch.ts'
import { deliver } from '../relay.ts'
import type { Session } from '../session.ts'
import type { CommandTable } from './command.ts'

export const messageCommands: CommandTable = {
  PRIVMSG: { run: (ircd, me, _, line) => text(ircd, me, 'PRIVMSG', line) },
  NOTICE: { run: (ircd, me, _, line) => text(ircd, me, 'NOTICE', line) },
  TAGMSG: { run: tagmsg },
  BATCH: { min: 1, run: batchCommand },
}

function text(ircd: Ircd, me: Session, command: 'PRIVMSG' | 'NOTICE', line: ParsedLine): void {
  const ref = line.tags['batch']
  if (ref !== undefined && me.caps.has('batch')) return addPart(ircd, me, command, ref, line)
  const [targets, body] = line.params
  if (targets === undefined) return me.numeric('411', `No recipient given (${command})`)
  if (body === undefined || body === '') return me.numeric('412', 'No text to send')
  const tags = me.caps.has('message-tags') ? line.tags : {}
  return eachTarget(me, targets, (target) =>
    deliver(ircd, me, target, { command, parts: [{ text: body, concat: false }], tags }),
  )
}

function tagmsg(ircd: Ircd, me: Session, [targets]: readonly string[], { tags }: ParsedLine): void {
  if (!me.caps.has('message-tags')) return me.numeric('421', 'TAGMSG', 'Unknown command')
  if (targets === undefined) return me.numeric('411', 'No recipient given (TAGMSG)')
  return eachTarget(me, targets, (target) =>
    deliver(ircd, me, target, { command: 'TAGMSG', parts: [], tags }),
  )
}

function eachTarget(me: Session, targets: string, run: (target: string) => void): void {
  const names = targets.split(',').filter((name) => name !== '')
  if (names.length > LIMITS.targets) return me.numeric('407', targets, 'Too many targets')
  for (const name of names) run(name)
  return undefined
}

/** https://ircv3.net/specs/extensions/multiline: the answer comes when the batch is closed, or refused. */
function batchCommand(ircd: Ircd, me: Session, params: readonly string[], { tags }: ParsedLine): void {
  const [ref = '', type, target] = params
  const open = me.multiline
  if (ref.startsWith('-') && open?.ref === ref.slice(1)) return close(ircd, me, open)
  if (!ref.startsWith('+') || type !== 'draft/multiline' || !me.caps.has('draft/multiline')) {
    return me.fail('BATCH', 'INVALID_BATCH', ref, 'No such batch or batch type')
  }
  if (target === undefined || target.includes(',')) {
    return me.fail('BATCH', 'MULTILINE_INVALID', 'A multiline batch has one target')
  }
  const label = me.deferAnswer()
  me.multiline = { ref: ref.slice(1), target, label, tags, parts: [], bytes: 0, command: '', failed: false }
  return undefined
}

function addPart(ircd: Ircd, me: Session, command: string, ref: string, line: ParsedLine): void {
  const batch = me.multiline
  const [target = '', body = ''] = line.params
  if (batch?.ref !== ref) return me.fail('BATCH', 'INVALID_BATCH', ref, 'No such batch')
  me.deferAnswer()
  if (batch.failed) return undefined
  if (ircd.fold(target) !== ircd.fold(batch.target)) {
    return refuse(me, batch, 'MULTILINE_INVALID_TARGET', batch.target, target)
  }
  const concat = line.tags['draft/multiline-concat'] !== undefined
  batch.bytes += Buffer.byteLength(body) + (batch.parts.length > 0 && !concat ? 1 : 0)
  batch.parts.push({ text: body, concat })
  const limits = multilineLimits(ircd.caps.get('draft/multiline') ?? '')
  if (batch.bytes > limits.maxBytes) return refuse(me, batch, 'MULTILINE_MAX_BYTES', `${limits.maxBytes}`)
  if (batch.parts.length > limits.maxLines)
    return refuse(me, batch, 'MULTILINE_MAX_LINES', `${limits.maxLines}`)
  const mixed = batch.command !== '' && batch.command !== command
  batch.command = command
  return (concat && body === '') || mixed ? refuse(me, batch, 'MULTILINE_INVALID') : undefined
}

function refuse(me: Session, batch: MultilineBatch, code: string, ...context: string[]): void {
  batch.failed = true
  me.answerLabel(batch.label)
  me.fail('BATCH', code, ...context, 'The multiline batch is refused')
}

function close(ircd: Ircd, me: Session, batch: MultilineBatch): void {
  me.multiline = undefined
  if (batch.failed) return void me.deferAnswer()
  me.answerLabel(batch.label)
  const fault = ircd.faults.takeMultilineRefusal()
  if (fault !== undefined) return me.fail('BATCH', fault, batch.target, 'The multiline batch is refused')
  if (batch.parts.every((part) => part.text === ''))
    return me.fail('BATCH', 'MULTILINE_INVALID', 'All lines are blank')
  const command = batch.command === 'NOTICE' ? 'NOTICE' : 'PRIVMSG'
  return deliver(ircd, me, batch.target, { command, parts: batch.parts, tags: batch.tags })
}
