import { LogLevel, LogService, MatrixError } from '@vector-im/matrix-bot-sdk'
import type { Logger } from '../model/logger.ts'

/** Sends the SDK's warnings to our log without what comes with them: bodies, URLs and headers stay out. */
export function useLogger(log: Logger): void {
  const warn = (module: string, ...parts: unknown[]) => log.warn({ module }, parts.map(inWords).join(' '))
  const quiet = () => {}
  LogService.setLogger({ info: quiet, debug: quiet, trace: quiet, warn, error: warn })
  LogService.setLevel(LogLevel.WARN)
}

function inWords(part: unknown): string {
  if (typeof part === 'string') return part.slice(0, 200)
  if (part instanceof MatrixError) return `${part.errcode} (HTTP ${part.statusCode})`
  if (part instanceof Error) return 'code' in part && typeof part.code === 'string' ? part.code : part.name
  if (typeof part === 'object' && part !== null && 'errcode' in part) return String(part.errcode)
  return `(${typeof part})`
}
