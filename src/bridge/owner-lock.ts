import { ViaductError } from '../model/errors.ts'
import type { Database } from '../store/db.ts'

/** Says "Viaduct" to whoever reads pg_locks. */
const LOCK = 0x56696164

/** How often a start looks whether the earlier process has gone. */
const RETRY_MS = 250

/**
 * Makes this process the only one that delivers from the database. The lock dies with the process's connection, so a
 * crash frees it. @throws ViaductError when another process keeps it for longer than `waitMs` milliseconds
 */
export async function ownLanes(
  db: Database,
  waitMs: number,
  onLost: () => void,
): Promise<() => Promise<void>> {
  const giveUpAt = Date.now() + waitMs
  for (;;) {
    const lock = await db.hold(LOCK, onLost)
    if (lock) return lock
    if (Date.now() > giveUpAt) {
      throw new ViaductError(
        'bad_config',
        'Another Viaduct process works on this database. Stop it first; two would deliver everything twice.',
      )
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}
