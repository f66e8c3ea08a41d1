type LogMethod = {
  (fields: Record<string, unknown>, text: string): void
  (text: string): void
}

/** The part of pino that the program uses; floor 0 names it so that every floor can take one. */
export interface Logger {
  debug: LogMethod
  info: LogMethod
  warn: LogMethod
  error: LogMethod
  child(fields: Record<string, unknown>): Logger
}
