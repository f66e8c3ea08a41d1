import type { Ircd } from '../ircd.ts'
import type { ParsedLine } from '../line.ts'
import type { Session } from '../session.ts'

export type Command = {
  /** parameters it needs, else 461 */
  min?: number
  /** allowed before registration has ended */
  early?: boolean
  run: (ircd: Ircd, me: Session, params: readonly string[], line: ParsedLine) => void
}

export type CommandTable = Record<string, Command>
