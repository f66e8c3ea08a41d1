import type { Tags } from './line.ts'

/** A line of a message. Joined to the one before by LF, or by nothing where `concat`. */
export type Part = { text: string; concat: boolean }

/** A `draft/multiline` batch that a client has opened and not closed. */
export type MultilineBatch = {
  ref: string
  target: string
  label: string | undefined
  tags: Tags
  parts: Part[]
  bytes: number
  command: string
  /** refused already: its remaining lines are swallowed */
  failed: boolean
}

export function joinParts(parts: readonly Part[]): string {
  return parts.map((part, i) => (i === 0 || part.concat ? part.text : `\n${part.text}`)).join('')
}
