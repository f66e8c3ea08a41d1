import type { SocketConfig } from '@whiskeysockets/baileys'

const LEVELS = ['debug', 'info', 'log', 'warn', 'error'] as const
const SIGNAL = /[\\/]node_modules[\\/]libsignal[\\/]/

let isHushed = false

/** libsignal writes whole sessions to the console, with their private keys. What it writes goes nowhere. */
export function hushSignal(): void {
  if (isHushed) return
  isHushed = true
  for (const level of LEVELS) {
    const write = console[level].bind(console)
    console[level] = (...words: unknown[]): void => {
      if (!SIGNAL.test(new Error('who writes').stack ?? '')) write(...words)
    }
  }
}

const nothing = (): void => undefined

/** A logger for Baileys that writes nothing: at every level some of its lines hold keys or texts. */
export const SILENT: SocketConfig['logger'] = {
  level: 'silent',
  child: () => SILENT,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}
