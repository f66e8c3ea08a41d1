import type { DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys'

type Logger = (typeof DEFAULT_CONNECTION_CONFIG)['logger']

/** libsignal writes these to the console, some with the private keys of the session behind them. */
const SIGNAL_LINES =
  /^(Closing (open )?session|Opening session|Removing old closed session|Session (already|error)|Decrypted message with closed|Failed to decrypt message with any|Migrating session)/
const LEVELS = ['info', 'warn', 'error', 'log'] as const

let isHushed = false

/** Takes what libsignal writes out of the console of this process; the rest passes. */
export function hushSignal(): void {
  if (isHushed) return
  isHushed = true
  for (const level of LEVELS) {
    const write = console[level].bind(console)
    console[level] = (...words: unknown[]): void => {
      if (typeof words[0] !== 'string' || !SIGNAL_LINES.test(words[0])) write(...words)
    }
  }
}

const nothing = (): void => {}

/** A logger for Baileys that writes nothing. */
export const SILENT: Logger = {
  level: 'silent',
  child: () => SILENT,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}
