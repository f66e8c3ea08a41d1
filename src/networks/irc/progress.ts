import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteMessageId } from '../../model/ids.ts'

/** One thing that goes to the server by itself: a line, or a multiline batch. */
export type Part = {
  command: 'PRIVMSG' | 'NOTICE' | 'TAGMSG' | 'REDACT' | 'RELAYMSG'
  target: string
  /** Absent for tags alone; with LF for a multiline batch. */
  text?: string
  /** Lines of a multiline batch; `concat`: without an LF before it. */
  lines?: { text: string; concat: boolean }[]
  tags?: Record<string, string>
  /** For RELAYMSG: the nick it is said under, and the line that says the same without it. */
  as?: string
  plain?: string
  /** Further parameters, as REDACT has. */
  params?: string[]
}

/** What others see it as. */
export const seenAs = ({ command }: Pick<Part, 'command'>) => (command === 'RELAYMSG' ? 'PRIVMSG' : command)

export type PartState = 'waiting' | 'written' | 'accepted'

export type ProgressPart = Part & {
  state: PartState
  /** Of the connection it was written on. */
  epoch?: string
  /** The nick that wrote it. */
  nick?: string
  /** ISO 8601. */
  at?: string
  id?: RemoteMessageId
}

/** What is kept of a delivery under way, so that another process can tell what was sent. */
export type Progress = {
  v: 1
  parts: ProgressPart[]
  /** A part of which nobody could tell was sent again. */
  resent?: boolean
  /** We were not in the channel although we thought so, and have entered it again. */
  rejoined?: boolean
  note?: string
}

/** Reads what was kept; undefined when it is of another kind. */
export function readProgress(value: unknown): Progress | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { v, parts } = value as { v?: unknown; parts?: unknown }
  return v === 1 && Array.isArray(parts) ? (value as Progress) : undefined
}

export const newProgress = (parts: Part[], note?: string): Progress => ({
  v: 1,
  parts: parts.map((part) => ({ ...part, state: 'waiting' })),
  ...(note !== undefined && { note }),
})

/** The ids of what the other side now holds, in order. */
export const idsOf = (progress: Progress): RemoteMessageId[] =>
  progress.parts.flatMap((part) => (part.id === undefined ? [] : [remoteMessageId(part.id)]))

/** What cannot be said under somebody's nick is said with their name before it. */
export function speakPlainly(part: ProgressPart): void {
  if (part.as === undefined || part.state === 'accepted') return
  part.command = 'PRIVMSG'
  if (part.plain !== undefined) part.text = part.plain
  delete part.as
  delete part.plain
}
