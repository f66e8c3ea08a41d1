import { formatDuration } from '../config/units.ts'
import { messageOf } from '../model/errors.ts'
import type { Logger } from '../model/logger.ts'

/** Time on top of the drain for closing what is left: files, sockets, the database. */
const CLOSING_MS = 15_000
/** Time for a process that has nothing left to do to end by itself. */
const LINGER_MS = 3000

/**
 * Waits for SIGTERM or SIGINT, then stops. A second signal ends the process at once: the ledger makes that safe.
 * @param lost resolves when the program cannot go on by itself
 * @returns the exit code
 */
export async function untilSignal(
  stop: () => Promise<void>,
  log: Logger,
  drainMs: number,
  lost: Promise<'lost'> = new Promise(() => {}),
): Promise<number> {
  const signal = await firstSignal(lost)
  log.info(
    { signal, drainMs },
    `stopping: work under way has ${formatDuration(drainMs)}; a second signal ends at once`,
  )
  const stuck = setTimeout(() => {
    log.error('stopping takes too long; ending now, the ledger keeps what is left')
    process.exit(1)
  }, drainMs + CLOSING_MS)
  try {
    await stop()
  } catch (error) {
    log.error({ error }, `stopping failed: ${messageOf(error)}`)
    return 1
  } finally {
    clearTimeout(stuck)
  }
  log.info('stopped')
  const code = signal === 'lost' ? 1 : 0
  setTimeout(() => process.exit(code), LINGER_MS).unref()
  return code
}

/**
 * Resolves at the first signal, or when `lost` does; every signal after that ends the process. The listeners stay all
 * the while, for a signal without one kills.
 */
function firstSignal(lost: Promise<'lost'>): Promise<string> {
  return new Promise((resolve) => {
    let stopping = false
    const stop = (why: string) => {
      stopping = true
      resolve(why)
    }
    const heard = (signal: string) => (stopping ? process.exit(1) : stop(signal))
    process.on('SIGTERM', heard)
    process.on('SIGINT', heard)
    void lost.then(stop)
  })
}

/**
 * Brings into the log what would go past it. A fault that nobody caught ends the process; whoever runs it starts it
 * again. Deprecations are the libraries', and nothing that somebody who runs this could mend.
 */
export function guardProcess(log: Logger): void {
  process.noDeprecation = true
  process.removeAllListeners('warning')
  process.on('warning', (warning) => log.warn({ warning }, 'warning of the runtime'))
  process.on('uncaughtException', (error, origin) => {
    log.error({ error, origin }, 'a fault that nobody caught; ending')
    process.exit(70)
  })
}
