import { isBatch, multilineText } from './batch.ts'
import type { Batch } from './batch.ts'
import { stripFormat } from './format-codes.ts'
import type { Reply } from './replies.ts'
import type { Expected } from './ticket.ts'
import type { IrcMessage } from './wire.ts'

/**
 * What proves that a line was taken. T1: an echo with our label; T1b: an answer with our label; T2: an echo; T3: the
 * answer to a later PING, and no error before it.
 */
export type Tier = 'T1' | 'T1b' | 'T2' | 'T3'

/** What a server with `echo-message` gives back to whoever wrote it. */
export const ECHOES: ReadonlySet<string> = new Set(['PRIVMSG', 'NOTICE', 'TAGMSG'])

/** The best evidence that a connection's capabilities allow. */
export function tierOf(has: (cap: string) => boolean): Tier {
  const labels = has('labeled-response') && has('batch')
  if (has('echo-message')) return labels ? 'T1' : 'T2'
  return labels ? 'T1b' : 'T3'
}

export const refuses = ({ class: c }: Reply) => c === 'rejected' || c === 'later' || c === 'fixable'

/** Whether two texts are the same to a reader. */
export const same = (a: string | undefined, b: string | undefined) =>
  a === b || (a !== undefined && b !== undefined && stripFormat(a) === stripFormat(b))

/** The nick that said a line or a multiline message; undefined for other batches. */
export function speakerIn(item: IrcMessage | Batch): string | undefined {
  if (!isBatch(item)) return item.source?.nick
  const [first] = item.items
  const lines = item.batch === 'draft/multiline' && first !== undefined && !isBatch(first)
  return lines ? first.source?.nick : undefined
}

/** What an echo tells of the message. */
export function echoOf(item: IrcMessage | Batch): { msgid?: string; text?: string; at?: Date } {
  const text = isBatch(item) ? multilineText(item) : item.params[1]
  const { msgid, time } = item.tags
  return {
    ...(msgid !== undefined && { msgid }),
    ...(text !== undefined && { text }),
    ...(time !== undefined && !Number.isNaN(Date.parse(time)) && { at: new Date(time) }),
  }
}

/** Whether an error is about something that was written. Names are casefolded by `fold`. */
export function concerns(
  expected: Expected,
  m: IrcMessage,
  reply: Reply,
  fold: (name: string) => string,
): boolean {
  if (m.command === 'FAIL' && m.params[0] !== expected.command && m.params[0] !== 'BATCH') return false
  if (reply.target !== undefined && expected.names.includes(fold(reply.target))) return true
  if (m.command === '421' || m.command === '461') return m.params[1]?.toUpperCase() === expected.command
  if (m.command === 'FAIL') return reply.target === undefined
  if (m.command === '417' || m.command === '411' || m.command === '412') return expected.kind === 'message'
  return expected.kind === 'command' && m.params.slice(1, -1).some((p) => expected.names.includes(fold(p)))
}
