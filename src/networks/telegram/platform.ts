import type { ICorePlatform } from '@mtcute/core'
import type { Logger } from '../../model/logger.ts'

/** mtcute's levels: 1 error, 2 warning, 3 information, 4 and 5 details. */
export const MTCUTE_WARN = 2

/**
 * What mtcute asks of the system it runs on. It installs no handlers of signals: the program ends connectors by itself.
 * Formats and arguments of its lines are not taken over whole, for they can hold what people write.
 */
export function nodePlatform(log: Logger): ICorePlatform {
  return {
    beforeExit: () => () => undefined,
    log: (_color, level, tag, format, args) => {
      const text = `mtcute ${tag}: ${fill(format, args)}`
      if (level <= 1) log.warn(text)
      else log.debug(text)
    },
    getDefaultLogLevel: () => MTCUTE_WARN,
    getDeviceModel: () => 'Viaduct',
  }
}

const MOST = 200

/** Numbers and errors are shown, objects and texts only by their kind. */
function fill(format: string, args: unknown[]): string {
  let at = 0
  const text = format.replace(/%[a-zA-Z]/g, () => shown(args[at++]))
  return text.slice(0, MOST)
}

function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (typeof value === 'string') return value.length <= 40 ? value : `${value.slice(0, 40)}…`
  return typeof value
}
