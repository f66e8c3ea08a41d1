import { pino } from 'pino'
import type { DestinationStream, Logger as PinoLogger } from 'pino'
import type { Logger } from '../model/logger.ts'
import { prettyLine } from './pretty.ts'
import { redactFields, redactValues } from './redact.ts'

export type LogOptions = {
  level?: 'debug' | 'info' | 'warn' | 'error'
  /** One line for a person instead of JSON; if not given: when the output is a terminal. */
  pretty?: boolean
  /** Values that must not appear in any line. */
  secrets?: readonly string[]
  /** Where lines go; the standard output if not given. */
  write?: (line: string) => void
}

/** Memory for lines that nobody reads; what comes on top is dropped, so that a stuck reader cannot stop the bridge. */
const BUFFER_BYTES = 16 * 1024 * 1024

/** The program's log: a JSON object per line, without secrets. */
export function createLogger(options: LogOptions = {}): Logger {
  const pretty = options.pretty ?? (options.write === undefined && process.stdout.isTTY)
  const clean = redactValues(options.secrets ?? [])
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      // Errors anywhere in a line are written out below; pino's own way would write `err` twice.
      serializers: { err: (value: unknown) => value },
      hooks: { streamWrite: clean },
    },
    destination(options.write, pretty),
  )
  return redacting(logger)
}

/** Children inherit this; pino's formatter for bindings sees only those of the first logger. */
function redacting(logger: PinoLogger): Logger {
  const child: unknown = Reflect.get(logger, 'child')
  if (typeof child !== 'function') throw new Error('pino has no child loggers')
  Reflect.set(logger, 'child', function redactingChild(this: PinoLogger, fields: Record<string, unknown>) {
    return Reflect.apply(child, this, [redactFields(fields)]) as PinoLogger
  })
  return logger
}

function destination(write: ((line: string) => void) | undefined, pretty: boolean): DestinationStream {
  const plain = write ?? ((line: string) => process.stdout.write(line))
  if (pretty) return { write: (line) => plain(prettyLine(line, write === undefined && process.stdout.isTTY)) }
  if (write !== undefined) return { write }
  return pino.destination({ fd: 1, sync: false, maxLength: BUFFER_BYTES })
}
